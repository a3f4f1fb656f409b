"""Parts without serials in the books: owed until they have a cost, then carried, and used up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db.models import Sum

from finance.models import CostVersion, LedgerEntry, PostingGap, StandardCost
from finance.services import post_events, replay_gaps
from finance.services.costs import approve_cost_version
from finance.tests.line import command, good_units
from lots.domain.commands import AssemblyOrder, Build, LotOrder, Material, Part
from lots.domain.words import LotKind, UnitOfMeasure
from lots.models import Lot
from lots.services import assemble_units, receive_lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


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


def server() -> None:
    chips = received("CHIPS", "TRN3", "A", UnitOfMeasure.PACKAGE, 4)
    parts = tuple(Part(unit.serial, f"C{n}") for n, unit in enumerate(good_units(chips)))
    builds = (Build("S1-0", parts),)
    order = AssemblyOrder(
        "S1", "TRN3-SRV4", "E", "SERVER", "ODM1", builds, materials=(Material("CPUS", 1),)
    )
    assemble_units(order=order, command=command())


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
