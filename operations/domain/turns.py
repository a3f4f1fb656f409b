"""What a scan of a lot means where lots are tracked in and out by scanner alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

DOUBLE_SCAN = timedelta(seconds=5)


class Turn(StrEnum):
    """What the operator has the scanner do."""

    BOTH = "both"
    IN = "in"
    OUT = "out"


def is_tracking_in(turn: Turn, *, is_at_work: bool) -> bool:
    """Whether the scan begins the work; otherwise it ends it."""
    return not is_at_work if turn is Turn.BOTH else turn is Turn.IN


def is_double_scan(tracked_in_at: datetime | None, now: datetime) -> bool:
    """A scanner that reads a label twice would track out what it has just tracked in."""
    return tracked_in_at is not None and now - tracked_in_at < DOUBLE_SCAN
