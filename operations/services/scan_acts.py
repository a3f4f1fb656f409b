"""Tracking by scanner alone: a lot's label is the whole command."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from lots.domain.commands import Command
from lots.domain.orders import TrackOutOrder
from lots.models import Event, Lot
from lots.services import answered, locked_lots, track_in, track_out
from operations.domain.turns import Turn, is_double_scan, is_tracking_in
from supplychain.base.errors import RefusedError


def track_once(*, lot: Lot, turn: Turn, equipment: str, command: Command) -> Event:
    """The same, at a second sending of one scan its first answer."""
    return answered(
        command, lambda: track_by_scan(lot=lot, turn=turn, equipment=equipment, command=command)
    )


@transaction.atomic
def track_by_scan(*, lot: Lot, turn: Turn, equipment: str, command: Command) -> Event:
    """Track the lot in, or out with everything good to the next step, as its turn is.

    RefusedError for a label that was read twice; otherwise refused as the verbs are.
    """
    (now,) = locked_lots([lot.pk])
    is_at_work = now.tracked_in_at is not None or now.step.is_outsourced
    own = replace(command, expected_version=now.version)
    if is_tracking_in(turn, is_at_work=is_at_work):
        return track_in(lot=now, command=own, equipment=equipment)
    if is_double_scan(now.tracked_in_at, command.occurred_at):
        raise RefusedError(
            f"Lot {now.code} was tracked in a moment ago. Scan it again when its work is done.",
            lot=now.code,
        )
    return track_out(lot=now, order=TrackOutOrder(), command=own)
