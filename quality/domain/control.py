"""Control charts of lots: limits frozen from a first phase, and later lots judged by them.

p, Laney and u charts know the chance of each lot's own size. I-MR, EWMA and CUSUM work on the
logit of the ratio, where the spread hardly depends on the level, and are told as ratios again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from quality.domain.charts import (
    RANGE_FACTORS,
    count_sigma,
    cusum,
    ewma,
    ewma_half_width,
    individuals_chart,
    proportion_sigma,
)
from quality.domain.dispersion import Count, laney_sigma
from quality.domain.limit_sets import Proposal
from quality.domain.run_rules import (
    SHIFTED,
    SUDDEN,
    Rule,
    broken_rules,
    limit_rule,
    rules_of,
)
from quality.domain.words import LimitKind, RuleSet
from supplychain.base.deferred import special

PHASE_I_LOTS_MIN = 20
"""A shorter first phase makes a chart provisional. Source: Montgomery, 20 to 25 samples."""

EWMA_WEIGHT = 0.1
CUSUM_SLACK = 0.5
USUAL_REACH = {LimitKind.CHART_EWMA: 3.059, LimitKind.CHART_CUSUM: 5.757}
"""One false alarm in 1,000 lots of a series; other charts stand at 3 sigma."""

RATIO_KINDS = frozenset({LimitKind.CHART_P, LimitKind.CHART_LANEY, LimitKind.CHART_U})
CHART_KINDS = RATIO_KINDS | {LimitKind.CHART_IMR, LimitKind.CHART_EWMA, LimitKind.CHART_CUSUM}


def usual_reach(kind: LimitKind) -> float:
    """Sigma from the middle where nobody says otherwise."""
    return USUAL_REACH.get(kind, 3.0)


@dataclass(frozen=True, slots=True)
class Point:
    """A lot on a chart. low, high: its limits; None: none on that side. rules: those it breaks."""

    value: float
    low: float | None
    high: float | None
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a chart; a point for each lot, None where it has none.

    is_ratio: values are ratios 0 to 1, else in sigma (CUSUM) or logits (moving range).
    """

    title: str
    middle: float | None
    points: tuple[Point | None, ...]
    is_ratio: bool


def logit(count: Count) -> float:
    """Log odds, half a unit from 0 and 1."""
    return math.log((count.passed + 0.5) / (count.units - count.passed + 0.5))


def chart_proposal(kind: LimitKind, counts: Sequence[Count], reach: float) -> Proposal | None:
    """Limits of a first phase. None below two lots and where nothing differs.

    middle, low, high: ratios; of charts whose limits depend on the lot's size, for one of median
    size; of CUSUM only the middle. sigma: of ratio charts the spread over chance (Laney's
    sigma-z, else 1), of the others in logits.
    """
    if len(counts) < 2:
        return None
    pooled = sum(count.passed for count in counts) / sum(count.units for count in counts)
    if not 0 < pooled < 1:
        return None
    middle, sigma = _phase_one(kind, counts, pooled)
    if sigma <= 0:
        return None
    found = Proposal(None, middle, None, sigma, _method(kind), len(counts) < PHASE_I_LOTS_MIN)
    low, high = _settled(kind, found, round(median(count.units for count in counts)), reach)
    return Proposal(low, middle, high, sigma, found.method, found.is_provisional)


def _phase_one(kind: LimitKind, counts: Sequence[Count], pooled: float) -> tuple[float, float]:
    if kind in RATIO_KINDS:
        return pooled, laney_sigma(counts) if kind is LimitKind.CHART_LANEY else 1.0
    chart = individuals_chart([logit(count) for count in counts])
    return _ratio(chart.middle), (chart.high[0] - chart.middle) / 3


def _method(kind: LimitKind) -> str:
    return {
        LimitKind.CHART_P: "p-v1",
        LimitKind.CHART_LANEY: "laney-p-v1",
        LimitKind.CHART_U: "u-v1",
        LimitKind.CHART_IMR: "imr-logit-v1",
        LimitKind.CHART_EWMA: f"ewma-{EWMA_WEIGHT:g}-logit-v1",
        LimitKind.CHART_CUSUM: f"cusum-{CUSUM_SLACK:g}-logit-v1",
    }[kind]


def _settled(
    kind: LimitKind, limits: Proposal, units: int, reach: float
) -> tuple[float | None, float | None]:
    """Limits of a lot of so many units, far from the start of the chart."""
    middle, sigma = _frozen(limits)
    if kind in RATIO_KINDS:
        return _bounds(middle, reach * sigma * _chance(kind, middle, units))
    if kind is LimitKind.CHART_CUSUM:
        return None, None
    centre = float(special.logit(middle))
    half = reach * sigma
    if kind is LimitKind.CHART_EWMA:
        half = ewma_half_width(EWMA_WEIGHT, sigma, reach)
    return _ratio(centre - half), _ratio(centre + half)


