"""Material that is given up."""

from __future__ import annotations

from lots.domain.balance import lines_of
from lots.domain.commands import Command, Selection
from lots.domain.words import LineKind, Verb
from lots.models import Event, Lot
from lots.services.frame import (
    Draft,
    holding_of,
    locked_lot,
    once,
    plain_values,
    set_quantity,
)
from lots.services.removing import listed_reason, remove_units


def scrap_units(*, lot: Lot, selection: Selection, command: Command) -> Event:
    """Take units, wafers or a count out of the lot for good.

    What is built into something is not the lot's any more and stays. ReasonError unless
    command.reason is an active reason code for scrap, which says whether it counts in yield;
    QuantityError for too many.
    """
    wish = {"lot": lot.code, **selection.told()}
    return once(Verb.SCRAP, wish, command, lambda: _scrap(lot, selection, command))


def _scrap(lot: Lot, selection: Selection, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.SCRAP, command)
    reason = listed_reason(Verb.SCRAP, command.reason)
    before = plain_values(lot, "state")
    removed = remove_units(lot, selection, LineKind.SCRAP, reason)
    lines = lines_of(holding_of(lot), {LineKind.SCRAP: removed.quantity})
    set_quantity(lot, Verb.SCRAP, lot.quantity - removed.quantity)
    return Draft(
        Verb.SCRAP,
        lot,
        lines=lines,
        step_from_id=lot.step_id,
        payload={
            **selection.told(),
            **removed.told(),
            "counts_in_yield": reason.counts_in_yield,
            "before": before,
        },
        touched=(lot,),
    )
