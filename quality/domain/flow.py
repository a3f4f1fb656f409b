"""Work in progress, and how good a forecast was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True, slots=True)
class LinePace:
    """Cycle time and throughput of a line, in the unit of time given."""

    cycle_time: float
    throughput: float


def critical_wip(rate: float, raw_time: float) -> float:
    """Units in progress that keep the bottleneck just busy: rate * raw time. Source: Little."""
    return rate * raw_time


def best_pace(rate: float, raw_time: float, wip: float) -> LinePace:
    """No variability."""
    cycle_time = max(raw_time, wip / rate)
    return LinePace(cycle_time, wip / cycle_time)


def worst_pace(raw_time: float, wip: float) -> LinePace:
    """Everything waits for everything."""
    return LinePace(wip * raw_time, 1 / raw_time)


def usual_worst_pace(rate: float, raw_time: float, wip: float) -> LinePace:
    """Practical worst case: random times on a balanced line. Source: Hopp and Spearman."""
    ahead = critical_wip(rate, raw_time) + wip - 1
    return LinePace(raw_time + (wip - 1) / rate, wip / ahead * rate)


def waiting_factor(utilisation: float) -> float:
    """u / (1 - u): waiting in multiples of service time at usual variability. 0 <= u < 1."""
    return utilisation / (1 - utilisation)


def pinball_loss(values: Sequence[float], forecasts: Sequence[float], quantile: float) -> float:
    """Mean loss of quantile forecasts; lower is better."""
    return fmean(
        max(quantile * (value - forecast), (quantile - 1) * (value - forecast))
        for value, forecast in zip(values, forecasts, strict=True)
    )


@dataclass(frozen=True, slots=True)
class SequentialPlan:
    """Wald's lines: accept at or below slope * n - accept fails, reject from slope * n + reject."""

    accept: float
    reject: float
    slope: float

    def accept_count(self, units: int) -> int:
        """Most fails that still accept; below 0: not yet."""
        return math.floor(self.slope * units - self.accept)

    def reject_count(self, units: int) -> int:
        """Fewest fails that reject."""
        return math.ceil(self.slope * units + self.reject)


def sequential_plan(good: float, bad: float, alpha: float, beta: float) -> SequentialPlan:
    """Test of a fail ratio `good` against `bad`, errors alpha and beta. Source: Wald 1945."""
    scale = math.log(bad * (1 - good) / (good * (1 - bad)))
    return SequentialPlan(
        accept=math.log((1 - alpha) / beta) / scale,
        reject=math.log((1 - beta) / alpha) / scale,
        slope=math.log((1 - good) / (1 - bad)) / scale,
    )
