"""Memory for tests: parts without serials or a supplier of their product, and their arrivals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User

from finance.models import CostVersion, StandardCost
from finance.services import approve_cost_version
from finance.tests.line import command
from lots.domain.commands import LotOrder
from lots.domain.words import LotKind, UnitOfMeasure
from lots.models import Lot, Step, Supplier
from lots.services import receive_lot, receive_shipment, ship_lot


def approve_parts_cost() -> None:
    """Stacks of memory, bought from whoever has them first, at 300."""
    ann, bob = User.objects.create_user("ann"), User.objects.create_user("bob")
    before = CostVersion.objects.latest("effective_on")
    version = CostVersion.objects.create(
        code="PARTS", effective_on=before.effective_on + timedelta(days=1), prepared_by=ann
    )
    for cost in before.costs.all():
        cost.pk, cost.version = None, version
        cost.save(force_insert=True)
    StandardCost.objects.create(
        version=version, item_id="HBM3E-36", stage_id="component", unit_cost="300"
    )
    approve_cost_version(version=version, approver=bob)


def at(day: int) -> datetime:
    return datetime(2026, 3, day, 12, tzinfo=UTC)


def parts(code: str = "H1", quantity: int = 10) -> Lot:
    """Without serials, first in the hands of OSAT1."""
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code="HBM3E-36",
        route_code="P",
        step_code="RCV",
        custodian_code="OSAT1",
        unit_of_measure=UnitOfMeasure.COMPONENT,
        quantity=quantity,
    )
    return receive_lot(order=order, command=command(at=at(2))).lot


def sent(lot: Lot, to: str, *, day: int, counted: int | None = None, step: str = "STOCK") -> Lot:
    supplier = Supplier.objects.get(code=to)
    ship_lot(lot=lot, to=supplier, customer="", command=command(at=at(day)))
    lot = Lot.objects.get(pk=lot.pk)
    receive_shipment(
        lot=lot,
        custodian=supplier,
        to_step=Step.objects.get(route_version=lot.route_version_id, code=step),
        counted_quantity=lot.quantity if counted is None else counted,
        command=command(at=at(day) + timedelta(hours=1)),
    )
    return Lot.objects.get(pk=lot.pk)
