"""The burn-in clock: only proven time in every window is charged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from math import isfinite

from testing.domain.records import LogLine

HOUR = timedelta(hours=1)
ROUNDING_HOURS = 1e-9


@dataclass(frozen=True, slots=True)
class BurnInWindow:
    """Closed windows in which time counts. gap_max: longest time that two lines prove."""

    temperature_celsius_min: float
    temperature_celsius_max: float
    voltage_min: float
    voltage_max: float
    gap_max: timedelta


@dataclass(frozen=True, slots=True)
class Interval:
    """Proven time, start before end."""

    start: datetime
    end: datetime


def is_in_window(line: LogLine, window: BurnInWindow) -> bool:
    """Whether both conditions were in their windows; a missing or NaN value never is."""
    temperature, voltage = line.temperature_celsius, line.voltage
    if temperature is None or voltage is None:
        return False
    return (
        window.temperature_celsius_min <= temperature <= window.temperature_celsius_max
        and window.voltage_min <= voltage <= window.voltage_max
    )


def merged_log(log: Iterable[LogLine]) -> list[LogLine]:
    """Lines in order of time, one per instant; lines that contradict each other prove nothing.

    A value that is no finite number is one that the sensor did not give.
    """
    merged = []
    for instant, group in groupby(sorted(log, key=_instant), key=_instant):
        lines = [
            LogLine(instant, _finite(line.temperature_celsius), _finite(line.voltage))
            for line in group
        ]
        agree = all(line == lines[0] for line in lines)
        merged.append(lines[0] if agree else LogLine(instant, None, None))
    return merged


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _instant(line: LogLine) -> datetime:
    return line.measured_at


def proven_intervals(log: Sequence[LogLine], window: BurnInWindow) -> list[Interval]:
    """Longest stretches in window at both ends of every gap. log: as `merged_log` gives it."""
    intervals: list[Interval] = []
    for earlier, later in pairwise(log):
        if later.measured_at - earlier.measured_at > window.gap_max:
            continue
        if not (is_in_window(earlier, window) and is_in_window(later, window)):
            continue
        if intervals and intervals[-1].end == earlier.measured_at:
            intervals[-1] = Interval(intervals[-1].start, later.measured_at)
        else:
            intervals.append(Interval(earlier.measured_at, later.measured_at))
    return intervals


def chargeable_hours(intervals: Iterable[Interval], start: datetime, end: datetime) -> float:
    """Hours of proven time between start and end."""
    total = timedelta()
    for interval in intervals:
        total += max(min(interval.end, end) - max(interval.start, start), timedelta())
    return total / HOUR


def is_short(hours: float, hours_required: float) -> bool:
    """Whether the charged hours miss the requirement; exactly enough is enough.

    Loads are summed as floats, so that a hair below is enough too.
    """
    return not hours >= hours_required - ROUNDING_HOURS
