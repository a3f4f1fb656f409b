"""Units found missing, bad or extra at a count."""

from __future__ import annotations

from lots.domain.balance import lines_of
from lots.domain.commands import QUANTITY_MAX, Command, Selection
from lots.domain.errors import QuantityError
from lots.domain.words import LineKind, Verb
from lots.models import Event, Lot, Unit, Wafer
from lots.services.frame import (
    Draft,
    holding_of,
    locked_lot,
    once,
    plain_values,
    set_quantity,
)
from lots.services.removing import listed_reason, remove_units
from supplychain.base.errors import MalformedError


def record_loss(*, lot: Lot, selection: Selection, command: Command) -> Event:
    """Units found missing or bad are good no more; named ones are missing, or rejects if bad.

    ReasonError unless command.reason is an active reason code for losses, which says whether they
    count in yield. QuantityError for more than there are.
    """
    wish = {"lot": lot.code, **selection.told()}
    return once(Verb.LOSS, wish, command, lambda: _lose(lot, selection, command))


def _lose(lot: Lot, selection: Selection, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.LOSS, command)
    reason = listed_reason(Verb.LOSS, command.reason)
    before = plain_values(lot, "state")
    removed = remove_units(lot, selection, LineKind.LOSS, reason)
    lines = lines_of(holding_of(lot), {LineKind.LOSS: removed.quantity})
    set_quantity(lot, Verb.LOSS, lot.quantity - removed.quantity)
    return Draft(
        Verb.LOSS,
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


def record_bonus(*, lot: Lot, quantity: int, command: Command) -> Event:
    """Units found extra are good from now on.

    ReasonError unless command.reason is an active reason code for a bonus. QuantityError where
    things have names: a found unit is received by its serial, a wafer by its scribe.
    """
    if not 1 <= quantity <= QUANTITY_MAX:
        raise MalformedError(f"quantity must be from 1 to {QUANTITY_MAX:,}.", field="quantity")
    wish = {"lot": lot.code, "quantity": quantity}
    return once(Verb.BONUS, wish, command, lambda: _find(lot, quantity, command))


def _find(lot: Lot, quantity: int, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.BONUS, command)
    reason = listed_reason(Verb.BONUS, command.reason)
    refuse_nameless(lot)
    lines = lines_of(holding_of(lot), {LineKind.BONUS: quantity})
    lot.quantity += quantity
    return Draft(
        Verb.BONUS,
        lot,
        lines=lines,
        step_from_id=lot.step_id,
        payload={"quantity": quantity, "counts_in_yield": reason.counts_in_yield, "before": {}},
        touched=(lot,),
    )


def refuse_nameless(lot: Lot) -> None:
    """QuantityError when the lot's things have names, so that a bare number adds nothing to it."""
    is_wafers = Wafer.objects.filter(lot=lot, is_diced=False, is_scrapped=False).exists()
    if is_wafers or Unit.objects.filter(lot=lot, kind=lot.unit_of_measure).exists():
        names = "wafers" if is_wafers else "serials"
        raise QuantityError(
            f"Lot {lot.code} is kept by its {names}. Receive what was found under its own name.",
            lot=lot.code,
        )
