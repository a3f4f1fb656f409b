from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

import finance.services.reference as loading
from finance.domain.errors import FrozenCostError
from finance.domain.words import PeriodState
from finance.models import CostVersion, Entity, LedgerEntry, Period, StandardCost, StepStage
from finance.services import (
    approve_cost_version,
    close_period,
    load_reference,
    post_events,
    soft_close_period,
)
from finance.tests.line import wafer_lot
from supplychain.base.errors import ForbiddenError, MissingError, RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def people() -> tuple[User, User]:
    return User.objects.create_user("ann"), User.objects.create_user("bob")


@pytest.fixture
def march(books: None) -> Period:
    """The first period that is not closed."""
    Period.objects.filter(starts_on__lt=date(2026, 3, 1)).delete()
    return Period.objects.get(code="2026-03")


def test_loading_reference_again_changes_nothing() -> None:
    before = StandardCost.objects.count(), StepStage.objects.count(), Period.objects.count()
    load_reference()
    assert before == (
        StandardCost.objects.count(),
        StepStage.objects.count(),
        Period.objects.count(),
    )


def test_other_costs_under_an_approved_version_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = loading._read

    def dearer(name: str) -> object:
        content = read(name)
        if name == "standard_costs":
            content[0]["costs"][0]["unit_cost"] = "1.00"
        return content

    monkeypatch.setattr(loading, "_read", dearer)
    with pytest.raises(FrozenCostError, match="STD-2024"):
        load_reference()


def test_nobody_can_sign_in_with_a_name_under_reference_costs() -> None:
    version = CostVersion.objects.select_related("prepared_by").get()
    assert not version.prepared_by.is_active
    assert not version.prepared_by.has_usable_password()


def test_every_step_of_every_production_route_with_a_cost_has_a_stage() -> None:
    staged = set(StepStage.objects.values_list("step__route_version__route__code", flat=True))
    assert staged == {"A", "B", "C", "D", "E", "P"}


def test_names_are_what_people_read() -> None:
    wafer_lot("W1")
    post_events()
    stage = StepStage.objects.select_related("step", "stage").get(
        step__code="CP1", unit_of_measure="wafer"
    )
    entry = LedgerEntry.objects.latest("seq")
    assert [str(stage), str(stage.stage), str(entry), str(Period.objects.latest("starts_on"))] == [
        "CP1 wafer: bumped-wafer",
        "bumped-wafer",
        "2 vendor-owned 0.000000",
        "2030-12",
    ]


def test_without_an_entity_posting_says_what_to_do() -> None:
    Entity.objects.all().delete()
    wafer_lot("W1")
    with pytest.raises(MissingError, match="load_reference"):
        post_events()


def test_nobody_approves_costs_they_prepared(people: tuple[User, User]) -> None:
    ann, _ = people
    version = CostVersion.objects.create(code="X", effective_on=date(2027, 1, 1), prepared_by=ann)
    with pytest.raises(ForbiddenError):
        approve_cost_version(version=version, approver=ann)


def test_costs_are_approved_once(people: tuple[User, User]) -> None:
    with pytest.raises(RefusedError, match="approved before"):
        approve_cost_version(version=CostVersion.objects.get(), approver=people[0])


def test_costs_that_would_apply_beside_others_are_refused(people: tuple[User, User]) -> None:
    ann, bob = people
    day = CostVersion.objects.get().effective_on
    version = CostVersion.objects.create(code="X", effective_on=day, prepared_by=ann)
    with pytest.raises(RefusedError, match="STD-2024 applies from 2024-01-01 too"):
        approve_cost_version(version=version, approver=bob)


def test_the_database_refuses_a_preparer_as_approver(people: tuple[User, User]) -> None:
    ann, _ = people
    CostVersion.objects.create(code="X", effective_on=date(2027, 1, 1), prepared_by=ann)
    with pytest.raises(DatabaseError, match="four_eyes"):
        CostVersion.objects.filter(code="X").update(
            approved_by=ann, approved_at="2026-01-01T00:00Z"
        )


def test_a_period_is_closed_by_two_people_and_keeps_seq_and_hash(
    march: Period, people: tuple[User, User]
) -> None:
    ann, bob = people
    wafer_lot("W1")
    post_events()
    soft_close_period(period=march, preparer=ann)
    closed = close_period(period=march, approver=bob)
    last = LedgerEntry.objects.latest("seq")
    assert (closed.state, closed.closed_seq, closed.closed_sha256) == (
        PeriodState.CLOSED,
        last.seq,
        last.sha256,
    )


def test_nobody_approves_a_close_they_prepared(march: Period, people: tuple[User, User]) -> None:
    soft_close_period(period=march, preparer=people[0])
    with pytest.raises(ForbiddenError):
        close_period(period=march, approver=people[0])


def test_periods_close_in_order_and_in_two_steps(march: Period, people: tuple[User, User]) -> None:
    april = Period.objects.get(code="2026-04")
    with pytest.raises(RefusedError, match="soft-close it first"):
        close_period(period=april, approver=people[1])
    soft_close_period(period=april, preparer=people[0])
    with pytest.raises(RefusedError, match="Close 2026-03 first"):
        close_period(period=april, approver=people[1])
    with pytest.raises(RefusedError, match="only an open one"):
        soft_close_period(period=april, preparer=people[0])


def test_a_closed_period_takes_no_entry_by_any_door(
    march: Period, people: tuple[User, User]
) -> None:
    wafer_lot("W1")
    post_events()
    soft_close_period(period=march, preparer=people[0])
    close_period(period=march, approver=people[1])
    row = LedgerEntry.objects.latest("seq")
    row.seq, row.line, row.op_key = row.seq + 1, 3, "by-hand"
    with (
        pytest.raises(DatabaseError, match="period 2026-03 is closed"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)
    connection.check_constraints()