def control_panels(
    kind: LimitKind, limits: Proposal, counts: Sequence[Count], reach: float, chosen: RuleSet
) -> tuple[Panel, ...]:
    """Lots, oldest first, beside frozen limits. chosen: rules of p, Laney, u and I charts.

    The weighted mean starts at the middle and the sums at zero with the first lot.
    """
    if kind in RATIO_KINDS:
        return (_ratio_panel(kind, limits, counts, reach, chosen),)
    middle, sigma = _frozen(limits)
    centre = float(special.logit(middle))
    scores = [(logit(count) - centre) / sigma for count in counts]
    if kind is LimitKind.CHART_CUSUM:
        return _sums(scores, reach)
    scale = _Scale(centre, sigma)
    if kind is LimitKind.CHART_EWMA:
        return (_weighted(scale, scores, reach),)
    return (_individuals(scale, scores, counts, reach, chosen), _ranges(sigma, scores))


@dataclass(frozen=True, slots=True)
class _Scale:
    """centre, sigma: in logits."""

    centre: float
    sigma: float

    def ratio_at(self, score: float) -> float:
        """Ratio so many sigma from the centre."""
        return _ratio(self.centre + score * self.sigma)


def _ratio_panel(
    kind: LimitKind, limits: Proposal, counts: Sequence[Count], reach: float, chosen: RuleSet
) -> Panel:
    middle, spread = _frozen(limits)
    sigmas = [spread * _chance(kind, middle, count.units) for count in counts]
    scores = [(count.ratio - middle) / sigma for count, sigma in zip(counts, sigmas, strict=True)]
    found = broken_rules(scores, rules_of(chosen, reach))
    points = [
        Point(count.ratio, *_bounds(middle, reach * sigma), rules)
        for count, sigma, rules in zip(counts, sigmas, found, strict=True)
    ]
    return Panel("Share of each lot", middle, tuple(points), is_ratio=True)


def _individuals(
    scale: _Scale, scores: Sequence[float], counts: Sequence[Count], reach: float, chosen: RuleSet
) -> Panel:
    low, high = scale.ratio_at(-reach), scale.ratio_at(reach)
    found = broken_rules(scores, rules_of(chosen, reach))
    points = [
        Point(count.ratio, low, high, rules) for count, rules in zip(counts, found, strict=True)
    ]
    return Panel("Share of each lot", scale.ratio_at(0), tuple(points), is_ratio=True)


def _ranges(sigma: float, scores: Sequence[float]) -> Panel:
    """Moving ranges of two, in logits; the first lot has none."""
    d2, d3 = RANGE_FACTORS[2]
    high = d2 + 3 * d3
    ranges = [abs(after - before) for before, after in pairwise(scores)]
    rule = limit_rule("moving range beyond its limit", SUDDEN, high)
    points = [
        Point(value * sigma, None, high * sigma, rules)
        for value, rules in zip(ranges, broken_rules(ranges, [rule]), strict=True)
    ]
    first: list[Point | None] = [None] if scores else []
    return Panel("Moving range, logits", d2 * sigma, (*first, *points), is_ratio=False)


def _weighted(scale: _Scale, scores: Sequence[float], reach: float) -> Panel:
    means = ewma(scores, EWMA_WEIGHT, 0.0)
    rule = limit_rule(f"weighted mean beyond {reach:g} of its sigma", SHIFTED, 1.0)
    halves = [ewma_half_width(EWMA_WEIGHT, 1.0, reach, place) for place in range(1, len(means) + 1)]
    found = broken_rules([mean / half for mean, half in zip(means, halves, strict=True)], [rule])
    points = [
        Point(scale.ratio_at(mean), scale.ratio_at(-half), scale.ratio_at(half), rules)
        for mean, half, rules in zip(means, halves, found, strict=True)
    ]
    return Panel("Weighted mean of lots", scale.ratio_at(0), tuple(points), is_ratio=True)


def _sums(scores: Sequence[float], reach: float) -> tuple[Panel, ...]:
    rule = limit_rule(f"sum beyond {reach:g} sigma", SHIFTED, reach)
    pairs = cusum(scores, 0.0, CUSUM_SLACK)
    return tuple(
        Panel(
            title,
            None,
            tuple(
                Point(value, None, reach, rules)
                for value, rules in zip(values, broken_rules(values, [rule]), strict=True)
            ),
            is_ratio=False,
        )
        for title, values in (
            ("Sum of falls, sigma", [down for _, down in pairs]),
            ("Sum of rises, sigma", [up for up, _ in pairs]),
        )
    )


def _chance(kind: LimitKind, middle: float, units: int) -> float:
    deviation = count_sigma if kind is LimitKind.CHART_U else proportion_sigma
    return deviation(middle, units)


def _bounds(middle: float, half: float) -> tuple[float, float]:
    return max(0.0, middle - half), min(1.0, middle + half)


def _frozen(limits: Proposal) -> tuple[float, float]:
    assert limits.middle is not None, "a chart has a middle"
    assert limits.sigma is not None, "a chart has a spread"
    return limits.middle, limits.sigma


def _ratio(log_odds: float) -> float:
    return float(special.expit(log_odds))
