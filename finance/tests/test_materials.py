"""Parts without serials in the books: owed until they have a cost, then carried, and used up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Sum

from finance.models import CostVersion, LedgerEntry, Period, PostingGap, StandardCost
from finance.selectors.balances import rollforward
from finance.selectors.reconciling import reconciliation
from finance.services import post_events, replay_gaps
from finance.services.costs import approve_cost_version
from finance.tests.line import command, good_units, shipped
from lots.domain.commands import AssemblyOrder, Build, LotOrder, Material, Part, Selection
from lots.domain.orders import Reissue, ReissueOrder
from lots.domain.words import LotKind, UnitOfMeasure
from lots.models import Event, Lot, Supplier
from lots.services import assemble_units, receive_lot, reissue_material, scrap_units, ship_lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]
DAY = timedelta(days=40)


def received(code: str, product: str, route: str, unit: UnitOfMeasure, count: int) -> Lot:
    is_chip = unit is UnitOfMeasure.PACKAGE
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code=product,
        route_code=route,
        step_code="STOCK",
        custodian_code="ODM1",
        unit_of_measure=unit,
        quantity=count,
        serials=tuple(f"{code}-{number}" for number in range(count)) if is_chip else (),
    )
    return receive_lot(order=order, command=command()).lot


def server() -> Event:
    chips = received("CHIPS", "TRN3", "A", UnitOfMeasure.PACKAGE, 4)
    parts = tuple(Part(unit.serial, f"C{n}") for n, unit in enumerate(good_units(chips)))
    builds = (Build("S1-0", parts),)
    order = AssemblyOrder(
        "S1", "TRN3-SRV4", "E", "SERVER", "ODM1", builds, materials=(Material("CPUS", 1),)
    )
    return assemble_units(order=order, command=command())


def retold(event: Event, returned_to: str, issued_from: str) -> None:
    order = ReissueOrder((Reissue(returned_to, issued_from, 1),))
    asked = replace(command(), reason="wrong-lot", occurred_at=event.occurred_at + DAY)
    reissue_material(event=event, order=order, command=asked)


def cost_of_cpus(amount: str) -> None:
    old = CostVersion.objects.get(code="STD-2024")
    ann, ben = (User.objects.create_user(name) for name in ("ann", "ben"))
    version = CostVersion.objects.create(
        code="STD-CPU", effective_on=date(2024, 2, 1), prepared_by=ann
    )
    for cost in old.costs.all():
        cost.pk, cost.version = None, version
        cost.save(force_insert=True)
    StandardCost.objects.create(
        version=version, item_id="CPU-1", stage_id="component", unit_cost=Decimal(amount)
    )
    approve_cost_version(version=version, approver=ben)


def test_material_is_owed_until_it_has_a_cost_and_is_then_carried_and_used() -> None:
    received("CPUS", "CPU-1", "P", UnitOfMeasure.COMPONENT, 10)
    server()
    post_events()
    gaps = PostingGap.objects.filter(closed_at=None).order_by("seq")
    assert "no approved standard cost of CPU-1 at stage component" in gaps[0].detail
    assert gaps.count() == 2
    cost_of_cpus("1234.56")
    replay_gaps()
    assert not gaps.exists()
    cpus = LedgerEntry.objects.filter(lot_id="CPUS", account="inventory")
    sums = cpus.aggregate(units=Sum("quantity"), money=Sum("amount"))
    assert sums == {"units": 9, "money": 9 * Decimal("1234.56")}
    used = cpus.get(kind="consumption")
    assert (used.quantity, used.amount, used.stage_id) == (-1, Decimal("-1234.56"), "component")
    conversion = LedgerEntry.objects.filter(account="conversion").aggregate(money=Sum("amount"))
    assert conversion["money"] == 4 * Decimal(4700) + Decimal("1234.56") - Decimal(28000)


def sums_of(**of: object) -> tuple[int, Decimal]:
    found = LedgerEntry.objects.filter(**of).aggregate(units=Sum("quantity"), money=Sum("amount"))
    return found["units"] or 0, found["money"] or Decimal(0)


def posted_as_it_came(_: Event) -> None:
    post_events()


def not_posted_yet(_: Event) -> None:
    pass


@pytest.mark.parametrize("before", [posted_as_it_came, not_posted_yet])
def test_material_told_anew_is_used_from_the_other_lot_in_the_books(
    before: Callable[[Event], None],
) -> None:
    cost_of_cpus("1234.56")
    for code in ("CPUS", "OTHER", "THIRD"):
        received(code, "CPU-1", "P", UnitOfMeasure.COMPONENT, 10)
    event = server()
    before(event)
    conversion = sums_of(account="conversion") if LedgerEntry.objects.exists() else None
    for returned_to, issued_from in (("CPUS", "OTHER"), ("OTHER", "THIRD")):
        retold(event, returned_to, issued_from)
        before(event)
    post_events()
    cost = Decimal("1234.56")
    stock = {code: sums_of(lot_id=code, account="inventory") for code in ("CPUS", "OTHER", "THIRD")}
    assert stock == {"CPUS": (10, 10 * cost), "OTHER": (10, 10 * cost), "THIRD": (9, 9 * cost)}
    if conversion is not None:
        assert sums_of(account="conversion") == conversion
    assert not PostingGap.objects.exists()
    call_command("verify_subledger")
    head = LedgerEntry.objects.latest("seq").seq
    for period in Period.objects.filter(entries__isnull=False).distinct():
        checks = rollforward(period.code, head)
        assert not any(one.quantity.check or one.amount.check for one in checks)
    kinds = LedgerEntry.objects.filter(source_seq__gt=event.seq).values_list("kind", flat=True)
    assert set(kinds) == {"consumption"}


@pytest.mark.parametrize("is_received", [True, False])
def test_material_given_back_to_a_lot_that_ended_elsewhere_reconciles(is_received: bool) -> None:
    cost_of_cpus("1234.56")
    for code in ("CPUS", "OTHER"):
        received(code, "CPU-1", "P", UnitOfMeasure.COMPONENT, 10)
    event = server()
    there = Supplier.objects.get(code="MRVL")
    left = Lot.objects.get(code="CPUS")
    if is_received:
        shipped(left, "MRVL", "STOCK")
    else:
        ship_lot(lot=left, to=there, customer="", command=command())
    scrap_units(
        lot=Lot.objects.get(code="CPUS"),
        selection=Selection(quantity=9),
        command=command(reason="handling"),
    )
    retold(event, "CPUS", "OTHER")
    post_events()
    assert not PostingGap.objects.exists()
    account = "inventory" if is_received else "in-transit"
    cost = Decimal("1234.56")
    assert sums_of(lot_id="CPUS", account=account, custodian_id="MRVL") == (1, cost)
    assert reconciliation().differences == ()
