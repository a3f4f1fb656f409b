"""A slow or lasting fall of a proportion over lots, too small to show on any one of them.

Each lot becomes a score against the first lots of its series; a cumulative sum of the scores adds
up what single lots hide. Sources: Page 1954; Hawkins 1987 for scores while history is short.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quality.domain.dispersion import Count, angle, angle_variance, ratio_at, spread
from supplychain.base.deferred import optimize, stats

Values = NDArray[np.float64]

METHOD = "cusum-v1"
SLACK = 0.5
"""Half the shift, in sigma, that is found soonest."""

SCORE_MAX = 3.5
"""One odd lot is not a drift: no lot counts for more."""

OVERSHOOT = 1.166
"""What a sum exceeds its limit by, in the mean. Source: Siegmund 1985."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The sum after one lot. start: place of the first lot that still counts in it.

    value: never below 0, and 0 again after a signal. is_signal: strictly beyond the limit.
    """

    value: float
    start: int
    is_signal: bool


@dataclass(frozen=True, slots=True)
class Drift:
    """How a run of lots stands against the first ones. Ratios 0 to 1, pooled counts."""

    since: int
    expected: float
    value: float


def limit_for(lots_between: float, slack: float = SLACK) -> float:
    """The limit of a one-sided sum that errs once in so many lots, in sigma.

    Source: Siegmund's approximation of the run length.
    """
    reach = optimize.brentq(lambda at: run_length(at, 0.0, slack) - lots_between, 0.05, 40)
    return float(reach)


def run_length(limit: float, shift: float, slack: float = SLACK) -> float:
    """Mean number of lots until a one-sided sum passes its limit. shift: of the mean, in sigma."""
    drift, height = shift - slack, limit + OVERSHOOT
    if math.isclose(drift, 0.0, abs_tol=1e-9):
        return height * height
    return (math.exp(-2 * drift * height) + 2 * drift * height - 1) / (2 * drift * drift)


def scores(counts: Sequence[Count], baseline_size: int) -> list[float]:
    """Each lot in sigma below what the first lots predict: positive is worse. Oldest first.

    The first `baseline_size` lots are the baseline of all that follow, and of each other those
    before; the first two lots score 0. Sigma is the spread between lots plus the chance of a lot of
    this size; Student's t allows for a baseline that is short.
    """
    if len(counts) < 3:
        return [0.0] * len(counts)
    angles = np.array([angle(count) for count in counts])
    chances = np.array([angle_variance(count.units) for count in counts])
    sizes = np.minimum(np.arange(2, len(counts)), baseline_size)
    means, variances = _growing_baselines(angles[:baseline_size], chances[:baseline_size])
    mean, variance = means[sizes - 2], variances[sizes - 2]
    distance = (mean - angles[2:]) / np.sqrt(variance + chances[2:])
    found = stats.norm.ppf(stats.t.cdf(distance, sizes - 1))
    return [0.0, 0.0, *np.clip(found, -SCORE_MAX, SCORE_MAX).tolist()]


def _growing_baselines(angles: Values, chances: Values) -> tuple[Values, Values]:
    """For the first 2, 3, … lots: mean, and variance of a new lot around it but for its own chance.

    As `dispersion.spread` has them, for all sizes at once.
    """
    size = len(angles)
    sizes = np.arange(2, size + 1)
    sums, squares = np.cumsum(angles)[1:], np.cumsum(angles * angles)[1:]
    observed = (squares - sums * sums / sizes) / (sizes - 1)
    between = np.maximum(observed - np.cumsum(chances)[1:] / sizes, 0.0)
    weights = np.tril(1 / (between[:, None] + chances[None, :]), k=1)
    total = weights.sum(axis=1)
    return weights @ angles / total, between + 1 / total


def standings(values: Sequence[float], limit: float, slack: float = SLACK) -> list[Standing]:
    """The sum after each score."""
    found, total, start = [], 0.0, 0
    for place, value in enumerate(values):
        if total <= 0:
            start = place
        total = max(0.0, total + value - slack)
        is_signal = total > limit
        found.append(Standing(total, start, is_signal))
        if is_signal:
            total = 0.0
    return found


def drift_of(counts: Sequence[Count], baseline_size: int, standing: Standing, place: int) -> Drift:
    """What a signal at this place means: the level since it began beside the first lots'."""
    since = counts[standing.start : place + 1]
    pooled = Count(sum(one.passed for one in since), sum(one.units for one in since))
    base = spread(counts[: min(baseline_size, max(standing.start, 2))])
    return Drift(standing.start, ratio_at(base.mean, pooled.units), pooled.ratio)
