"""What a lot does next: in the order of its route, and after what it did last."""

from __future__ import annotations

from lots.domain.commands import Command
from lots.domain.errors import OvertakenError
from lots.domain.rules import Place, refuse_move
from lots.domain.words import Verb
from lots.models import Lot, Step
from lots.selectors.lots import hold_reasons
from lots.selectors.placing import PLACED, events_after

PLACED_OR_WORKED_ON = (*PLACED, Verb.RECEIVE, Verb.TRACK_IN, Verb.UNBANK)


def refuse_order(lot: Lot, to_step: Step, reason: str) -> None:
    """On a route of fixed order: HeldError for later under a hold, WrongStepError back unasked."""
    if not lot.route_version.is_free:
        start = Place(lot.step.code, lot.step.sequence)
        end = Place(to_step.code, to_step.sequence)
        refuse_move(lot.code, start, end, hold_reasons([lot.pk]).get(lot.pk, []), reason)


def refuse_overtaken(lot: Lot, command: Command) -> None:
    """OvertakenError when it happened before the last thing that brought the locked lot here.

    A lot split off has a past of its own only from then on: a late report may still put it right.
    """
    last = max(lot.step_entered_at, lot.tracked_in_at or lot.step_entered_at)
    if command.occurred_at < last:
        _refuse_after(lot, command, PLACED_OR_WORKED_ON)


def refuse_before_bank(lot: Lot, command: Command) -> None:
    """OvertakenError for leaving the bank before the locked lot went there."""
    _refuse_after(lot, command, (Verb.BANK,))


def _refuse_after(lot: Lot, command: Command, verbs: tuple[Verb, ...]) -> None:
    found = events_after(lot, command.occurred_at, verbs).order_by("-seq").first()
    if found is not None:
        raise OvertakenError(
            f"Lot {lot.code} went on by {found.verb} at {found.occurred_at:%Y-%m-%d %H:%M} UTC "
            f"(event {found.seq}), after this happened. Give a later time, or correct that event "
            "first.",
            lot=lot.code,
            seq=found.seq,
        )
