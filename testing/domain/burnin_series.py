"""One quantity of an oven's log: what its samples prove, and where they prove nothing.

Nothing is interpolated. Between two samples a quantity is proven where both are in its window and
no further apart than the longest gap; two quantities are proven together where each is by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from math import isfinite

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sample:
    """value: None where the sensor gave nothing."""

    at: datetime
    value: float | None


@dataclass(frozen=True, slots=True)
class Limits:
    """A closed window. gap_max: longest time that two samples prove."""

    low: float
    high: float
    gap_max: timedelta


@dataclass(frozen=True, slots=True)
class Interval:
    """Proven time, start before end."""

    start: datetime
    end: datetime


class Reason(StrEnum):
    """Why a stretch is not proven."""

    NO_LOG = "no-log"
    GAP = "gap"
    NO_VALUE = "no-value"
    TOO_LOW = "too-low"
    TOO_HIGH = "too-high"


@dataclass(frozen=True, slots=True)
class Interruption:
    """A stretch that is not charged, start before end."""

    start: datetime
    end: datetime
    reason: Reason

    @property
    def minutes(self) -> float:
        """Its length."""
        return (self.end - self.start) / timedelta(minutes=1)


def merged_samples(samples: Iterable[Sample]) -> list[Sample]:
    """In order of time, one per instant; samples of one instant that differ prove nothing.

    A value that is no finite number is one that the sensor did not give.
    """
    merged = []
    for at, group in groupby(sorted(samples, key=_instant), key=_instant):
        values = {one.value if one.value is None or isfinite(one.value) else None for one in group}
        merged.append(Sample(at, values.pop() if len(values) == 1 else None))
    return merged


def _instant(sample: Sample) -> datetime:
    return sample.at


def proven(samples: Sequence[Sample], limits: Limits) -> list[Interval]:
    """Longest stretches in window at both ends of every gap. samples: in order of time."""
    intervals: list[Interval] = []
    for earlier, later in pairwise(samples):
        if _reason(earlier, later, limits) is not None:
            continue
        if intervals and intervals[-1].end == earlier.at:
            intervals[-1] = Interval(intervals[-1].start, later.at)
        else:
            intervals.append(Interval(earlier.at, later.at))
    return intervals


def in_both(first: Sequence[Interval], second: Sequence[Interval]) -> list[Interval]:
    """Time that lies in both; each in order and apart."""
    found: list[Interval] = []
    here = there = 0
    while here < len(first) and there < len(second):
        one, other = first[here], second[there]
        start, end = max(one.start, other.start), min(one.end, other.end)
        if start < end:
            found.append(Interval(start, end))
        if one.end <= other.end:
            here += 1
        else:
            there += 1
    return found


def interruptions(
    samples: Sequence[Sample], limits: Limits, start: datetime, end: datetime
) -> list[Interruption]:
    """Stretches between start and end that the quantity does not prove, each with its reason."""
    found: list[Interruption] = []
    if not samples:
        return [Interruption(start, end, Reason.NO_LOG)] if start < end else []
    _add(found, start, min(samples[0].at, end), Reason.NO_LOG)
    for earlier, later in pairwise(samples):
        reason = _reason(earlier, later, limits)
        if reason is not None:
            _add(found, max(earlier.at, start), min(later.at, end), reason)
    _add(found, max(samples[-1].at, start), end, Reason.NO_LOG)
    return found


def _add(found: list[Interruption], start: datetime, end: datetime, reason: Reason) -> None:
    """Lengthens the last one where it goes on for the same reason."""
    if start >= end:
        return
    if found and found[-1].end == start and found[-1].reason is reason:
        start = found.pop().start
    found.append(Interruption(start, end, reason))


def _reason(earlier: Sample, later: Sample, limits: Limits) -> Reason | None:
    """Why the time between two samples is not proven; None where it is."""
    if later.at - earlier.at > limits.gap_max:
        return Reason.GAP
    for sample in (earlier, later):
        if sample.value is None:
            return Reason.NO_VALUE
        if sample.value < limits.low:
            return Reason.TOO_LOW
        if sample.value > limits.high:
            return Reason.TOO_HIGH
    return None


@dataclass(frozen=True, slots=True)
class LogHour:
    """What a quantity's samples said within one hour from `start`; None without a value."""

    start: datetime
    sample_count: int
    low: float | None
    high: float | None


def by_hour(samples: Sequence[Sample], start: datetime, end: datetime) -> list[LogHour]:
    """Lowest and highest value of each hour from start on; hours without a sample are told too."""
    count = max(-((start - end) // HOUR), 0)
    values: list[list[float]] = [[] for _ in range(count)]
    counts = [0] * count
    for sample in samples:
        place = (sample.at - start) // HOUR
        if 0 <= place < count:
            counts[place] += 1
            if sample.value is not None:
                values[place].append(sample.value)
    return [
        LogHour(
            start + place * HOUR,
            counts[place],
            min(values[place], default=None),
            max(values[place], default=None),
        )
        for place in range(count)
    ]


def reached_at(intervals: Iterable[Interval], hours: float) -> datetime | None:
    """When proven time added up to so many hours; None if it did not. intervals: in order."""
    left = timedelta(hours=hours)
    for interval in intervals:
        length = interval.end - interval.start
        if length >= left:
            return interval.start + left
        left -= length
    return None
