"""Many values drawn as few figures: histogram, boxes, normal plot, and two samples compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supplychain.base.deferred import stats

FLOATS = NDArray[np.float64]
BARS_MAX = 60
QUANTILES = 201
TAIL = 0.001
WHISKER = 1.5
CONFIDENCE = 0.95
COMPARED_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Axis:
    """What is drawn; values beyond it are counted, not drawn. low < high."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """counts: (bar,) over edges (bar + 1,). below, above: values beyond the axis."""

    counts: tuple[int, ...]
    below: int
    above: int


@dataclass(frozen=True, slots=True)
class Box:
    """Quartiles by linear interpolation; whiskers end at the last value within 1.5 of their range.

    outside: values beyond the whiskers.
    """

    label: str
    count: int
    mean: float
    whisker_low: float
    quartile_low: float
    median: float
    quartile_high: float
    whisker_high: float
    outside: int


@dataclass(frozen=True, slots=True)
class NormalPlot:
    """Quantiles of the values against those of a normal. line: intercept and slope by quartiles."""

    normal: tuple[float, ...]
    value: tuple[float, ...]
    intercept: float
    slope: float


@dataclass(frozen=True, slots=True)
class Moments:
    """deviation: sample; None below two values. Ppk: None without limits or spread."""

    count: int
    mean: float
    deviation: float | None
    minimum: float
    median: float
    maximum: float
    ppk: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Second sample against the first, every value taken for independent.

    difference: of means, with its interval (Welch). effect: in pooled deviations (Cohen's d), None
    without spread. superiority: chance that a value of the second is larger, halves for ties.
    """

    difference: float
    difference_low: float
    difference_high: float
    effect: float | None
    superiority: float
    mann_whitney_p: float
    ks_distance: float
    ks_p: float


def axis_of(samples: Sequence[FLOATS], limits: Sequence[float | None]) -> Axis:
    """From all but one value in a thousand at either end, widened to the limits if they are near.

    A limit farther away than the values are wide is left beyond the edge.
    """
    values = np.concatenate(samples)
    low, high = (float(one) for one in np.quantile(values, [TAIL, 1 - TAIL]))
    width = high - low or abs(high) * 0.1 or 1.0
    near = [one for one in limits if one is not None and low - width <= one <= high + width]
    low, high = min([low, *near]), max([high, *near])
    margin = (high - low or width) * 0.04
    return Axis(low - margin, high + margin)


def edges_of(axis: Axis, count: int) -> FLOATS:
    """Bars as Sturges and the square root have them, whichever is more, at most BARS_MAX."""
    bars = max(int(math.log2(max(count, 1))) + 1, int(math.sqrt(count)), 5)
    return np.linspace(axis.low, axis.high, min(bars, BARS_MAX) + 1)


def histogram(values: FLOATS, edges: FLOATS) -> Histogram:
    """Bars hold their lower edge; the last one both."""
    counts, _ = np.histogram(values, edges)
    below, above = int((values < edges[0]).sum()), int((values > edges[-1]).sum())
    return Histogram(tuple(counts.tolist()), below, above)


def box(label: str, values: FLOATS) -> Box:
    """One value or more."""
    low, middle, high = (float(one) for one in np.quantile(values, [0.25, 0.5, 0.75]))
    reach = WHISKER * (high - low)
    inside = values[(values >= low - reach) & (values <= high + reach)]
    return Box(
        label=label,
        count=len(values),
        mean=float(values.mean()),
        whisker_low=float(inside.min()),
        quartile_low=low,
        median=middle,
        quartile_high=high,
        whisker_high=float(inside.max()),
        outside=len(values) - len(inside),
    )


def normal_plot(values: FLOATS) -> NormalPlot:
    """At most QUANTILES points, the ends among them. Two values or more."""
    ordered = np.sort(values)
    size = len(ordered)
    ranks = np.unique(np.linspace(0, size - 1, min(size, QUANTILES)).round().astype(np.int64))
    normal = stats.norm.ppf((ranks + 0.5) / size)
    low, high = np.quantile(ordered, [0.25, 0.75])
    reach = float(stats.norm.ppf(0.75))
    slope = float(high - low) / (2 * reach)
    return NormalPlot(
        tuple(normal.tolist()), tuple(ordered[ranks].tolist()), float(low + high) / 2, slope
    )


def paired_quantiles(first: FLOATS, second: FLOATS) -> list[tuple[float, float]]:
    """Values of both at the same shares, rising: on a line where both are alike.

    As many as the smaller has, at most QUANTILES. first, second: (value,), one or more each.
    """
    size = min(len(first), len(second), QUANTILES)
    shares = (np.arange(size) + 0.5) / size
    return list(
        zip(np.quantile(first, shares).tolist(), np.quantile(second, shares).tolist(), strict=True)
    )


def moments(values: FLOATS, limit_low: float | None, limit_high: float | None) -> Moments:
    """One value or more."""
    mean = float(values.mean())
    deviation = float(values.std(ddof=1)) if len(values) > 1 else None
    reaches = []
    if deviation:
        if limit_low is not None:
            reaches.append((mean - limit_low) / (3 * deviation))
        if limit_high is not None:
            reaches.append((limit_high - mean) / (3 * deviation))
    return Moments(
        count=len(values),
        mean=mean,
        deviation=deviation,
        minimum=float(values.min()),
        median=float(np.median(values)),
        maximum=float(values.max()),
        ppk=min(reaches, default=None),
    )


def compare(first: FLOATS, second: FLOATS) -> Comparison:
    """Two values or more of each. Beyond COMPARED_MAX every so many-th of the ordered values."""
    first, second = thinned(first), thinned(second)
    spreads = [float(one.var(ddof=1)) for one in (first, second)]
    sizes = [len(first), len(second)]
    difference = float(second.mean() - first.mean())
    reach = _welch_reach(spreads, sizes)
    freedom = sum(sizes) - 2
    pooled = math.sqrt(sum((n - 1) * s for n, s in zip(sizes, spreads, strict=True)) / freedom)
    rank = stats.mannwhitneyu(second, first)
    distance = stats.ks_2samp(first, second, method="asymp")
    return Comparison(
        difference=difference,
        difference_low=difference - reach,
        difference_high=difference + reach,
        effect=difference / pooled if pooled > 0 else None,
        superiority=float(rank.statistic) / (sizes[0] * sizes[1]),
        mann_whitney_p=float(rank.pvalue),
        ks_distance=float(distance.statistic),
        ks_p=float(distance.pvalue),
    )


def _welch_reach(spreads: Sequence[float], sizes: Sequence[int]) -> float:
    parts = [spread / size for spread, size in zip(spreads, sizes, strict=True)]
    if not sum(parts):
        return 0.0
    freedom = sum(parts) ** 2 / sum(
        part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True)
    )
    return float(stats.t.isf((1 - CONFIDENCE) / 2, freedom)) * math.sqrt(sum(parts))


def thinned(values: FLOATS) -> FLOATS:
    """Evenly spaced order statistics where there are too many values."""
    if len(values) <= COMPARED_MAX:
        return values
    places = np.linspace(0, len(values) - 1, COMPARED_MAX).round().astype(np.int64)
    return np.sort(values)[places]


def group_comparison(first: Sequence[float], second: Sequence[float]) -> float | None:
    """p of the lots' own medians (Mann-Whitney), which are nearly independent.

    None below three lots on a side: nothing can be concluded.
    """
    if min(len(first), len(second)) < 3:
        return None
    return float(stats.mannwhitneyu(first, second).pvalue)
