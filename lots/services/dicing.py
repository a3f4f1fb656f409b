"""Wafers become dies."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from lots.domain.balance import Holding, lines_of
from lots.domain.chain import rows_sha256
from lots.domain.commands import Command, DieOrder, refuse_repeats
from lots.domain.errors import QuantityError, WrongStepError
from lots.domain.serials import die_serial, wafer_text
from lots.domain.wafers import gross_die_count
from lots.domain.words import LineKind, StepKind, UnitKind, UnitOfMeasure, UnitState, Verb
from lots.models import Event, Lot, Product, Wafer
from lots.selectors.queues import step_with_clocks
from lots.services.frame import Draft, holding_of, locked_lot, once, set_quantity, waits_told
from lots.services.gating import refuse_overtime
from lots.services.lookups import NewUnit, insert_units
from supplychain.base.errors import MalformedError


def dice_lot(
    *, lot: Lot, dies: Sequence[DieOrder], die_product: Product, command: Command
) -> Event:
    """Cut every live wafer of the lot; from now on it is counted in dies, good ones first.

    QuantityError when wafers and dies do not match; WrongStepError away from a dicing step;
    GateError when the lot waited too long.
    """
    refuse_repeats("dies", [(die.wafer_number, die.x, die.y) for die in dies])
    if die_product.kind != UnitKind.DIE:
        raise MalformedError(f"{die_product} is no die.", field="die_product")
    ordered = sorted((die.wafer_number, die.x, die.y, die.is_good) for die in dies)
    wish = {"lot": lot.code, "die_product": die_product.code, "dies": ordered}
    return once(Verb.DICE, wish, command, lambda: _dice(lot, dies, die_product, command))


def _dice(lot: Lot, dies: Sequence[DieOrder], product: Product, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.DICE, command)
    lot.step = step_with_clocks(lot)
    _refuse_undiceable(lot)
    wafers = _wafers_of(lot, dies)
    event_id = uuid4()
    refuse_overtime(lot, command, event_id=event_id)
    units = _units(lot, dies, wafers, product, event_id)
    insert_units(units)
    Wafer.objects.filter(id__in=[wafer.pk for wafer in wafers.values()]).update(is_diced=True)
    good, expected = sum(die.is_good for die in dies), _expected(product, len(wafers))
    cut = lines_of(
        holding_of(lot), {LineKind.CONSUMED: lot.quantity}, {LineKind.CONSUMED: expected}
    )
    made = lines_of(
        Holding(lot.pk, lot.code, UnitOfMeasure.DIE, 0),
        {LineKind.PRODUCED: len(dies), LineKind.REJECT: len(dies) - good},
        {LineKind.PRODUCED: expected},
    )
    set_quantity(lot, Verb.DICE, good)
    lot.unit_of_measure = UnitOfMeasure.DIE
    return Draft(
        Verb.DICE,
        lot,
        id=event_id,
        lines=(*cut, *made),
        step_from_id=lot.step_id,
        payload={
            "wafers": sorted(wafers),
            "die_product": product.code,
            "expected": expected,
            "units_sha256": rows_sha256((unit.serial, unit.state) for unit in units),
            **waits_told([lot]),
        },
        touched=(lot,),
    )


def _refuse_undiceable(lot: Lot) -> None:
    if lot.unit_of_measure != UnitOfMeasure.WAFER:
        raise QuantityError(
            f"Lot {lot.code} holds {lot.unit_of_measure}, not wafers.", lot=lot.code
        )
    if lot.step.kind != StepKind.DICE and not lot.route_version.is_free:
        raise WrongStepError(
            f"Lot {lot.code} is at {lot.step.code}. Move it to a dicing step first.",
            lot=lot.code,
            step=lot.step.code,
        )


def _wafers_of(lot: Lot, dies: Sequence[DieOrder]) -> dict[int, Wafer]:
    """Number → live wafer. The dies must name all of them and no other."""
    live = Wafer.objects.filter(lot=lot, is_scrapped=False)
    wafers = {wafer.number: wafer for wafer in live if wafer.number is not None}
    unlike = tuple(wafers.keys() ^ {die.wafer_number for die in dies})
    if unlike or len(wafers) != lot.quantity:
        raise QuantityError(
            f"Lot {lot.code} has {lot.quantity} wafers ({wafer_text(tuple(wafers))}); "
            f"the dies named differ at wafer {wafer_text(unlike) or 'without number'}.",
            lot=lot.code,
            wafers=sorted(unlike),
        )
    return wafers


def _units(
    lot: Lot,
    dies: Sequence[DieOrder],
    wafers: dict[int, Wafer],
    product: Product,
    event_id: UUID,
) -> list[NewUnit]:
    return [
        NewUnit(
            serial=die_serial(wafers[die.wafer_number].code, die.x, die.y),
            kind=UnitKind.DIE,
            product_id=product.pk,
            lot_id=lot.pk,
            created_by_id=event_id,
            wafer_id=wafers[die.wafer_number].pk,
            x=die.x,
            y=die.y,
            state=UnitState.GOOD if die.is_good else UnitState.REJECT,
        )
        for die in dies
    ]


def _expected(product: Product, wafer_count: int) -> int | None:
    """Gross dies these wafers should give; None where the die's size is not known."""
    if not (product.die_width_mm and product.die_height_mm):
        return None
    return wafer_count * gross_die_count(product.die_width_mm, product.die_height_mm)
