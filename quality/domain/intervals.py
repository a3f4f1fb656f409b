"""Confidence bounds on proportions. Every one names its method, so that a stored figure can."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from supplychain.base.deferred import optimize, stats

CONFIDENCE = 0.95
WILSON = "wilson-v1"


@dataclass(frozen=True, slots=True)
class Interval:
    """low and high: closed bounds. method: with version."""

    low: float
    high: float
    method: str


def wilson(passed: int, units: int, confidence: float = CONFIDENCE) -> Interval | None:
    """Score interval of a ratio, for display; None for no units. Source: Wilson 1927."""
    _check(passed, units)
    if units == 0:
        return None
    z = float(stats.norm.isf((1 - confidence) / 2))
    ratio, share = passed / units, z * z / units
    middle = (ratio + share / 2) / (1 + share)
    half = z / (1 + share) * math.sqrt(ratio * (1 - ratio) / units + share / (4 * units))
    low = 0.0 if passed == 0 else middle - half
    high = 1.0 if passed == units else middle + half
    return Interval(max(0.0, low), min(1.0, high), WILSON)


def clopper_pearson(passed: int, units: int, confidence: float = CONFIDENCE) -> Interval | None:
    """Exact two-sided interval, for commitments and zero fails; None for no units."""
    _check(passed, units)
    if units == 0:
        return None
    tail = (1 - confidence) / 2
    low = 0.0 if passed == 0 else float(stats.beta.ppf(tail, passed, units - passed + 1))
    high = 1.0 if passed == units else float(stats.beta.isf(tail, passed + 1, units - passed))
    return Interval(low, high, "clopper-pearson-v1")


def upper_bound(fails: int, units: int, confidence: float = CONFIDENCE) -> float:
    """One-sided exact upper bound of a fail ratio; 1 for no units: nothing is proven."""
    _check(fails, units)
    if fails == units:
        return 1.0
    return float(stats.beta.isf(1 - confidence, fails + 1, units - fails))


def chance_of_most(fails: int, units: int, ratio: float) -> float:
    """Chance of so many fails or fewer where this share of all units fails. ratio: 0 to 1."""
    _check(fails, units)
    return float(stats.binom.cdf(fails, units, ratio))


def upper_bound_with_countermeasures(
    fails: Sequence[int], effectiveness: Sequence[float], units: int, confidence: float
) -> float:
    """Upper bound of a fail ratio when each kind of fail has been met with a countermeasure.

    fails[i] of kind i, each prevented with probability effectiveness[i], 0 to 1: how many would
    still happen is binomial; the bound is where the mixture of exact tails is 1 - confidence.
    Source: Kurz, Lewitschnig, Pilz (burn-in with countermeasures).
    """
    assert len(fails) == len(effectiveness)
    weights = [1.0]
    for count, prevented in zip(fails, effectiveness, strict=True):
        kept = [float(stats.binom.pmf(k, count, 1 - prevented)) for k in range(count + 1)]
        weights = [
            sum(
                weights[i] * kept[total - i]
                for i in range(len(weights))
                if total - i in range(count + 1)
            )
            for total in range(len(weights) + count)
        ]

    def excess(ratio: float) -> float:
        tail = sum(
            weight * float(stats.binom.cdf(count, units, ratio))
            for count, weight in enumerate(weights)
        )
        return tail - (1 - confidence)

    return float(optimize.brentq(excess, 0.0, 1.0, xtol=1e-15))


def sample_size(fails: int, ratio_max: float, confidence: float) -> int:
    """Fewest units for which this many fails still prove a fail ratio of at most ratio_max."""
    low, high = fails + 1, fails + 2
    while upper_bound(fails, high, confidence) > ratio_max:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if upper_bound(fails, middle, confidence) > ratio_max:
            low = middle + 1
        else:
            high = middle
    return high


def zero_fail_sample_size(reliability: float, confidence: float, lifetimes: float = 1) -> int:
    """Units that must survive `lifetimes` without a fail: ln(1-C) / (lifetimes * ln R), up."""
    return math.ceil(math.log(1 - confidence) / (lifetimes * math.log(reliability)))


def wald_difference(
    passed: tuple[int, int], units: tuple[int, int], confidence: float = CONFIDENCE
) -> Interval:
    """Interval of the difference of two pass ratios, first minus second, for large samples."""
    first, second = passed[0] / units[0], passed[1] / units[1]
    variance = first * (1 - first) / units[0] + second * (1 - second) / units[1]
    half = float(stats.norm.isf((1 - confidence) / 2)) * math.sqrt(variance)
    return Interval(first - second - half, first - second + half, "wald-difference-v1")


def _check(count: int, units: int) -> None:
    assert 0 <= count <= units, f"{count} of {units} is no proportion"
