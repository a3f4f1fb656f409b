"""Material that is given up."""

from __future__ import annotations

from dataclasses import asdict

from lots.domain.balance import lines_of
from lots.domain.commands import Command, Selection
from lots.domain.words import LineKind, UnitState, Verb
from lots.models import Event, Lot, Unit, Wafer
from lots.services.frame import Draft, holding_of, locked_lot, once, set_quantity
from lots.services.selecting import chosen, free_good
from supplychain.base.errors import MalformedError


def scrap_units(*, lot: Lot, selection: Selection, command: Command) -> Event:
    """Take units, wafers or a count out of the lot for good. command.reason says why.

    What is built into something is not the lot's any more and stays. QuantityError for too many.
    """
    if not command.reason.strip():
        raise MalformedError("Scrap needs a reason.", field="reason")
    wish = {"lot": lot.code, **asdict(selection)}
    return once(Verb.SCRAP, wish, command, lambda: _scrap(lot, selection, command))


def _scrap(lot: Lot, selection: Selection, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.SCRAP, command)
    part = chosen(lot, selection)
    lines = lines_of(holding_of(lot), {LineKind.SCRAP: part.quantity})
    Wafer.objects.filter(id__in=part.wafer_ids).update(is_scrapped=True)
    if part.units is not None:
        free = free_good(part.units).values("id")
        Unit.objects.filter(id__in=free).update(state=UnitState.SCRAPPED)
    set_quantity(lot, Verb.SCRAP, lot.quantity - part.quantity)
    return Draft(
        Verb.SCRAP,
        lot,
        lines=lines,
        step_from_id=lot.step_id,
        payload=asdict(selection),
        touched=(lot,),
    )
