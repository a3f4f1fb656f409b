"""How well a process fits its specification, and whether groups differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from quality.domain.intervals import CONFIDENCE, Interval
from supplychain.base.deferred import stats


@dataclass(frozen=True, slots=True)
class Capability:
    """Indices with bounds: χ² for Cp, Bissell for Cpk. With an overall sigma: Pp and Ppk."""

    cp: float
    cp_bounds: Interval
    cpk_low: float
    cpk_high: float
    cpk: float
    cpk_bounds: Interval


def capability(
    mean: float, sigma: float, size: int, specification: tuple[float, float]
) -> Capability:
    """Both-sided specification (low, high); size: values behind sigma, two or more; sigma > 0."""
    low, high = specification
    cp = (high - low) / (6 * sigma)
    below, above = (mean - low) / (3 * sigma), (high - mean) / (3 * sigma)
    cpk, tail = min(below, above), (1 - CONFIDENCE) / 2
    root = math.sqrt(size - 1)
    reach = float(stats.norm.isf(tail)) * math.sqrt(1 / (9 * size * cpk**2) + 1 / (2 * (size - 1)))
    return Capability(
        cp=cp,
        cp_bounds=Interval(
            cp * math.sqrt(float(stats.chi2.ppf(tail, size - 1))) / root,
            cp * math.sqrt(float(stats.chi2.isf(tail, size - 1))) / root,
            "chi2-v1",
        ),
        cpk_low=below,
        cpk_high=above,
        cpk=cpk,
        cpk_bounds=Interval(cpk * (1 - reach), cpk * (1 + reach), "bissell-v1"),
    )


def sample_capability(values: Sequence[float], specification: tuple[float, float]) -> Capability:
    """Pp and Ppk: capability by the deviation of all values. Two different values or more."""
    return capability(fmean(values), stdev(values), len(values), specification)


def kruskal_wallis(groups: Sequence[Sequence[float]]) -> tuple[float, float]:
    """H and its p: whether groups, such as sites, differ in level. Two groups or more."""
    answer = stats.kruskal(*groups)
    return float(answer.statistic), float(answer.pvalue)


def pooled_deviation(deviations: Sequence[float]) -> float:
    """Repeatability: root mean square of deviations of equal groups."""
    return math.sqrt(fmean(value * value for value in deviations))


def mean_change(values: Sequence[float]) -> tuple[int, float, float]:
    """Best single change of the mean: values before it, sum of squares without and with it.

    Two values or more.
    """
    whole = _squares(values)
    splits = {
        place: _squares(values[:place]) + _squares(values[place:])
        for place in range(1, len(values))
    }
    place = min(splits, key=lambda split: splits[split])
    return place, whole, splits[place]


def _squares(values: Sequence[float]) -> float:
    mean = fmean(values)
    return math.fsum((value - mean) ** 2 for value in values)
