"""When a partner's file is due, and whether it is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every so many hours, or on weekdays at an hour of a zone.

    hours: 0 with weekdays. weekdays: 0 is Monday; empty with hours. grace: how long after it is
    due a file counts as in time.
    """

    hours: int
    weekdays: tuple[int, ...]
    at: time
    zone: tzinfo
    grace: timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """due_at: when the file that is looked for is due. is_late: it is due, and not here."""

    due_at: datetime
    is_late: bool


def weekday_numbers(text: str) -> tuple[int, ...]:
    """`mon, thu` as (0, 3), rising; () for no text. ValueError naming what is no day."""
    words = [word.strip().lower()[:3] for word in text.split(",") if word.strip()]
    for word in words:
        if word not in DAYS:
            raise ValueError(word)
    return tuple(sorted({DAYS.index(word) for word in words}))


def standing(
    schedule: Schedule, since: datetime, arrived_at: datetime | None, now: datetime
) -> Standing:
    """Where an expectation stands now. since: nothing is expected before.

    A file that comes after the grace of one date counts for the next one.
    """
    if schedule.hours:
        due_at = max(arrived_at or since, since) + timedelta(hours=schedule.hours)
        return Standing(due_at, now > due_at + schedule.grace)
    last = _due_before(schedule, now - schedule.grace)
    if last < since:
        return Standing(_due_after(schedule, max(now, since)), is_late=False)
    opened_at = _due_before(schedule, last - timedelta(microseconds=1)) + schedule.grace
    if arrived_at is None or arrived_at <= opened_at:
        return Standing(last, is_late=True)
    return Standing(_due_after(schedule, max(arrived_at, now)), is_late=False)


def _due_before(schedule: Schedule, instant: datetime) -> datetime:
    """The newest due date at or before the instant."""
    return max(due for due in _around(schedule, instant) if due <= instant)


def _due_after(schedule: Schedule, instant: datetime) -> datetime:
    return min(due for due in _around(schedule, instant) if due > instant)


def _around(schedule: Schedule, instant: datetime) -> list[datetime]:
    """Due dates of the week before and after, by the wall clock of the schedule's zone."""
    today = instant.astimezone(schedule.zone).date()
    days = [today + timedelta(days=offset) for offset in range(-8, 9)]
    return [
        datetime.combine(day, schedule.at, schedule.zone)
        for day in days
        if day.weekday() in schedule.weekdays
    ]
