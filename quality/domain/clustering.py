"""Intervals of a pooled yield whose lots differ for real: units of one lot are alike.

A lot is a cluster. Its counts enter as they are, its spread by sums of squares and products, so
that figures of weeks, products and slices are added up and never averaged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from quality.domain.intervals import CONFIDENCE, Interval, wilson
from supplychain.base.deferred import stats


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Sums over lots of n units tested and c passed.

    lots: those with units. units: Σn, passed: Σc. units_squared: Σn², passed_squared: Σc²,
    products: Σcn.
    """

    lots: int
    units: int
    passed: int
    units_squared: int
    passed_squared: int
    products: int

    def __add__(self, other: ClusterSums) -> ClusterSums:
        """Both together; their lots are taken to be different ones."""
        return ClusterSums(
            self.lots + other.lots,
            self.units + other.units,
            self.passed + other.passed,
            self.units_squared + other.units_squared,
            self.passed_squared + other.passed_squared,
            self.products + other.products,
        )


NOTHING = ClusterSums(0, 0, 0, 0, 0, 0)


def inflation(sums: ClusterSums) -> float:
    """Variance of the pooled yield over what chance alone would give (VIF), 1 or more.

    The variance is of a ratio of sums over lots, with k/(k-1). 1 for one lot, which tells nothing
    of how lots differ, and where every unit passed or none did. Source: Cochran, Sampling
    Techniques, cluster sampling with unequal sizes.
    """
    if sums.lots < 2 or sums.passed in (0, sums.units):
        return 1.0
    ratio = sums.passed / sums.units
    squares = sums.passed_squared - 2 * ratio * sums.products + ratio**2 * sums.units_squared
    observed = sums.lots / (sums.lots - 1) * max(squares, 0.0) / sums.units**2
    return max(1.0, observed / (ratio * (1 - ratio) / sums.units))


def clustered(sums: ClusterSums, confidence: float = CONFIDENCE) -> Interval | None:
    """Score interval on as many units as the spread between lots leaves; None for no units.

    One lot: plain Wilson, which holds inside that lot. Few lots: wider by Student's t of lots - 1
    over normal. Source: Kott and Carr 1997, effective sample size.
    """
    if sums.lots < 2:
        return wilson(sums.passed, sums.units, confidence)
    tail = (1 - confidence) / 2
    z = float(stats.norm.isf(tail))
    widening = (float(stats.t.isf(tail, sums.lots - 1)) / z) ** 2
    ratio, units = sums.passed / sums.units, sums.units / (inflation(sums) * widening)
    share = z * z / units
    middle = (ratio + share / 2) / (1 + share)
    half = z / (1 + share) * math.sqrt(ratio * (1 - ratio) / units + share / (4 * units))
    low = 0.0 if sums.passed == 0 else max(0.0, middle - half)
    high = 1.0 if sums.passed == sums.units else min(1.0, middle + half)
    return Interval(low, high, "wilson-by-lot-v1")
