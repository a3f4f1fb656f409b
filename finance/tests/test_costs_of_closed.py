"""Costs approved for days of a closed period: they add what was not there, and change nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import timezone

from finance.domain.words import GapCode
from finance.models import CostVersion, LedgerEntry, Period, PostingGap, StandardCost
from finance.services import (
    approve_cost_version,
    close_period,
    post_events,
    replay_gaps,
    soft_close_period,
)
from finance.tests.line import command
from lots.domain.commands import LotOrder
from lots.domain.words import LotKind, UnitOfMeasure
from lots.services import receive_lot
from supplychain.base.errors import RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

MARCH, APRIL = date(2026, 3, 10), date(2026, 4, 1)


@pytest.fixture
def people(books: None) -> tuple[User, User]:
    """Who prepares, and who approves; March is closed by them."""
    ann, bob = User.objects.create_user("ann"), User.objects.create_user("bob")
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    march = soft_close_period(period=Period.objects.get(code="2026-03"), preparer=ann)
    close_period(period=march, approver=bob)
    return ann, bob


def draft(preparer: User, first_day: date, times: int = 1) -> CostVersion:
    """As what is in force, each cost so many times as high."""
    told = CostVersion.objects.get()
    version = CostVersion.objects.create(code="STD-X", effective_on=first_day, prepared_by=preparer)
    for cost in told.costs.all():
        cost.pk, cost.version, cost.unit_cost = None, version, cost.unit_cost * times
        cost.save(force_insert=True)
    return version


def approve_in_sql(version: CostVersion, approver: User) -> None:
    with transaction.atomic():
        CostVersion.objects.filter(pk=version.pk).update(
            approved_by=approver, approved_at=timezone.now()
        )


def test_costs_that_change_a_closed_period_are_refused(people: tuple[User, User]) -> None:
    version = draft(people[0], MARCH, times=2)
    with pytest.raises(RefusedError, match="Let it apply from a day after 2026-03-31"):
        approve_cost_version(version=version, approver=people[1])
    with pytest.raises(DatabaseError, match="would change costs of a closed period"):
        approve_in_sql(version, people[1])


def test_a_cost_left_out_there_is_a_change_too(people: tuple[User, User]) -> None:
    version = draft(people[0], MARCH)
    version.costs.filter(stage_id="wafer")[0].delete()
    with pytest.raises(RefusedError, match="1 costs otherwise"):
        approve_cost_version(version=version, approver=people[1])
    with pytest.raises(DatabaseError, match="would change costs of a closed period"):
        approve_in_sql(version, people[1])


def of_its_own(version: CostVersion, unit_cost: Decimal | None = None) -> StandardCost:
    """A cost of the foundry's own beside that of all suppliers; as high, unless told."""
    told = version.costs.filter(item__code="TRN3-DIE", stage__code="wafer").get()
    return StandardCost.objects.create(
        version=version, item_id=told.item_id, stage_id=told.stage_id, supplier_id="TSMC",
        unit_cost=told.unit_cost if unit_cost is None else unit_cost, yield_ratio=told.yield_ratio,
    )  # fmt: skip


def test_a_supplier_that_had_the_cost_of_all_has_it_changed_by_one_of_its_own(
    people: tuple[User, User],
) -> None:
    version = draft(people[0], MARCH)
    of_its_own(version, Decimal(1))
    with pytest.raises(RefusedError, match="the first is TRN3-DIE at wafer of TSMC"):
        approve_cost_version(version=version, approver=people[1])
    with pytest.raises(DatabaseError, match="would change costs of a closed period"):
        approve_in_sql(version, people[1])


def test_one_of_its_own_that_is_as_high_changes_nothing(people: tuple[User, User]) -> None:
    version = draft(people[0], MARCH)
    of_its_own(version)
    approve_in_sql(version, people[1])
    late = CostVersion.objects.create(
        code="STD-Y", effective_on=date(2026, 3, 11), prepared_by=people[0]
    )
    for cost in version.costs.filter(supplier=None):
        cost.pk, cost.version = None, late
        cost.save(force_insert=True)
    assert approve_cost_version(version=late, approver=people[1]).approved_by == people[1]


def test_from_the_next_day_on_they_may_be_others(people: tuple[User, User]) -> None:
    version = approve_cost_version(version=draft(people[0], APRIL, times=2), approver=people[1])
    assert version.approved_by == people[1]


def test_a_late_fact_gets_the_cost_it_lacks(people: tuple[User, User]) -> None:
    late = datetime(2026, 3, 20, 12, tzinfo=UTC)
    parts = LotOrder(
        code="H1",
        kind=LotKind.PART,
        product_code="HBM3E-36",
        route_code="P",
        step_code="STOCK",
        custodian_code="OSAT1",
        unit_of_measure=UnitOfMeasure.COMPONENT,
        quantity=10,
    )
    receive_lot(order=parts, command=command(at=late))
    post_events()
    assert PostingGap.objects.get().code == GapCode.MISSING_COST
    version = draft(people[0], MARCH)
    StandardCost.objects.create(
        version=version, item_id="HBM3E-36", stage_id="component", unit_cost=Decimal(300)
    )
    approve_cost_version(version=version, approver=people[1])
    replay_gaps()
    row = LedgerEntry.objects.get(account="inventory")
    assert (row.amount, row.cost_version_id, row.is_prior_period) == (Decimal(3000), "STD-X", True)
