"""The acts of docs/golden-lot.md, carried out by the services that people and feeds use."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from finance.tests.golden_page import PageError
from finance.tests.line import command, moved
from lots.domain.commands import AssemblyOrder, Build, DieOrder, LotOrder, Material, Part, Selection
from lots.domain.orders import Loss, TrackOutOrder
from lots.domain.words import LotKind, UnitOfMeasure
from lots.models import Genealogy, Lot, Product, Step, Supplier, Unit
from lots.services import (
    assemble_units,
    bin_down,
    dice_lot,
    merge_lots,
    receive_lot,
    receive_shipment,
    rework_in,
    rework_out,
    scrap_units,
    ship_lot,
    split_lot,
    swap_part,
    track_out,
)
from lots.services.selecting import free_good
from racks.services import RackOrder, place_rack, place_unit
from testing.services import record_run
from testing.tests.builders import Part as Insertion
from testing.tests.builders import Session

Act = Callable[..., object]
"""Takes the time of the act and the words of its pattern, by name."""

ACTS: dict[re.Pattern[str], Act] = {}


def carry_out(act: str, at: datetime) -> None:
    """PageError for an act that the page has no words for."""
    for pattern, work in ACTS.items():
        if found := pattern.fullmatch(act):
            work(at, **found.groupdict(""))
            return
    raise PageError(f"{act!r} is no act")


def said(pattern: str) -> Callable[[Act], Act]:
    """How the page says the act: {name} is a word, {count} a number; what is in [] may lack."""
    words = re.sub(r"\[(.*)\]", r"(?:\1)?", pattern)
    words = re.sub(r"\{(count|good|bad)\}", r"(?P<\1>\\d+)", words)
    words = re.sub(r"\{sources\}", r"(?P<sources>.+)", words)
    words = re.sub(r"\{(\w+)\}", r"(?P<\1>[\\w-]+)", words)

    def known(act: Act) -> Act:
        ACTS[re.compile(words)] = act
        return act

    return known


def lot_of(code: str) -> Lot:
    return Lot.objects.get(code=code)


def step_of(lot: Lot, code: str) -> Step:
    return Step.objects.get(route_version=lot.route_version_id, code=code)


def free_units(lot: Lot) -> list[Unit]:
    own = Unit.objects.filter(lot=lot, kind=lot.unit_of_measure)
    return list(free_good(own).order_by("id"))


def whole_wafers(lot: Lot) -> list[int]:
    """Numbers of those not scrapped, in order."""
    whole = lot.wafers.filter(is_scrapped=False).order_by("number")
    return [number for number in whole.values_list("number", flat=True) if number is not None]


def last_of(lot: Lot, count: int) -> Selection:
    """The last so many wafers or units of the lot."""
    if lot.unit_of_measure == UnitOfMeasure.WAFER:
        return Selection(wafers=tuple(whole_wafers(lot)[-count:]))
    return Selection(serials=tuple(unit.serial for unit in free_units(lot))[-count:])


@said("receive {lot}: {count} {unit}s of {product} at {route}/{step} by {custodian}")
def _receive(at: datetime, **words: str) -> None:
    count, unit = int(words["count"]), UnitOfMeasure(words["unit"])
    is_wafers = unit is UnitOfMeasure.WAFER
    order = LotOrder(
        code=words["lot"],
        kind=LotKind.WAFER if is_wafers else LotKind.PART,
        product_code=words["product"],
        route_code=words["route"],
        step_code=words["step"],
        custodian_code=words["custodian"],
        unit_of_measure=unit,
        quantity=count,
        wafers=tuple(range(1, count + 1)) if is_wafers else (),
    )
    receive_lot(order=order, command=command(at=at))


@said("move {lot} to {step}")
def _move(at: datetime, lot: str, step: str) -> None:
    moved(lot_of(lot), step, at=at)


@said("ship {lot} to {to}")
def _ship(at: datetime, lot: str, to: str) -> None:
    there = Supplier.objects.get(code=to)
    ship_lot(lot=lot_of(lot), to=there, customer="", command=command(at=at))


@said("arrive {lot} at {step} with {custodian}, {count} counted")
def _arrive(at: datetime, **words: str) -> None:
    lot = lot_of(words["lot"])
    receive_shipment(
        lot=lot,
        custodian=Supplier.objects.get(code=words["custodian"]),
        to_step=step_of(lot, words["step"]),
        counted_quantity=int(words["count"]),
        command=command(at=at),
    )


@said("scrap {count} of {lot}: {reason}")
def _scrap(at: datetime, count: str, lot: str, reason: str) -> None:
    found = lot_of(lot)
    part = last_of(found, int(count))
    scrap_units(lot=found, selection=part, command=command(at=at, reason=reason))


@said("split {count} of {lot} into {child}")
def _split(at: datetime, count: str, lot: str, child: str) -> None:
    found = lot_of(lot)
    part = last_of(found, int(count))
    split_lot(lot=found, child_code=child, selection=part, command=command(at=at))


@said("merge {other} into {lot}")
def _merge(at: datetime, other: str, lot: str) -> None:
    merge_lots(into=lot_of(lot), lots=[lot_of(other)], command=command(at=at))


@said("bin {count} of {lot} into {child} as {product}: {reason}")
def _bin(at: datetime, **words: str) -> None:
    lot = lot_of(words["lot"])
    bin_down(
        lot=lot,
        child_code=words["child"],
        product_code=words["product"],
        selection=last_of(lot, int(words["count"])),
        command=command(at=at, reason=words["reason"]),
    )


@said("dice {lot}: {good} good, {bad} bad")
def _dice(at: datetime, lot: str, good: str, bad: str) -> None:
    found = lot_of(lot)
    wanted, numbers = int(good), whole_wafers(found)
    dies = [
        DieOrder(
            wafer_number=numbers[place % len(numbers)],
            x=place // len(numbers),
            y=0,
            is_good=place < wanted,
        )
        for place in range(wanted + int(bad))
    ]
    dice_lot(lot=found, dies=dies, die_product=found.product, command=command(at=at))


@said("assemble {lot}: {count} of {product} at {route}/{step} by {custodian} from {sources}")
def _assemble(at: datetime, **words: str) -> None:
    count = int(words["count"])
    parts, materials = _sources(words["sources"])
    each, rest = divmod(len(parts), count)
    if rest:
        raise PageError(f"{len(parts)} parts do not go into {count}")
    builds = tuple(
        Build(f"{words['lot']}-{number}", _places(parts[number * each : (number + 1) * each]))
        for number in range(count)
    )
    order = AssemblyOrder(
        lot_code=words["lot"],
        product_code=words["product"],
        route_code=words["route"],
        step_code=words["step"],
        custodian_code=words["custodian"],
        builds=builds,
        materials=materials,
    )
    assemble_units(order=order, command=command(at=at))


def _sources(text: str) -> tuple[list[Unit], tuple[Material, ...]]:
    parts: list[Unit] = []
    materials = []
    for source in text.split(", "):
        count, code = source.split(" of ")
        lot = lot_of(code)
        if lot.unit_of_measure == UnitOfMeasure.COMPONENT:
            materials.append(Material(code, int(count)))
        else:
            parts += free_units(lot)[: int(count)]
    return parts, tuple(materials)


def _places(units: list[Unit]) -> tuple[Part, ...]:
    return tuple(Part(unit.serial, str(place)) for place, unit in enumerate(units))


@said("track out {lot} to {step}[, {count} scrapped: {reason}]")
def _track_out(at: datetime, **words: str) -> None:
    lot = lot_of(words["lot"])
    losses = (Loss(words["reason"], last_of(lot, int(words["count"]))),) if words["count"] else ()
    order = TrackOutOrder(to_step_code=words["step"], losses=losses)
    track_out(lot=lot, order=order, command=command(at=at))


@said("rework out {lot} to {route}/{step}, back at {back}: {reason}")
def _rework_out(at: datetime, **words: str) -> None:
    rework_out(
        lot=lot_of(words["lot"]),
        route_code=words["route"],
        step_code=words["step"],
        return_step_code=words["back"],
        command=command(at=at, reason=words["reason"]),
    )


@said("test {lot}")
def _test(_: datetime, lot: str) -> None:
    """Every unit passes at the step where the lot stands."""
    found = lot_of(lot)
    session = Session(
        lot_id=found.pk,
        step_id=found.step_id,
        product_id=found.product_id,
        parts=[Insertion(part_id=unit.serial) for unit in free_units(found)],
        parameters=(),
    )
    record_run(session.record())


@said("rework in {lot}")
def _rework_in(at: datetime, lot: str) -> None:
    rework_in(lot=lot_of(lot), command=command(at=at))


@said("place {lot} in rack {rack}")
def _place(at: datetime, lot: str, rack: str) -> None:
    units = list(Unit.objects.filter(lot__code=lot).order_by("id"))
    order = RackOrder(
        site_code="SITE-1",
        site_name="First site",
        country="US",
        hall_code="HALL-1",
        position_code="A1",
        row="A",
        column=1,
        rack_serial=rack,
        slot_count=len(units),
        installed_at=at,
    )
    place_rack(order=order)
    for slot, unit in enumerate(units, start=1):
        place_unit(unit=unit, rack_serial=rack, slot_number=slot, at=at)


@said("swap a part of {lot} for one of {spare}, returned to {back}")
def _swap(at: datetime, lot: str, spare: str, back: str) -> None:
    edge = Genealogy.objects.filter(parent__lot__code=lot, valid_to=None).order_by("id")[0]
    swap_part(
        parent=edge.parent,
        position=edge.position,
        new_serial=free_units(lot_of(spare))[0].serial,
        returned_lot_code=back,
        command=command(at=at),
    )


def lesser_product(code: str, like: str) -> None:
    """A product of the kind, maker and family of another."""
    model = Product.objects.get(code=like)
    model.pk, model.code, model.name = None, code, f"{model.name}, lesser grade"
    model.save(force_insert=True)
