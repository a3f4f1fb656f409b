"""Control charts of lots: limits frozen from a first phase, and later lots judged by them.

p, Laney and u charts know the chance of each lot's own size. I-MR, EWMA and CUSUM work on the
scale of `measures`, where the spread hardly depends on the level: logits of shares, logs of rates
and times. They are told in the figure's unit again.
"""

from __future__ import annotations

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
from quality.domain.dispersion import spread_over_chance
from quality.domain.limit_sets import Proposal
from quality.domain.measures import COUNTED, SCALES, Measure, Sample, scaled, score_of, told
from quality.domain.run_rules import (
    SHIFTED,
    SUDDEN,
    Rule,
    broken_rules,
    limit_rule,
    rules_of,
)
from quality.domain.words import LimitKind, RuleSet

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

    is_in_unit: values are in the figure's own unit, else in sigma (CUSUM), logits or logs (moving
    range). is_ratio: they are ratios 0 to 1.
    """

    title: str
    middle: float | None
    points: tuple[Point | None, ...]
    is_ratio: bool
    is_in_unit: bool


LOTS_TITLES = {
    Measure.SHARE: "Share of each lot",
    Measure.RATE: "Rate of each lot",
    Measure.VALUE: "Value of each lot",
    Measure.DURATION: "Time of each lot",
}


def chart_proposal(
    kind: LimitKind, samples: Sequence[Sample], reach: float, measure: Measure = Measure.SHARE
) -> Proposal | None:
    """Limits of a first phase. None below two lots and where nothing differs.

    middle, low, high: in the figure's unit; of charts whose limits depend on the lot's size, for
    one of median size; of CUSUM only the middle. sigma: of p, Laney and u charts the spread over
    chance (Laney's sigma-z, else 1), of the others on the scale of the measure.
    """
    found = _phase_one(kind, samples, measure) if len(samples) > 1 else None
    if found is None or found[1] <= 0:
        return None
    middle, sigma = found
    method, is_short = _method(kind, measure), len(samples) < PHASE_I_LOTS_MIN
    chart = _Chart(kind, measure, middle, sigma, reach)
    low, high = chart.settled(round(median(sample.size for sample in samples)))
    return Proposal(low, middle, high, sigma, method, is_short)


def _phase_one(
    kind: LimitKind, samples: Sequence[Sample], measure: Measure
) -> tuple[float, float] | None:
    """Middle and sigma; None where all or nothing was counted."""
    if measure in COUNTED:
        pooled = sum(one.counted for one in samples) / sum(one.size for one in samples)
        if pooled <= 0 or (measure is Measure.SHARE and pooled >= 1):
            return None
        if kind in RATIO_KINDS:
            return pooled, _over_chance(kind, samples, measure, pooled)
    chart = individuals_chart([score_of(measure, one) for one in samples])
    return told(measure, chart.middle), (chart.high[0] - chart.middle) / 3


def _over_chance(
    kind: LimitKind, samples: Sequence[Sample], measure: Measure, middle: float
) -> float:
    if kind is not LimitKind.CHART_LANEY:
        return 1.0
    chart = _Chart(kind, measure, middle, 1.0, 1.0)
    chances = [chart.chance(one.size) for one in samples]
    return spread_over_chance([one.value for one in samples], middle, chances)


def _method(kind: LimitKind, measure: Measure) -> str:
    scale = f"-{SCALES[measure]}".rstrip("-")
    return {
        LimitKind.CHART_P: "p-v1",
        LimitKind.CHART_LANEY: "laney-u-v1" if measure is Measure.RATE else "laney-p-v1",
        LimitKind.CHART_U: "u-v1",
        LimitKind.CHART_IMR: f"imr{scale}-v1",
        LimitKind.CHART_EWMA: f"ewma-{EWMA_WEIGHT:g}{scale}-v1",
        LimitKind.CHART_CUSUM: f"cusum-{CUSUM_SLACK:g}{scale}-v1",
    }[kind]


@dataclass(frozen=True, slots=True)
class _Chart:
    """middle: in the figure's unit. sigma, reach: as frozen."""

    kind: LimitKind
    measure: Measure
    middle: float
    sigma: float
    reach: float

    @property
    def centre(self) -> float:
        """The middle on the scale."""
        return scaled(self.measure, self.middle)

    @property
    def is_ratio(self) -> bool:
        """Whether the figure's unit is a ratio."""
        return self.measure is Measure.SHARE

    def at(self, score: float) -> float:
        """The level so many sigma from the centre."""
        return told(self.measure, self.centre + score * self.sigma)

    def chance(self, size: int) -> float:
        """Deviation by chance alone of a lot of this size."""
        is_count = self.kind is LimitKind.CHART_U or self.measure is Measure.RATE
        return (count_sigma if is_count else proportion_sigma)(self.middle, size)

    def bounds(self, size: int) -> tuple[float, float]:
        """Limits of a lot of this size; a share lies within 0 and 1, a rate is not below 0."""
        half = self.reach * self.sigma * self.chance(size)
        high = self.middle + half
        return max(0.0, self.middle - half), min(1.0, high) if self.is_ratio else high

    def settled(self, size: int) -> tuple[float | None, float | None]:
        """Limits of a lot of this size, far from the start of the chart."""
        if self.kind in RATIO_KINDS:
            return self.bounds(size)
        if self.kind is LimitKind.CHART_CUSUM:
            return None, None
        half = self.reach
        if self.kind is LimitKind.CHART_EWMA:
            half = ewma_half_width(EWMA_WEIGHT, 1.0, self.reach)
        return self.at(-half), self.at(half)


def control_panels(
    kind: LimitKind,
    limits: Proposal,
    samples: Sequence[Sample],
    reach: float,
    chosen: RuleSet,
    measure: Measure = Measure.SHARE,
) -> tuple[Panel, ...]:
    """Lots, oldest first, beside frozen limits. chosen: rules of p, Laney, u and I charts.

    The weighted mean starts at the middle and the sums at zero with the first lot.
    """
    assert limits.middle is not None, "a chart has a middle"
    assert limits.sigma is not None, "a chart has a spread"
    chart = _Chart(kind, measure, limits.middle, limits.sigma, reach)
    rules = rules_of(chosen, reach)
    if kind in RATIO_KINDS:
        return (_by_size(chart, samples, rules),)
    scores = [(score_of(measure, one) - chart.centre) / chart.sigma for one in samples]
    if kind is LimitKind.CHART_CUSUM:
        return _sums(scores, reach)
    if kind is LimitKind.CHART_EWMA:
        return (_weighted(chart, scores),)
    return (_individuals(chart, scores, samples, rules), _ranges(chart, scores))


def _by_size(chart: _Chart, samples: Sequence[Sample], rules: Sequence[Rule]) -> Panel:
    scores = [
        (one.value - chart.middle) / (chart.sigma * chart.chance(one.size)) for one in samples
    ]
    points = [
        Point(one.value, *chart.bounds(one.size), broken)
        for one, broken in zip(samples, broken_rules(scores, rules), strict=True)
    ]
    return _own(chart, LOTS_TITLES[chart.measure], chart.middle, points)


def _own(chart: _Chart, title: str, middle: float, points: Sequence[Point]) -> Panel:
    return Panel(title, middle, tuple(points), is_ratio=chart.is_ratio, is_in_unit=True)


def _individuals(
    chart: _Chart, scores: Sequence[float], samples: Sequence[Sample], rules: Sequence[Rule]
) -> Panel:
    low, high = chart.at(-chart.reach), chart.at(chart.reach)
    points = [
        Point(one.value, low, high, broken)
        for one, broken in zip(samples, broken_rules(scores, rules), strict=True)
    ]
    return _own(chart, LOTS_TITLES[chart.measure], chart.at(0), points)


def _ranges(chart: _Chart, scores: Sequence[float]) -> Panel:
    """Moving ranges of two, on the scale; the first lot has none."""
    d2, d3 = RANGE_FACTORS[2]
    high = d2 + 3 * d3
    ranges = [abs(after - before) for before, after in pairwise(scores)]
    rule = limit_rule("moving range beyond its limit", SUDDEN, high)
    points = [
        Point(value * chart.sigma, None, high * chart.sigma, rules)
        for value, rules in zip(ranges, broken_rules(ranges, [rule]), strict=True)
    ]
    first: list[Point | None] = [None] if scores else []
    scale = SCALES[chart.measure]
    title = f"Moving range, {scale}s" if scale else "Moving range"
    return Panel(title, d2 * chart.sigma, (*first, *points), is_ratio=False, is_in_unit=not scale)


def _weighted(chart: _Chart, scores: Sequence[float]) -> Panel:
    means = ewma(scores, EWMA_WEIGHT, 0.0)
    rule = limit_rule(f"weighted mean beyond {chart.reach:g} of its sigma", SHIFTED, 1.0)
    halves = [
        ewma_half_width(EWMA_WEIGHT, 1.0, chart.reach, place) for place in range(1, len(means) + 1)
    ]
    found = broken_rules([mean / half for mean, half in zip(means, halves, strict=True)], [rule])
    points = [
        Point(chart.at(mean), chart.at(-half), chart.at(half), rules)
        for mean, half, rules in zip(means, halves, found, strict=True)
    ]
    return _own(chart, "Weighted mean of lots", chart.at(0), points)


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
            is_in_unit=False,
        )
        for title, values in (
            ("Sum of falls, sigma", [down for _, down in pairs]),
            ("Sum of rises, sigma", [up for up, _ in pairs]),
        )
    )
