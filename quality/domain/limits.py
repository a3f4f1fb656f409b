"""Limits on lots, bins and parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, stdev

from quality.domain.dispersion import Count, Spread, angle, angle_variance, ratio_at, spread
from supplychain.base.deferred import special, stats

YIELD_ALPHA = 0.002
"""One-sided chance that an ordinary lot falls below the limit of its yield, unless a rule says."""
BASELINE_LOTS_MIN = 6
"""Fewer earlier lots make a limit provisional. Source: AEC-Q002."""


class Side(StrEnum):
    """On which side of its limit a value is bad."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A proportion beside the limit that earlier lots predict for it.

    value, limit, expected: ratios 0 to 1. p_value: one-sided chance of a value so far out.
    is_beyond: strictly; a value on its limit passes. is_provisional: under six earlier lots.
    """

    value: float
    limit: float
    expected: float
    p_value: float
    dispersion: float
    lot_count: int
    is_beyond: bool
    is_provisional: bool
    method: str


def predicted(
    count: Count, earlier: Sequence[Count], *, alpha: float, side: Side
) -> Verdict | None:
    """Judge one lot by earlier ones: mean ± t·s·√(1 + 1/m), on the angular scale.

    s is the spread between lots plus the chance of this lot's own size, so a small lot gets a wide
    limit. alpha: one-sided false-alarm chance. None below two earlier lots.
    """
    if len(earlier) < 2:
        return None
    base = spread(earlier)
    sign = -1.0 if side is Side.LOW else 1.0
    deviation = math.sqrt(_variance_ahead(base, count.units))
    reach = -float(special.stdtrit(base.lot_count - 1, alpha)) * deviation
    distance = sign * (angle(count) - base.mean)
    return Verdict(
        value=count.ratio,
        limit=ratio_at(base.mean + sign * reach, count.units),
        expected=ratio_at(base.mean, count.units),
        p_value=float(special.stdtr(base.lot_count - 1, -distance / deviation)),
        dispersion=base.dispersion,
        lot_count=base.lot_count,
        is_beyond=distance > reach,
        is_provisional=base.lot_count < BASELINE_LOTS_MIN,
        method="angular-prediction-v1",
    )


def _variance_ahead(base: Spread, units: int) -> float:
    """Variance of a new lot around the mean of earlier ones."""
    return base.between + angle_variance(units) + base.mean_variance


@dataclass(frozen=True, slots=True)
class Band:
    """A lower and an upper limit, and the middle between or near them."""

    low: float
    middle: float
    high: float
    method: str


def prediction_reach(size: int, alpha: float) -> float:
    """t·√(1 + 1/m): deviations from the mean of m values that the next one stays within.

    alpha: one-sided. Two or more values.
    """
    return float(stats.t.isf(alpha, size - 1)) * math.sqrt(1 + 1 / size)


def prediction_band(values: Sequence[float], alpha: float) -> Band:
    """Where the next value falls: mean ± t·s·√(1 + 1/m), two-sided alpha. Two or more values."""
    mean = fmean(values)
    half = prediction_reach(len(values), alpha / 2) * stdev(values)
    return Band(mean - half, mean, mean + half, "prediction-v1")


def statistical_band(values: Sequence[float], sigmas: float) -> Band:
    """AEC-Q002: SYL is the low limit of yields, SBL the high one of bin shares, at 3 or 4 sigma."""
    mean, deviation = fmean(values), stdev(values)
    return Band(
        mean - sigmas * deviation, mean, mean + sigmas * deviation, f"aec-q002-{sigmas:g}s-v1"
    )


def robust_sigma(quartile_low: float, quartile_high: float) -> float:
    """(Q3 - Q1) / 1.35. Source: AEC-Q001."""
    return (quartile_high - quartile_low) / 1.35


def part_average_band(
    quartile_low: float, median: float, quartile_high: float, sigmas: float = 6
) -> Band | None:
    """AEC-Q001 part average limits: median ± 6 robust sigma. None for an IQR of 0: no scale."""
    sigma = robust_sigma(quartile_low, quartile_high)
    if sigma <= 0:
        return None
    return Band(median - sigmas * sigma, median, median + sigmas * sigma, "aec-q001-v1")


def tightened(band: Band, low: float | None, high: float | None) -> Band:
    """The band, never looser than the specification; None: no specification on that side."""
    return Band(
        band.low if low is None else max(band.low, low),
        band.middle,
        band.high if high is None else min(band.high, high),
        band.method,
    )


def grubbs(values: Sequence[float], alpha: float) -> tuple[float, float]:
    """Statistic of the highest value and its one-sided critical value. Three or more values."""
    size = len(values)
    statistic = (max(values) - fmean(values)) / stdev(values)
    t = float(stats.t.isf(alpha / size, size - 2))
    return statistic, (size - 1) / math.sqrt(size) * math.sqrt(t * t / (size - 2 + t * t))
