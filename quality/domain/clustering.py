"""Intervals of yields whose lots and wafers differ for real: units of one lot, or wafer, are alike.

A lot is a cluster; inside one lot a wafer is. Counts enter as they are, the spread by sums of
squares and products, so that figures of weeks, products and slices are added up, never averaged.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

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


def cluster_sums(passed: Sequence[int], units: Sequence[int]) -> ClusterSums:
    """Of clusters by their counts, in the same order."""
    pairs = list(zip(passed, units, strict=True))
    return ClusterSums(
        len(pairs),
        sum(units),
        sum(passed),
        sum(n * n for n in units),
        sum(c * c for c in passed),
        sum(c * n for c, n in pairs),
    )


def inflation(sums: ClusterSums) -> float:
    """Variance of the pooled yield over what chance alone would give (VIF), 1 or more.

    The variance is of a ratio of sums over lots, with k/(k-1). 1 for one lot, which tells nothing
    of how lots differ, and where every unit passed or none did. Source: Cochran, Sampling
    Techniques, cluster sampling with unequal sizes.
    """
    if sums.lots < 2 or sums.passed in (0, sums.units):
        return 1.0
    ratio = sums.passed / sums.units
    observed = sums.lots / (sums.lots - 1) * max(_squares(sums), 0.0) / sums.units**2
    return max(1.0, observed / (ratio * (1 - ratio) / sums.units))


def clustered(sums: ClusterSums, confidence: float = CONFIDENCE) -> Interval | None:
    """Score interval on as many units as the spread between lots leaves; None for no units.

    One lot: plain Wilson, which holds inside that lot. Few lots: wider by Student's t of lots - 1
    over normal. Source: Kott and Carr 1997, effective sample size.
    """
    if sums.lots < 2:
        return wilson(sums.passed, sums.units, confidence)
    spread = inflation(sums)
    return _score(sums.passed, sums.units, spread, sums.lots - 1, ("wilson-by-lot-v1", confidence))


@dataclass(frozen=True, slots=True)
class WaferLikeness:
    """How alike units of one wafer are, beside those of other wafers of the same lot.

    correlation: of two units of a wafer, 0 to 1. wafer_units: units of a wafer, by which a unit is
    drawn. degrees: wafers it is known from, less one for each lot.
    """

    correlation: float
    wafer_units: float
    degrees: int

    def inflation(self, units: float) -> float:
        """Variance over chance of a count of which so many units are of one wafer."""
        return 1 + max(units - 1, 0.0) * self.correlation


def wafer_likeness(lots: Sequence[ClusterSums]) -> WaferLikeness | None:
    """From lots told apart by wafer; None where none has two wafers.

    lots: sums over the wafers of each, whose field `lots` is then the number of wafers. The
    variance between wafers of a lot, k/(k-1) Σ(c - pn)² with the p of that lot, over that by
    chance, both added up over lots, is 1 + (n - 1) · correlation with n = Σn²/Σn. Never below 0.
    """
    known = [one for one in lots if one.lots > 1]
    if not known:
        return None
    observed = sum(one.lots / (one.lots - 1) * max(_squares(one), 0.0) for one in known)
    chance = sum(one.passed * (one.units - one.passed) / one.units for one in known)
    units = sum(one.units for one in known)
    size = sum(one.units_squared for one in known) / units
    excess = observed / chance - 1 if chance else 0.0
    correlation = min(1.0, max(0.0, excess / (size - 1))) if size > 1 else 0.0
    return WaferLikeness(correlation, size, sum(one.lots - 1 for one in known))


def within_lot(
    passed: int,
    units: int,
    wafer_units: float,
    likeness: WaferLikeness | None,
    confidence: float = CONFIDENCE,
) -> Interval | None:
    """Score interval of a part of one lot; None for no units.

    wafer_units: how many of the units are of one wafer. Units are divided by the inflation of so
    many, and by (t/z)² for few wafers. Plain Wilson without a likeness: units that are on no wafer,
    or wafers of which nothing is known yet.
    """
    if likeness is None or not units:
        return wilson(passed, units, confidence)
    spread = likeness.inflation(wafer_units)
    return _score(passed, units, spread, likeness.degrees, ("wilson-by-wafer-v1", confidence))


def _squares(sums: ClusterSums) -> float:
    """Σ(c - pn)² over clusters."""
    ratio = sums.passed / sums.units
    return sums.passed_squared - 2 * ratio * sums.products + ratio**2 * sums.units_squared


@lru_cache(maxsize=1024)
def _quantiles(degrees: int, confidence: float) -> tuple[float, float]:
    """Of the normal law, and the square by which Student's t is wider."""
    tail = (1 - confidence) / 2
    z = float(stats.norm.isf(tail))
    return z, (float(stats.t.isf(tail, degrees)) / z) ** 2


def _score(
    passed: int, units: int, spread: float, degrees: int, told: tuple[str, float]
) -> Interval:
    """Score interval on the units that the spread leaves. told: method and confidence."""
    method, confidence = told
    z, widening = _quantiles(degrees, confidence)
    ratio, left = passed / units, units / (spread * widening)
    share = z * z / left
    middle = (ratio + share / 2) / (1 + share)
    half = z / (1 + share) * math.sqrt(ratio * (1 - ratio) / left + share / (4 * left))
    low = 0.0 if passed == 0 else max(0.0, middle - half)
    high = 1.0 if passed == units else min(1.0, middle + half)
    return Interval(low, high, method)
