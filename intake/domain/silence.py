"""Whether a feed that used to come has stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

METHOD = "longest-gap-v1"
GAP_LEAST = timedelta(days=1)
"""Whatever comes several times a day may still miss one."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a feed came. day_count: days on which it did; gap_longest: between two of these."""

    day_count: int
    last_at: datetime
    gap_longest: timedelta

    def is_silent(self, now: datetime, factor: float, days_min: int) -> bool:
        """For longer than `factor` times its longest gap; feeds of few days have no rhythm yet."""
        allowed = factor * max(self.gap_longest, GAP_LEAST)
        return self.day_count >= days_min and now - self.last_at > allowed


def rhythm(arrivals: Sequence[datetime]) -> Rhythm:
    """Of the last arrival of each day, in order; one or more. With n gaps that are alike, the next
    one is the longest so far by chance once in n + 1 times; far longer than that, hardly ever."""
    gaps = [after - before for before, after in pairwise(arrivals)]
    return Rhythm(len(arrivals), arrivals[-1], max(gaps, default=timedelta(0)))
