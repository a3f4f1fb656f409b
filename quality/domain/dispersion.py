"""How much lots differ beyond chance: the ground of every limit on a proportion.

Die and chip yields are overdispersed: lots and wafers differ for real. A binomial limit would call
ordinary lots bad, so the spread between earlier lots is measured and carried.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from supplychain.base.deferred import stats

D2 = 1.128
"""Mean range of two standard normal values."""


@dataclass(frozen=True, slots=True)
class Count:
    """`passed` of `units`; units > 0."""

    passed: int
    units: int

    def __post_init__(self) -> None:
        assert 0 <= self.passed <= self.units
        assert self.units > 0

    @property
    def ratio(self) -> float:
        """0 to 1."""
        return self.passed / self.units


def angle(count: Count) -> float:
    """asin sqrt of the ratio, shifted: its variance hardly depends on the ratio.

    Source: Anscombe 1948.
    """
    return math.asin(math.sqrt((count.passed + 0.375) / (count.units + 0.75)))


def angle_variance(units: int) -> float:
    """Sampling variance of `angle` by chance alone."""
    return 1 / (4 * units + 2)


def ratio_at(radians: float, units: int) -> float:
    """The ratio whose `angle` this is, for so many units; 0 to 1."""
    turned = math.sin(min(max(radians, 0.0), math.pi / 2)) ** 2
    return min(max((turned * (units + 0.75) - 0.375) / units, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Spread:
    """What earlier lots say, in angle.

    mean: weighted by precision. between: variance between lots beyond chance, never below 0.
    mean_variance: of the mean. dispersion: observed variance over the expected by chance.
    """

    mean: float
    between: float
    mean_variance: float
    dispersion: float
    lot_count: int


def spread(counts: Sequence[Count]) -> Spread:
    """Spread of two or more lots, by moments. Source: DerSimonian and Laird, here of angles."""
    assert len(counts) >= 2
    angles = [angle(count) for count in counts]
    chances = [angle_variance(count.units) for count in counts]
    middle = fmean(angles)
    observed = sum((value - middle) ** 2 for value in angles) / (len(angles) - 1)
    expected = fmean(chances)
    between = max(0.0, observed - expected)
    weights = [1 / (between + chance) for chance in chances]
    total = sum(weights)
    mean = sum(weight * value for weight, value in zip(weights, angles, strict=True)) / total
    return Spread(mean, between, 1 / total, observed / expected, len(counts))


def design_effect(units: int, correlation: float) -> float:
    """Variance inflation when units of a cluster are alike: 1 + (n - 1) * correlation."""
    return 1 + (units - 1) * correlation


def laney_sigma(counts: Sequence[Count]) -> float:
    """Laney's sigma-z of shares. Two or more, pooled ratio neither 0 nor 1."""
    pooled = sum(count.passed for count in counts) / sum(count.units for count in counts)
    sigmas = [math.sqrt(pooled * (1 - pooled) / count.units) for count in counts]
    return spread_over_chance([count.ratio for count in counts], pooled, sigmas)


def spread_over_chance(values: Sequence[float], middle: float, sigmas: Sequence[float]) -> float:
    """Mean moving range of standardised values over d2; sigmas: of each by chance, above 0."""
    scores = [(value - middle) / sigma for value, sigma in zip(values, sigmas, strict=True)]
    return fmean(abs(after - before) for before, after in pairwise(scores)) / D2


def chi2_median(degrees: int) -> float:
    """Median of χ²: what a homogeneity statistic shows in the middle of ordinary lots."""
    return float(stats.chi2.ppf(0.5, degrees))
