"""Tracking by scanner alone: a lot's label is the whole command."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db import transaction

from lots.domain.commands import Command
from lots.domain.orders import TrackOutOrder
from lots.domain.words import Verb
from lots.models import Event, Lot
from lots.services import answered, first_answer, locked_lots, track_in, track_out
from operations.domain.turns import Turn, is_double_scan, is_tracking_in
from supplychain.base.errors import RefusedError


@dataclass(frozen=True, slots=True)
class ScanWish:
    """One scan: the lot, which way it may go, and where it is worked on."""

    lot: Lot
    turn: Turn
    equipment: str
    command: Command


def track_once(wish: ScanWish) -> Event:
    """The same, at a second sending of one scan its first answer."""
    return answered(wish.command, lambda: track_by_scan(wish))


def tries_to_leave(wish: ScanWish) -> bool:
    """Whether the scan would track the lot out. Nothing is kept; refused as the scan would be.

    No for a scan that was answered before: it does nothing again.
    """
    if first_answer(wish.command.op_key, wish.command.asked_sha256):
        return False
    with transaction.atomic():
        event = track_by_scan(wish)
        transaction.set_rollback(True)
    return event.verb == Verb.TRACK_OUT


@transaction.atomic
def track_by_scan(wish: ScanWish) -> Event:
    """Track the lot in, or out with everything good to the next step, as its turn is.

    RefusedError for a label that was read twice; otherwise refused as the verbs are.
    """
    (now,) = locked_lots([wish.lot.pk])
    is_at_work = now.tracked_in_at is not None or now.step.is_outsourced
    own = replace(wish.command, expected_version=now.version)
    if is_tracking_in(wish.turn, is_at_work=is_at_work):
        return track_in(lot=now, command=own, equipment=wish.equipment)
    if is_double_scan(now.tracked_in_at, own.occurred_at):
        raise RefusedError(
            f"Lot {now.code} was tracked in a moment ago. Scan it again when its work is done.",
            lot=now.code,
        )
    return track_out(lot=now, order=TrackOutOrder(), command=own)
