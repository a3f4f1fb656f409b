"""What each verb of a WIP report does to a lot."""

from __future__ import annotations

from collections.abc import Callable

from intake.domain.errors import RepeatedError, WaitingError
from intake.domain.tables import day_of
from intake.feeds.lookups import lot_by_code, step_of, supplier_of
from intake.feeds.wip_late import bring_back, move_late, parts_split_since, take_along
from intake.feeds.wip_rows import KIND, WipRow, overtaken_by
from intake.feeds.wip_steps import STEP_VERBS
from lots.domain.commands import Command, DieOrder, HoldOrder, LotOrder
from lots.domain.errors import UnlikeLotsError
from lots.domain.serials import wafer_numbers, wafer_text
from lots.domain.words import HoldClass, LotKind, LotState, UnitKind, UnitOfMeasure
from lots.models import Hold, Lot, Product, Step
from lots.services import (
    dice_lot,
    hold_lot,
    merge_lots,
    move_lot,
    receive_lot,
    receive_shipment,
    release_hold,
    scrap_units,
    ship_lot,
    split_lot,
)
from supplychain.base.errors import MalformedError, RefusedError
from testing.selectors import die_positions

PASSING = ("step", "custodian")
DISPOSITION_DEFAULT = "released by the partner"
KIND_OF_LOT = {
    UnitOfMeasure.WAFER: LotKind.WAFER,
    UnitOfMeasure.DIE: LotKind.WAFER,
    UnitOfMeasure.PACKAGE: LotKind.PART,
    UnitOfMeasure.BOARD: LotKind.PART,
    UnitOfMeasure.SWITCH: LotKind.PART,
    UnitOfMeasure.SLED: LotKind.SYSTEM,
    UnitOfMeasure.SERVER: LotKind.SYSTEM,
    UnitOfMeasure.ULTRASERVER: LotKind.SYSTEM,
    UnitOfMeasure.SYSTEM: LotKind.SYSTEM,
    UnitOfMeasure.COMPONENT: LotKind.PART,
}


def _receive(row: WipRow, command: Command) -> None:
    try:
        unit = UnitOfMeasure(row.unit)
    except ValueError as error:
        known = ", ".join(UnitOfMeasure)
        raise MalformedError(f"{row.unit!r} is no unit. Known: {known}.", field="unit") from error
    order = LotOrder(
        code=row.lot,
        kind=KIND_OF_LOT[unit],
        product_code=row.product,
        route_code=row.route,
        step_code=row.step,
        custodian_code=row.supplier,
        unit_of_measure=unit,
        quantity=row.count(),
        wafers=wafer_numbers(row.wafers),
        due_on=day_of(row.due_on, "due_on"),
    )
    receive_lot(order=order, command=command)


def _move(row: WipRow, command: Command) -> str | None:
    lot = lot_by_code(row.lot)
    later = overtaken_by(lot, command)
    if later is not None:
        return move_late(lot, row.step, later, command)
    step = step_of(lot, row.step)
    _refuse_known(lot, step, row)
    parts = parts_split_since(lot, command)
    move_lot(
        lot=lot,
        to_step=step,
        command=command,
        reported_quantity=row.count() if row.quantity else None,
    )
    take_along(parts, row.step, command)
    return None


def _refuse_known(lot: Lot, step: Step, row: WipRow) -> None:
    """RepeatedError for a lot in work at the step already, as a daily report tells it again.

    RefusedError where the report counts otherwise than we do.
    """
    if step.pk != lot.step_id or lot.state != LotState.ACTIVE:
        return
    if row.quantity and row.count() != lot.quantity:
        raise RefusedError(
            f"Lot {lot.code} is at {step.code} already, with {lot.quantity}; the report counts "
            f"{row.count()}. Record the loss or bonus, or drop the row.",
            lot=lot.code,
            quantity=lot.quantity,
        )
    since = f"{lot.step_entered_at:%Y-%m-%d %H:%M %Z}"
    raise RepeatedError(f"Lot {lot.code} is at {step.code} already, since {since}.", lot=lot.code)


def _arrive(row: WipRow, command: Command) -> None:
    lot = lot_by_code(row.lot)
    receive_shipment(
        lot=lot,
        custodian=supplier_of(row.supplier),
        to_step=step_of(lot, row.step),
        counted_quantity=row.count(),
        command=command,
    )


