"""Lots to try things on. Every one comes through the services, as all lots do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from lots.domain.commands import (
    AssemblyOrder,
    Build,
    Command,
    DieOrder,
    HoldOrder,
    LotOrder,
    Part,
)
from lots.domain.words import HoldClass, LotKind, LotPurpose, Source, UnitOfMeasure
from lots.models import Event, Hold, Lot, Product, Step, Supplier, Unit
from lots.services import assemble_units, dice_lot, hold_lot, receive_lot

T0 = datetime(2025, 3, 1, 8, tzinfo=UTC)
_keys = count(1)


def command(op_key: str = "", *, hours: float = 0, **rest: Any) -> Command:
    return Command(
        op_key=op_key or f"test:{next(_keys)}",
        occurred_at=T0 + timedelta(hours=hours),
        source=Source.PERSON,
        **rest,
    )


def wafer_lot(code: str = "W1", step: str = "START", wafers: int = 3, **rest: Any) -> Lot:
    """Wafers numbered from 1, or those named by wafer_codes."""
    numbers = () if "wafer_codes" in rest else tuple(range(1, wafers + 1))
    order = LotOrder(
        code=code,
        kind=LotKind.WAFER,
        product_code="TRN3-DIE",
        route_code="A",
        step_code=step,
        custodian_code="TSMC",
        unit_of_measure=UnitOfMeasure.WAFER,
        quantity=wafers,
        wafers=numbers,
        **rest,
    )
    return receive_lot(order=order, command=command()).lot


def chip_lot(code: str = "M1", chips: int = 4, product: str = "TRN2", **rest: Any) -> Lot:
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code=product,
        route_code="B",
        step_code="STOCK",
        custodian_code="ODM1",
        unit_of_measure=UnitOfMeasure.PACKAGE,
        quantity=chips,
        serials=rest.pop("serials", tuple(f"{code}-C{number}" for number in range(chips))),
        **rest,
    )
    return receive_lot(order=order, command=command()).lot


def counted_lot(code: str = "N1", quantity: int = 10, **rest: Any) -> Lot:
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code=rest.pop("product_code", "NSW-1"),
        route_code=rest.pop("route_code", "D"),
        step_code=rest.pop("step_code", "RCV"),
        custodian_code="ODM1",
        unit_of_measure=UnitOfMeasure.SWITCH,
        quantity=quantity,
        purpose=rest.pop("purpose", LotPurpose.PRODUCTION),
        **rest,
    )
    return receive_lot(order=order, command=command()).lot


def material_lot(
    code: str = "HBM-1", quantity: int = 100, product: str = "HBM3E-36", **rest: Any
) -> Lot:
    """Parts without serials."""
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code=product,
        route_code="P",
        step_code="STOCK",
        custodian_code="OSAT1",
        unit_of_measure=UnitOfMeasure.COMPONENT,
        quantity=quantity,
        **rest,
    )
    return receive_lot(order=order, command=command()).lot


def die_orders(wafers: int, dies: int, bad: int = 0) -> list[DieOrder]:
    """`dies` a wafer in one row, the first `bad` of each rejected."""
    return [
        DieOrder(wafer, x, 0, is_good=x >= bad)
        for wafer in range(1, wafers + 1)
        for x in range(dies)
    ]


def die_lot(code: str = "W1", wafers: int = 2, dies: int = 4, bad: int = 0) -> Lot:
    lot = wafer_lot(code, step="DICE", wafers=wafers)
    dice(lot, die_orders(wafers, dies, bad))
    return again(lot)


def dice(lot: Lot, dies: list[DieOrder]) -> Event:
    product = Product.objects.get(code="TRN3-DIE")
    return dice_lot(lot=lot, dies=dies, die_product=product, command=command())


def chip_order(lot_code: str, dies: list[Unit], first: int = 0) -> AssemblyOrder:
    """Packages of two dies each, in the order given."""
    builds = tuple(
        Build(
            f"{lot_code}-P{first + number}",
            (Part(dies[2 * number].serial, "D0"), Part(dies[2 * number + 1].serial, "D1")),
        )
        for number in range(len(dies) // 2)
    )
    return AssemblyOrder(lot_code, "TRN3", "A", "COWOS", "OSAT1", builds)


def built(order: AssemblyOrder) -> Lot:
    return assemble_units(order=order, command=command()).lot


def hold(lot: Lot, reason: str = "bin spike") -> Hold:
    order = HoldOrder(HoldClass.QUALITY, reason)
    event = hold_lot(lot=lot, order=order, command=command())
    return Hold.objects.get(placed_by=event)


def good_units(lot: Lot) -> list[Unit]:
    return list(lot.units.filter(state="good").order_by("id"))


def again(lot: Lot) -> Lot:
    return Lot.objects.get(pk=lot.pk)


def step(route: str, code: str) -> Step:
    return Step.objects.get(route_version__route__code=route, code=code)


def supplier(code: str) -> Supplier:
    return Supplier.objects.get(code=code)
