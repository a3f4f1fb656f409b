"""The plant calendar: which day and which period a fact counts in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from finance.domain.errors import DayAheadError, MissingPeriodError
from finance.domain.words import PeriodState

CLOCKS_APART = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """A period and whether it still takes postings. Both days belong to it."""

    code: str
    starts_on: date
    ends_on: date
    state: PeriodState


@dataclass(frozen=True, slots=True)
class PostingDay:
    """effective_on: the plant's day of the fact. is_prior: the fact is older than its period."""

    effective_on: date
    period: str
    is_prior: bool


def plant_day(occurred_at: datetime, zone: tzinfo) -> date:
    """The calendar day at the plant. occurred_at: aware."""
    assert occurred_at.tzinfo is not None
    return occurred_at.astimezone(zone).date()


def is_ahead(effective_on: date, today: date) -> bool:
    """Whether that day has not come yet. Clocks may be a day apart."""
    return effective_on > today + CLOCKS_APART


def refuse_ahead(effective_on: date, today: date) -> None:
    """DayAheadError for a day that has not come."""
    if is_ahead(effective_on, today):
        raise DayAheadError(
            f"It should have happened on {effective_on}, and that day has not come. Correct the "
            "event; otherwise it is posted when it has.",
            effective_on=effective_on.isoformat(),
        )


def posting_day(effective_on: date, periods: Iterable[PeriodFacts]) -> PostingDay:
    """The open period the day lies in; else the next open one, marked prior-period.

    MissingPeriodError when none is open on or after that day.
    """
    later = [
        period
        for period in periods
        if period.ends_on >= effective_on and period.state is PeriodState.OPEN
    ]
    if not later:
        raise MissingPeriodError(
            f"No period is open on or after {effective_on}. Open one, then replay.",
            effective_on=effective_on.isoformat(),
        )
    first = min(later, key=lambda period: period.starts_on)
    return PostingDay(effective_on, first.code, first.starts_on > effective_on)
