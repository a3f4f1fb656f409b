"""A short line for tests: a wafer lot and what is made of it, through the lots services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from lots.domain.commands import (
    AssemblyOrder,
    Build,
    Command,
    DieOrder,
    LotOrder,
    Part,
    Selection,
)
from lots.domain.words import LotKind, LotPurpose, Source, UnitOfMeasure
from lots.models import Event, Lot, Product, Step, Supplier, Unit
from lots.services import (
    assemble_units,
    dice_lot,
    move_lot,
    receive_lot,
    receive_shipment,
    scrap_units,
    ship_lot,
)
from tests.kept_rows import kept

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
numbers = count(1)
Made = TypeVar("Made")


def kept_line(name: str, make: Callable[[], Made]) -> Made:
    """What make does to a line that is empty yet, done once; it begins on the first day."""

    def made() -> tuple[Made, int]:
        return make(), next(numbers)

    global numbers  # noqa: PLW0603
    if not Event.objects.exists():
        numbers = count(1)
    value, number = kept(name, made)
    numbers = count(number)
    return value


def command(*, reason: str = "", at: datetime | None = None) -> Command:
    number = next(numbers)
    return Command(
        op_key=f"test-{number}",
        occurred_at=at or START + timedelta(minutes=number),
        source=Source.SYSTEM,
        reason=reason,
    )


def wafer_lot(
    code: str = "W1",
    wafers: int = 2,
    *,
    at: datetime | None = None,
    purpose: LotPurpose = LotPurpose.PRODUCTION,
    step: str = "START",
) -> Lot:
    order = LotOrder(
        code=code,
        kind=LotKind.WAFER,
        product_code="TRN3-DIE",
        route_code="A",
        step_code=step,
        custodian_code="TSMC",
        unit_of_measure=UnitOfMeasure.WAFER,
        quantity=wafers,
        purpose=purpose,
        wafers=tuple(range(1, wafers + 1)),
    )
    return receive_lot(order=order, command=command(at=at)).lot


def chip_lot(code: str = "M1", chips: int = 2, *, step: str = "RCV") -> Lot:
    """Finished chips from their vendor."""
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code="TRN2",
        route_code="B",
        step_code=step,
        custodian_code="MRVL",
        unit_of_measure=UnitOfMeasure.PACKAGE,
        quantity=chips,
        serials=tuple(f"{code}-{number}" for number in range(chips)),
    )
    return receive_lot(order=order, command=command()).lot


def moved(lot: Lot, *steps: str, at: datetime | None = None) -> Lot:
    for code in steps:
        step = Step.objects.get(route_version=lot.route_version_id, code=code)
        move_lot(lot=lot, to_step=step, command=command(at=at))
    return Lot.objects.get(pk=lot.pk)


def shipped(lot: Lot, to: str, step: str, counted: int | None = None) -> Lot:
    supplier = Supplier.objects.get(code=to)
    ship_lot(lot=lot, to=supplier, customer="", command=command())
    receive_shipment(
        lot=lot,
        custodian=supplier,
        to_step=Step.objects.get(route_version=lot.route_version_id, code=step),
        counted_quantity=lot.quantity if counted is None else counted,
        command=command(),
    )
    return Lot.objects.get(pk=lot.pk)


def diced(lot: Lot, *, good: int, gross: int = 64) -> Lot:
    """Every wafer of the lot into gross dies; the first good ones of all of them pass."""
    places = [(wafer, x) for wafer in range(1, lot.quantity + 1) for x in range(gross)]
    dies = [
        DieOrder(wafer_number=wafer, x=x, y=0, is_good=number < good)
        for number, (wafer, x) in enumerate(places)
    ]
    product = Product.objects.get(code="TRN3-DIE")
    dice_lot(lot=lot, dies=dies, die_product=product, command=command())
    return Lot.objects.get(pk=lot.pk)


def assembled(
    code: str,
    product: str,
    where: tuple[str, str, str],
    parts: list[list[Unit]],
    *,
    first: int = 0,
) -> Lot:
    """One build of the product per list of parts, numbered from first. where: route, step,

    custodian.
    """
    route, step, custodian = where
    order = AssemblyOrder(
        lot_code=code,
        product_code=product,
        route_code=route,
        step_code=step,
        custodian_code=custodian,
        builds=tuple(
            Build(
                serial=f"{code}-{number}",
                parts=tuple(
                    Part(serial=unit.serial, position=str(place))
                    for place, unit in enumerate(units)
                ),
            )
            for number, units in enumerate(parts, first)
        ),
    )
    return assemble_units(order=order, command=command()).lot


def good_units(lot: Lot) -> list[Unit]:
    return list(Unit.objects.filter(lot=lot, state="good").order_by("id"))


def scrapped(
    lot: Lot, reason: str, *, wafers: tuple[int, ...] = (), serials: tuple[str, ...] = ()
) -> Event:
    chosen = Selection(wafers=wafers, serials=serials)
    return scrap_units(lot=lot, selection=chosen, command=command(reason=reason))
