"""What a lot does next happens after what it did last."""

from __future__ import annotations

from lots.domain.commands import Command
from lots.domain.errors import OvertakenError
from lots.domain.words import Verb
from lots.models import Event, Lot

PLACING = (
    Verb.RECEIVE, Verb.MOVE, Verb.SHIP, Verb.TRACK_IN, Verb.TRACK_OUT, Verb.REWORK_OUT,
    Verb.REWORK_IN, Verb.REROUTE, Verb.UNBANK,
)  # fmt: skip
"""Verbs that say where a lot is, or that work on it begins or ends."""


def refuse_overtaken(lot: Lot, command: Command) -> None:
    """OvertakenError when it happened before the last thing that brought the locked lot here.

    A lot split off has a past of its own only from then on: a late report may still put it right.
    """
    last = max(lot.step_entered_at, lot.tracked_in_at or lot.step_entered_at)
    if command.occurred_at < last:
        _refuse_after(lot, command, PLACING)


def refuse_before_bank(lot: Lot, command: Command) -> None:
    """OvertakenError for leaving the bank before the locked lot went there."""
    _refuse_after(lot, command, (Verb.BANK,))


def _refuse_after(lot: Lot, command: Command, verbs: tuple[Verb, ...]) -> None:
    later = Event.objects.filter(
        lot=lot, verb__in=verbs, occurred_at__gt=command.occurred_at, corrections__isnull=True
    )
    found = later.order_by("-seq").first()
    if found is not None:
        raise OvertakenError(
            f"Lot {lot.code} went on by {found.verb} at {found.occurred_at:%Y-%m-%d %H:%M} UTC "
            f"(event {found.seq}), after this happened. Give a later time, or correct that event "
            "first.",
            lot=lot.code,
            seq=found.seq,
        )
