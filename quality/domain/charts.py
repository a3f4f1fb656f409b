"""Control charts: centre and limits. A point signals strictly beyond a limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from quality.domain.dispersion import D2, Count, laney_sigma

RANGE_FACTORS = {2: (1.128, 0.8525), 3: (1.693, 0.8884), 4: (2.059, 0.8798), 5: (2.326, 0.8641)}
"""Subgroup size → d2 and d3: mean and deviation of the range of standard normal values."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Centre and limits, one low and high for each point."""

    middle: float
    low: tuple[float, ...]
    high: tuple[float, ...]
    method: str

    def signals(self, values: Sequence[float]) -> list[int]:
        """Places (from 0) of values strictly beyond their limit."""
        rows = zip(values, self.low, self.high, strict=True)
        return [place for place, (value, low, high) in enumerate(rows) if not low <= value <= high]


def proportion_chart(counts: Sequence[Count], inflation: float = 1.0) -> Chart:
    """p chart; with inflation sigma-z: Laney's chart."""
    middle = sum(count.passed for count in counts) / sum(count.units for count in counts)
    halves = [3 * inflation * proportion_sigma(middle, count.units) for count in counts]
    return Chart(
        middle,
        tuple(max(0.0, middle - half) for half in halves),
        tuple(min(1.0, middle + half) for half in halves),
        "p-v1" if math.isclose(inflation, 1.0) else "laney-p-v1",
    )


def proportion_sigma(middle: float, units: int) -> float:
    """Deviation of a ratio of so many units by chance alone. middle: 0 to 1."""
    return math.sqrt(middle * (1 - middle) / units)


def laney_chart(counts: Sequence[Count]) -> Chart:
    """p chart of Laney: limits widened, or narrowed, by the spread seen between neighbours."""
    return proportion_chart(counts, laney_sigma(counts))


def count_chart(counts: Sequence[int], areas: Sequence[float] | None = None) -> Chart:
    """u chart of defects per area; c chart when every area is 1."""
    sizes = [1.0] * len(counts) if areas is None else list(areas)
    middle = sum(counts) / math.fsum(sizes)
    halves = [3 * count_sigma(middle, size) for size in sizes]
    return Chart(
        middle,
        tuple(max(0.0, middle - half) for half in halves),
        tuple(middle + half for half in halves),
        "c-v1" if areas is None else "u-v1",
    )


def count_sigma(middle: float, size: float) -> float:
    """Deviation of a count per area by chance alone; size: the area."""
    return math.sqrt(middle / size)


def individuals_chart(values: Sequence[float]) -> Chart:
    """I chart: sigma from the mean moving range over d2. Two values or more."""
    middle = fmean(values)
    half = 3 * fmean(abs(after - before) for before, after in pairwise(values)) / D2
    size = len(values)
    return Chart(middle, (middle - half,) * size, (middle + half,) * size, "individuals-v1")


def subgroup_sigma(groups: Sequence[Sequence[float]]) -> float:
    """Within-group deviation from the mean range; equal groups of 2 to 5."""
    return fmean(max(group) - min(group) for group in groups) / RANGE_FACTORS[len(groups[0])][0]


def mean_chart(groups: Sequence[Sequence[float]]) -> Chart:
    """X-bar chart of equal subgroups of 2 to 5."""
    middle = fmean(fmean(group) for group in groups)
    half = 3 * subgroup_sigma(groups) / math.sqrt(len(groups[0]))
    size = len(groups)
    return Chart(middle, (middle - half,) * size, (middle + half,) * size, "x-bar-v1")


def range_chart(groups: Sequence[Sequence[float]]) -> Chart:
    """R chart of equal subgroups of 2 to 5."""
    d2, d3 = RANGE_FACTORS[len(groups[0])]
    sigma, size = subgroup_sigma(groups), len(groups)
    low = max(0.0, (d2 - 3 * d3) * sigma)
    return Chart(d2 * sigma, (low,) * size, ((d2 + 3 * d3) * sigma,) * size, "range-v1")


def ewma(values: Sequence[float], weight: float, target: float) -> list[float]:
    """Exponentially weighted means, starting from target. 0 < weight <= 1."""
    answers, last = [], target
    for value in values:
        last = weight * value + (1 - weight) * last
        answers.append(last)
    return answers


def ewma_half_width(weight: float, sigma: float, reach: float, place: int | None = None) -> float:
    """Distance of EWMA limits from the target at the place-th point (1, 2, …); None: for ever."""
    settled = weight / (2 - weight)
    share = 1.0 if place is None else 1 - (1 - weight) ** (2 * place)
    return reach * sigma * math.sqrt(settled * share)


def cusum(values: Sequence[float], target: float, slack: float) -> list[tuple[float, float]]:
    """Upper and lower cumulative sums, each never below 0. slack k, in the values' unit."""
    answers, up, down = [], 0.0, 0.0
    for value in values:
        up = max(0.0, up + value - target - slack)
        down = max(0.0, down + target - value - slack)
        answers.append((up, down))
    return answers
