"""Verbs of a WIP report that say how work at a step went."""

from __future__ import annotations

from collections.abc import Callable

from intake.domain.tables import count_of
from intake.feeds.lookups import lot_by_code
from intake.feeds.wip_rows import WipRow, overtaken_by, refuse_overtaken
from lots.domain.commands import Command, Selection
from lots.domain.orders import Loss, TrackOutOrder
from lots.domain.words import LineKind
from lots.models import Lot
from lots.services import (
    bank_lot,
    bin_down,
    record_bonus,
    record_loss,
    rework_in,
    rework_out,
    track_in,
    track_out,
    unbank_lot,
)
from supplychain.base.errors import RefusedError


def _track_in(row: WipRow, command: Command) -> None:
    lot = lot_by_code(row.lot)
    refuse_overtaken(lot, command)
    track_in(lot=lot, command=command, equipment=row.equipment)


def _track_out(row: WipRow, command: Command) -> None:
    """What was lost is named by serials or wafers, or counted in `loss`."""
    lot = lot_by_code(row.lot)
    losses = _losses(row)
    if losses:
        _refuse_late_loss(lot, command)
    refuse_overtaken(lot, command)
    order = TrackOutOrder(to_step_code=row.step, losses=losses)
    track_out(lot=lot, order=order, command=command)


def _losses(row: WipRow) -> tuple[Loss, ...]:
    lost = count_of(row.loss, "loss") if row.loss else 0
    if row.serials or row.wafers:
        selection = row.selection()
    elif lost:
        selection = Selection(quantity=lost)
    else:
        return ()
    return (Loss(reason=row.reason, selection=selection, kind=LineKind.LOSS),)


def _refuse_late_loss(lot: Lot, command: Command) -> None:
    """RefusedError: passing it over would lose the units that it takes out."""
    if overtaken_by(lot, command) is not None:
        raise RefusedError(
            f"It came late: lot {lot.code} stands at {lot.step.code} by now. Change the verb to "
            "loss to take out what was lost, or drop the row.",
            lot=lot.code,
        )


def _loss(row: WipRow, command: Command) -> None:
    record_loss(lot=lot_by_code(row.lot), selection=row.selection(), command=command)


def _bonus(row: WipRow, command: Command) -> None:
    record_bonus(lot=lot_by_code(row.lot), quantity=row.count(), command=command)


def _rework_out(row: WipRow, command: Command) -> None:
    lot = lot_by_code(row.lot)
    refuse_overtaken(lot, command)
    rework_out(
        lot=lot,
        route_code=row.route,
        step_code=row.step,
        return_step_code=row.return_step,
        command=command,
    )


def _rework_in(row: WipRow, command: Command) -> None:
    lot = lot_by_code(row.lot)
    refuse_overtaken(lot, command)
    rework_in(lot=lot, command=command, to_step_code=row.step)


def _bank(row: WipRow, command: Command) -> None:
    lot = lot_by_code(row.lot)
    refuse_overtaken(lot, command)
    bank_lot(lot=lot, command=command)


def _unbank(row: WipRow, command: Command) -> None:
    lot = lot_by_code(row.lot)
    refuse_overtaken(lot, command)
    unbank_lot(lot=lot, command=command)


def _bin(row: WipRow, command: Command) -> None:
    bin_down(
        lot=lot_by_code(row.lot),
        child_code=row.to_lot,
        product_code=row.product,
        selection=row.selection(),
        command=command,
    )


STEP_VERBS: dict[str, Callable[[WipRow, Command], str | None]] = {
    "track-in": _track_in,
    "track-out": _track_out,
    "loss": _loss,
    "bonus": _bonus,
    "rework-out": _rework_out,
    "rework-in": _rework_in,
    "bank": _bank,
    "unbank": _unbank,
    "bin": _bin,
}
