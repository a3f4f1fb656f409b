"""The false-discovery budget: how sure a flag is among everything that was tested in its week.

A test is one lot at one step weighed by one detector. Those that flagged nothing count in the size
of the family and as a chance of 1, so that what was left alone, as too small to matter, never makes
a flag surer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from quality.domain.findings import Finding
from quality.domain.multiplicity import benjamini_hochberg, lord_plus_plus

METHOD = "bh-week-v1"
WEEK = timedelta(days=7)
WEALTH_SHARE = 0.5
"""Of the budget, what LORD++ starts with."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One lot at one step as one detector weighed it. at: first insertion there.

    p_value: chance of so clear a flag, by all that the detector looked at together; None where
    chance flagged nothing.
    """

    lot_step_id: int
    at: datetime
    p_value: float | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class WeekBooks:
    """A week's tests and flags. family: tests that a flag is set against. sure: within the budget.

    spent: share of the sure ones that may be false, None without any. p_value: chance that none of
    the week's tests had anything to find.
    """

    tests: int
    family: int
    flags: int
    sure: int
    spent: float | None
    p_value: float


def findings_of(weighed: Sequence[Weighed]) -> list[Finding]:
    """Everything found, in the given order."""
    return [finding for one in weighed for finding in one.findings]


def week_of(at: datetime) -> date:
    """The Monday of its week, in UTC."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def combined(parts: Sequence[tuple[float, float]]) -> float:
    """One p-value of several: Bonferroni, each weighed by its own alpha. parts: (p-value, alpha).

    At most the sum of the alphas where any part is at most its own. Source: Genovese 2006.
    """
    total = sum(alpha for _, alpha in parts)
    return min(1.0, *(p_value * total / alpha for p_value, alpha in parts))


def q_values(p_values: Sequence[float], family: int) -> list[float]:
    """Of each flag: of the flags at least as sure, at most this share is false.

    p_values: of the flags, in any order. family: all tests, flagged or not. Source: Benjamini 1995.
    """
    return benjamini_hochberg(p_values, family)


def family_of(tests: int, tests_before: int) -> int:
    """Tests of a week, and never fewer than of the week before: a Monday is not judged mildly."""
    return max(tests, tests_before)


def week_books(tests: int, family: int, values: Sequence[float], budget: float) -> WeekBooks:
    """values: q of each flag."""
    sure = [value for value in values if value <= budget]
    return WeekBooks(
        tests, family, len(values), len(sure), max(sure, default=None), min(values, default=1.0)
    )


def believed(p_values: Sequence[float], budget: float) -> list[tuple[float, bool]]:
    """Of each week, oldest first: what its p-value must not exceed, and whether it keeps to that.

    Of the weeks said to have something to find, at most the budget is wrong over all time.
    """
    return lord_plus_plus(p_values, budget, budget * WEALTH_SHARE)