def _split(row: WipRow, command: Command) -> None:
    lot = lot_by_code(row.lot)
    later = overtaken_by(lot, command)
    split_lot(lot=lot, child_code=row.to_lot, selection=row.selection(), command=command)
    if later is not None:
        bring_back(lot, row.to_lot, later, command)


def _merge(row: WipRow, command: Command) -> None:
    """Lots at different places may meet yet: a move of one is still to come."""
    into, lot = lot_by_code(row.to_lot), lot_by_code(row.lot)
    try:
        merge_lots(into=into, lots=[lot], command=command)
    except UnlikeLotsError as error:
        if error.fields.get("attribute") not in PASSING:
            raise
        raise WaitingError(error.detail, lot=lot.code, state=f"at {lot.step.code}") from error


def _hold(row: WipRow, command: Command) -> None:
    try:
        hold_class = HoldClass(row.hold_class or HoldClass.MANUFACTURING)
    except ValueError as error:
        known = ", ".join(HoldClass)
        raise MalformedError(
            f"{row.hold_class!r} is no hold class. Known: {known}.", field="hold_class"
        ) from error
    order = HoldOrder(hold_class=hold_class, reason=row.reason or row.comment)
    hold_lot(lot=lot_by_code(row.lot), order=order, command=command)


def _release(row: WipRow, command: Command) -> None:
    hold = _open_hold(lot_by_code(row.lot), row, command)
    disposition = row.reason or row.comment or DISPOSITION_DEFAULT
    release_hold(hold=hold, disposition=disposition, command=command)


def _open_hold(lot: Lot, row: WipRow, command: Command) -> Hold:
    """The partner's own hold, open when it was released; it cannot release ours."""
    holds = Hold.objects.filter(
        lot=lot,
        released_at__isnull=True,
        placed_by__op_key__startswith=f"{KIND}:{row.supplier}:",
        placed_at__lte=command.occurred_at,
    ).select_related("lot")
    if row.hold_class:
        holds = holds.filter(hold_class=row.hold_class)
    found = list(holds.order_by("placed_at", "id"))
    if not found:
        raise WaitingError(
            f"Lot {lot.code} has no open hold of {row.supplier} to release.", lot=lot.code
        )
    if len(found) > 1:
        raise RefusedError(
            f"{row.supplier} has {len(found)} open holds on lot {lot.code}; the row does not say "
            "which is released. Release it by hand.",
            lot=lot.code,
        )
    return found[0]


def _scrap(row: WipRow, command: Command) -> None:
    scrap_units(lot=lot_by_code(row.lot), selection=row.selection(), command=command)


def _ship(row: WipRow, command: Command) -> None:
    lot = lot_by_code(row.lot)
    later = overtaken_by(lot, command)
    if later is not None:
        raise RefusedError(
            f"It came late: lot {lot.code} went on by {later.verb} since, as if it had never left. "
            "Ask the sender where it is; ship it by hand, or drop the row.",
            lot=lot.code,
        )
    ship_lot(lot=lot, to=supplier_of(row.to), customer="", command=command)


def _dice(row: WipRow, command: Command) -> None:
    """Dies and their quality come from the wafer sort, as sorted here."""
    lot = lot_by_code(row.lot)
    positions = die_positions(lot)
    unsorted = tuple(number for number, dies in positions.items() if not dies)
    if unsorted:
        raise WaitingError(
            f"Wafers {wafer_text(unsorted)} of lot {lot.code} are not sorted to the end yet.",
            lot=lot.code,
        )
    dies = [
        DieOrder(number, die.x, die.y, is_good=die.is_good)
        for number, found in positions.items()
        for die in found
    ]
    dice_lot(lot=lot, dies=dies, die_product=_die_product(lot), command=command)


def _die_product(lot: Lot) -> Product:
    if lot.product.kind != UnitKind.DIE:
        raise RefusedError(f"Lot {lot.code} holds {lot.product}, which is no die.", lot=lot.code)
    return lot.product


VERBS: dict[str, Callable[[WipRow, Command], str | None]] = {
    "receive": _receive,
    "move": _move,
    "arrive": _arrive,
    "split": _split,
    "merge": _merge,
    "hold": _hold,
    "release": _release,
    "scrap": _scrap,
    "ship": _ship,
    "dice": _dice,
    **STEP_VERBS,
}
