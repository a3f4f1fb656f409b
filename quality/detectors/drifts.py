"""Yield of a product that falls slowly, or has fallen by little and stays there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quality.detectors.thresholds import thresholds
from quality.domain.dispersion import Count
from quality.domain.drift import METHOD, Drift, Standing, drift_of, limit_for, scores, standings
from quality.domain.findings import Evidence, Finding
from quality.domain.pictures import POINTS_MAX, Picture, PicturePoint, PointOf, lot_points
from quality.domain.words import Statistic
from quality.models import YieldFigure
from quality.selectors.long_series import LongSeries, Span, cause_of, long_series

WORDS = {Statistic.FINAL_YIELD: "Final yield", Statistic.FIRST_YIELD: "First-pass yield"}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """lots_between, first_lots_between: false alarms of one series come so many lots apart, of
    final and of first-pass yield: a fall of both shows in the first, so more is asked of the other.
    baseline_lots: the first lots of a series, which say what is usual. baseline_min: with fewer
    nothing is said. window_lots: how far back a drift may have begun. effect_min: a smaller fall is
    left alone.
    """

    lots_between: int = 1000
    first_lots_between: int = 20_000
    baseline_lots: int = 100
    baseline_min: int = 12
    window_lots: int = 100
    units_min: int = 20
    effect_min: float = 0.005


@dataclass(frozen=True, slots=True)
class Sight:
    """A signal at the lot that gave it. figures: of the series, oldest first; sums: after
    each of them; place: of the lot.
    """

    series: LongSeries
    figures: Sequence[YieldFigure]
    place: int
    sums: Sequence[Standing]
    drift: Drift
    statistic: Statistic
    limit: float

    @property
    def standing(self) -> Standing:
        """The sum at the lot."""
        return self.sums[self.place]


class YieldDrift:
    """A cumulative sum over the lots of a series, for first-pass and final yield.

    The cause is the series, not the lot: later lots add to the same issue.
    """

    code = "yield-drift"
    description = "Yield of a product falls over several lots."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """All of these lots at which the sum of their series passes its limit."""
        limits = thresholds(Thresholds, parameters)
        span = Span(limits.baseline_lots, limits.window_lots, limits.units_min)
        return drifts_in(long_series(lot_ids, span, self.code), limits)


def drifts_in(found_series: Sequence[LongSeries], limits: Thresholds) -> list[Finding]:
    """Every lot that shows its series to have drifted: in final yield, or in first-pass alone.

    Reads nothing but what is given.
    """
    found = []
    for series in found_series:
        final = _sight(series, Statistic.FINAL_YIELD, limits)
        sight = final or _sight(series, Statistic.FIRST_YIELD, limits)
        found += [_finding(sight)] if sight is not None else []
    return found


def _sight(series: LongSeries, statistic: Statistic, limits: Thresholds) -> Sight | None:
    """The signal at the lot that is judged, if it gives one."""
    figures = (*series.first, *series.recent)
    if not figures or figures[-1].lot_step_id != series.judged:
        return None
    counts = [_count(figure, statistic) for figure in figures]
    values = scores(counts, limits.baseline_lots)
    values[: limits.baseline_min] = [0.0] * min(limits.baseline_min, len(values))
    is_final = statistic is Statistic.FINAL_YIELD
    limit = limit_for(limits.lots_between if is_final else limits.first_lots_between)
    sums, place = standings(values, limit), len(figures) - 1
    standing = sums[place]
    if not standing.is_signal:
        return None
    drift = drift_of(counts, limits.baseline_lots, standing, place)
    if drift.expected - drift.value < limits.effect_min:
        return None
    return Sight(series, figures, place, sums, drift, statistic, limit)


def _count(figure: YieldFigure, statistic: Statistic) -> Count:
    is_final = statistic is Statistic.FINAL_YIELD
    return Count(figure.final_passed if is_final else figure.first_passed, figure.tested)


def _finding(sight: Sight) -> Finding:
    figure, drift = sight.figures[sight.place], sight.drift
    lot, step = figure.lot_step.lot, figure.lot_step.step
    since = sight.figures[drift.since : sight.place + 1]
    words = WORDS[sight.statistic]
    return Finding(
        cause_key=cause_of(YieldDrift.code, sight.series.key, lot.product.code),
        title=(
            f"{words} of {lot.product.code} at {step.code} has been {drift.value:.1%} over "
            f"{len(since)} lots, before {drift.expected:.1%}"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"{lot.code} results {figure.revision}",
        evidence=Evidence(
            statistic=sight.statistic,
            value=drift.value,
            limit=drift.expected,
            n=sum(one.tested for one in since),
            method=METHOD,
            baseline=tuple(
                one.lot_step.lot.code for one in sight.series.first[: max(drift.since, 2)]
            ),
            policy=figure.policy,
            facts={
                "sum": sight.standing.value,
                "sum_limit": sight.limit,
                "lots_since": [
                    {
                        "lot": one.lot_step.lot.code,
                        "yield": _count(one, sight.statistic).ratio,
                        "tested": one.tested,
                    }
                    for one in since
                ],
            },
            pictures=(_levels(sight), _sums(sight)),
        ),
    )


def _levels(sight: Sight) -> Picture:
    lots = [(one.lot_step.lot.code, _count(one, sight.statistic)) for one in sight.figures]
    drift = sight.drift
    return Picture(
        title=f"{WORDS[sight.statistic]} of each lot",
        of=PointOf.LOT,
        rule="a lot since the fall began",
        points=lot_points(lots, len(lots) - drift.since),
        whole=len(lots),
        middle=drift.expected,
    )


def _sums(sight: Sight) -> Picture:
    points = [
        PicturePoint(one.lot_step.lot.code, found.value, is_flagged=found.is_signal)
        for one, found in zip(sight.figures, sight.sums, strict=True)
    ]
    return Picture(
        title="Cumulative sum of falls",
        of=PointOf.LOT,
        rule=f"the sum passes {sight.limit:.2f} sigma, and begins again",
        points=tuple(points[-POINTS_MAX:]),
        whole=len(points),
        high=sight.limit,
        is_ratio=False,
        unit="sigma",
    )
