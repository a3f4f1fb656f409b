"""Whether a rack's coolant lets it be accepted. Limits are closed; NaN never passes.

Source: the coolant windows of the site's fluid, kept as configuration per fluid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import assert_never

from racks.domain.words import ReadingKind, Verdict

UNITS = {
    ReadingKind.LEAK: "bar",
    ReadingKind.FLOW: "L/min",
    ReadingKind.SUPPLY: "°C",
    ReadingKind.RETURN: "°C",
    ReadingKind.DEW_POINT: "°C",
    ReadingKind.PRESSURE: "bar",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one fluid must keep to. Temperatures °C, pressure bar, flow L/min per kW of heat."""

    supply_celsius_min: float
    supply_celsius_max: float
    dew_point_margin_celsius_min: float
    flow_per_kilowatt_min: float
    flow_per_kilowatt_max: float
    temperature_rise_celsius_min: float
    temperature_rise_celsius_max: float
    pressure_difference_bar_min: float
    pressure_difference_bar_max: float
    leak_pressure_decay_bar_max: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Closed limits of one reading; None = none on that side."""

    low: float | None = None
    high: float | None = None


def judge(value: float, limits: Limits) -> Verdict:
    """PASS inside or on the limits, FAIL outside and for NaN; UNSET where there is no limit."""
    if isnan(value):
        return Verdict.FAIL
    if limits.low is None and limits.high is None:
        return Verdict.UNSET
    above = limits.low is None or value >= limits.low
    below = limits.high is None or value <= limits.high
    return Verdict.PASS if above and below else Verdict.FAIL


def limits_of(
    kind: ReadingKind, *, window: Window, kilowatts: float, latest: Mapping[ReadingKind, float]
) -> Limits:
    """Limits of one kind at a rack of that heat, given the latest reading of every kind.

    Supply must stay above the dew point by the margin; return above supply by the rise. Without a
    supply value the return has no limits. The dew point has none: it only bounds supply.
    """
    match kind:
        case ReadingKind.LEAK:
            return Limits(None, window.leak_pressure_decay_bar_max)
        case ReadingKind.FLOW:
            return Limits(
                window.flow_per_kilowatt_min * kilowatts, window.flow_per_kilowatt_max * kilowatts
            )
        case ReadingKind.SUPPLY:
            low = window.supply_celsius_min
            dew_point = latest.get(ReadingKind.DEW_POINT, nan)
            if not isnan(dew_point):
                low = max(low, dew_point + window.dew_point_margin_celsius_min)
            return Limits(low, window.supply_celsius_max)
        case ReadingKind.RETURN:
            return _return_limits(window, latest)
        case ReadingKind.PRESSURE:
            return Limits(window.pressure_difference_bar_min, window.pressure_difference_bar_max)
        case ReadingKind.DEW_POINT:
            return Limits()
        case _:
            assert_never(kind)


def _return_limits(window: Window, latest: Mapping[ReadingKind, float]) -> Limits:
    supply = latest.get(ReadingKind.SUPPLY, nan)
    if isnan(supply):
        return Limits()
    return Limits(
        supply + window.temperature_rise_celsius_min,
        supply + window.temperature_rise_celsius_max,
    )


def overall(verdicts: Mapping[ReadingKind, Sequence[Verdict]]) -> Verdict:
    """FAIL if any reading failed, UNSET if a kind was not read at all, else PASS."""
    if any(verdict is Verdict.FAIL for given in verdicts.values() for verdict in given):
        return Verdict.FAIL
    if any(not verdicts.get(kind) for kind in ReadingKind):
        return Verdict.UNSET
    return Verdict.PASS
