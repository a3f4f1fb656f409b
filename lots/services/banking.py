"""Lots parked off their route on purpose."""

from __future__ import annotations

from lots.domain.balance import lines_of
from lots.domain.commands import Command
from lots.domain.words import LotState, Verb
from lots.models import Event, Lot
from lots.services.frame import Draft, holding_of, locked_lot, once, plain_values
from lots.services.ordering import refuse_before_bank, refuse_overtaken


def bank_lot(*, lot: Lot, command: Command) -> Event:
    """Park the lot at its step; it is no work in process until it is taken out again.

    WrongStateError while it is tracked in.
    """
    return once(Verb.BANK, {"lot": lot.code}, command, lambda: _park(lot, Verb.BANK, command))


def unbank_lot(*, lot: Lot, command: Command) -> Event:
    """The lot goes on where it was parked, and has waited for work there all the while."""
    return once(Verb.UNBANK, {"lot": lot.code}, command, lambda: _park(lot, Verb.UNBANK, command))


def _park(lot: Lot, verb: Verb, command: Command) -> Draft:
    lot = locked_lot(lot, verb, command)
    refuse_overtaken(lot, command)
    if verb is Verb.UNBANK:
        refuse_before_bank(lot, command)
    before = plain_values(lot, "state", "step_entered_at", "waiting_since")
    if verb is Verb.BANK:
        lot.state = LotState.BANKED
    else:
        lot.state, lot.waiting_since = LotState.ACTIVE, lot.waits_since
        lot.step_entered_at = command.occurred_at
    return Draft(
        verb,
        lot,
        lines=lines_of(holding_of(lot)),
        step_from_id=lot.step_id,
        payload={"before": before},
        touched=(lot,),
        fields=("waiting_since",),
    )
