"""When something is told: at once, after quiet hours, with the day's digest, or once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from notices.domain.words import Severity

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600, 840, 1200))
"""Waits after the first, second … failed attempt; after the last one it is given up."""

REPEAT_HOURS = 24


@dataclass(frozen=True, slots=True)
class Hours:
    """When a subscriber wants to hear. quiet_from, quiet_to: both or none, over midnight too.

    digest_at: gather, and tell once a day at this time. zone: of all these times.
    """

    zone: tzinfo
    quiet_from: time | None = None
    quiet_to: time | None = None
    digest_at: time | None = None
    wakes_for_critical: bool = True


def due_at(now: datetime, hours: Hours, severity: Severity) -> datetime:
    """When to tell what became known now; critical at once, if so wished."""
    if severity is Severity.CRITICAL and hours.wakes_for_critical:
        return now
    here = now.astimezone(hours.zone)
    if hours.digest_at is not None:
        return _next(here, hours.digest_at).astimezone(now.tzinfo)
    if hours.quiet_from is None or hours.quiet_to is None:
        return now
    if _is_quiet(here.time().replace(tzinfo=None), hours.quiet_from, hours.quiet_to):
        return _next(here, hours.quiet_to).astimezone(now.tzinfo)
    return now


def next_attempt(now: datetime, attempts: int) -> datetime | None:
    """When to try again after so many failed attempts; None to give up."""
    return now + RETRIES[attempts - 1] if attempts <= len(RETRIES) else None


def _is_quiet(at: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= at < end
    return at >= start or at < end


def _next(here: datetime, at: time) -> datetime:
    today = here.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return today if today > here else today + timedelta(days=1)
