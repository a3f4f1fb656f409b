"""The burn-in clock: only proven time in every window is charged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import isfinite

from testing.domain.burnin_series import HOUR, Interval, Limits, Sample, in_both, proven
from testing.domain.records import LogLine

ROUNDING_HOURS = 1e-9


@dataclass(frozen=True, slots=True)
class BurnInWindow:
    """Closed windows in which time counts. gap_max: longest time that two lines prove."""

    temperature_celsius_min: float
    temperature_celsius_max: float
    voltage_min: float
    voltage_max: float
    gap_max: timedelta


def temperature_limits(window: BurnInWindow) -> Limits:
    """The window of the temperature alone."""
    return Limits(window.temperature_celsius_min, window.temperature_celsius_max, window.gap_max)


def voltage_limits(window: BurnInWindow) -> Limits:
    """The window of the voltage alone."""
    return Limits(window.voltage_min, window.voltage_max, window.gap_max)


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


def proven_by_both(
    temperature: Sequence[Sample], voltage: Sequence[Sample], window: BurnInWindow
) -> list[Interval]:
    """Time that both quantities prove, each by its own samples, whenever those were taken."""
    return in_both(
        proven(temperature, temperature_limits(window)), proven(voltage, voltage_limits(window))
    )


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
