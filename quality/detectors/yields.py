"""Yield of a lot below what earlier lots predict, or below a fixed limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from quality.detectors.frame import ChanceDetector
from quality.detectors.thresholds import thresholds
from quality.domain.discovery import Weighed, combined
from quality.domain.dispersion import Count
from quality.domain.findings import Evidence, Finding, Json
from quality.domain.limit_sets import YIELD_KINDS
from quality.domain.limits import YIELD_ALPHA, Side, Verdict, predicted
from quality.domain.pictures import Picture, PointOf, lot_points
from quality.domain.words import LimitKind, Statistic
from quality.models import LimitVersion, YieldFigure
from quality.selectors.limit_versions import NO_LIMITS, ApprovedLimits, approved_limits
from quality.selectors.limits import fixed_limits
from quality.selectors.series import JUDGED_BY_LOTS, Judged, SeriesKey, judged_figures, key_of

WORDS = {Statistic.FINAL_YIELD: "Final yield", Statistic.FIRST_YIELD: "First-pass yield"}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """alpha, first_alpha: one-sided, of final and of first-pass yield; a drop of both shows in the
    first. effect_min: smaller drops are not worth a person's time.
    """

    alpha: float = YIELD_ALPHA
    first_alpha: float = 0.0003
    window_lots: int = JUDGED_BY_LOTS
    units_min: int = 20
    effect_min: float = 0.02


@dataclass(frozen=True, slots=True)
class Sight:
    """One statistic of one lot beside its limits. approved: the SYL that counts, if there is one.

    An approved SYL stands in the place of the predicted limit, an approved spec in that of the
    fixed one.
    """

    statistic: Statistic
    count: Count
    verdict: Verdict | None
    fixed: float | None
    alpha: float
    approved: LimitVersion | None = None
    spec: LimitVersion | None = None

    @property
    def is_below_set(self) -> bool:
        """Below the fixed or approved limit: what people asked for, whatever chance says."""
        limits = [self.fixed, self.approved.low if self.approved else None]
        return any(limit is not None and self.count.ratio < limit for limit in limits)

    @property
    def is_weighed(self) -> bool:
        """Whether chance judges it: by enough history, and where no approved limit does."""
        return (
            self.approved is None and self.verdict is not None and not self.verdict.is_provisional
        )

    def is_flagged(self, effect_min: float) -> bool:
        """Below a limit that was set, or below the predicted one by enough."""
        if self.is_below_set or not self.is_weighed:
            return self.is_below_set
        verdict = self.verdict
        assert verdict is not None, "it is weighed"
        return verdict.is_beyond and verdict.expected - verdict.value >= effect_min

    @property
    def limit(self) -> float:
        """The higher of the limits; 0 without any."""
        predicted_limit = self.verdict.limit if self.verdict else None
        shown = [self.fixed, self.approved.low if self.approved else predicted_limit]
        return max((limit for limit in shown if limit is not None), default=0.0)

    @property
    def rule(self) -> str:
        """By what it is flagged, in words."""
        if self.fixed is not None and self.count.ratio < self.fixed:
            return f"below the limit {self.spec}" if self.spec else "below the fixed limit"
        if self.approved is not None:
            return f"below the limit {self.approved}"
        lots = self.verdict.lot_count if self.verdict else 0
        return f"below what {lots} earlier lots predict, at an alpha of {self.alpha:g}"

    def as_json(self) -> dict[str, Json]:
        """For the evidence."""
        verdict = self.verdict
        versions = [str(one) for one in (self.spec, self.approved) if one is not None]
        told: dict[str, Json] = {"limit_version": "; ".join(versions)} if versions else {}
        return {
            **told,
            "value": self.count.ratio,
            "fixed_limit": self.fixed,
            "predicted_limit": verdict.limit if verdict else None,
            "expected": verdict.expected if verdict else None,
            "p_value": verdict.p_value if verdict else None,
            "is_provisional": verdict is None or verdict.is_provisional,
        }


class YieldBelowLimit(ChanceDetector):
    """Final and first-pass yield of each lot at each step; one finding for both."""

    code = "yield-below-limit"
    description = "Yield of a lot below its statistical, approved or fixed limit."

    def weigh(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Weighed]:
        """All lots and steps among these."""
        limits = thresholds(Thresholds, parameters)
        judged = judged_figures(lot_ids, limits.window_lots, limits.units_min)
        keys = {key_of(one.figure) for one in judged}
        approved = approved_limits(keys, YIELD_KINDS)
        return low_yields(judged, fixed_limits(keys), limits, approved)


def low_yields(
    judged: Sequence[Judged],
    fixed: Mapping[tuple[SeriesKey, Statistic], float],
    limits: Thresholds,
    approved: ApprovedLimits = NO_LIMITS,
) -> list[Weighed]:
    """All figures among these, with what is too low. Reads nothing but what is given."""
    found = []
    for one in judged:
        key = key_of(one.figure)
        sights = [
            _beside_approved(
                _sight(one, statistic, fixed.get((key, statistic)), alpha), one, approved
            )
            for statistic, alpha in (
                (Statistic.FINAL_YIELD, limits.alpha),
                (Statistic.FIRST_YIELD, limits.first_alpha),
            )
        ]
        flagged = [sight for sight in sights if sight.is_flagged(limits.effect_min)]
        if flagged or any(sight.is_weighed for sight in sights):
            found.append(_weighed(one, sights, flagged))
    return found


def _weighed(judged: Judged, sights: Sequence[Sight], flagged: Sequence[Sight]) -> Weighed:
    figure = judged.figure
    if not flagged:
        return Weighed(figure.lot_step_id, figure.started_at)
    finding = _finding(judged, flagged[0], sights)
    if any(sight.is_below_set for sight in flagged):
        return Weighed(figure.lot_step_id, figure.started_at, None, (finding,))
    chances = [
        (sight.verdict.p_value, sight.alpha)
        for sight in sights
        if sight.is_weighed and sight.verdict
    ]
    finding = replace(finding, is_weighed=True)
    return Weighed(figure.lot_step_id, figure.started_at, combined(chances), (finding,))


def _sight(judged: Judged, statistic: Statistic, fixed: float | None, alpha: float) -> Sight:
    count = _count(judged.figure, statistic)
    earlier = [_count(figure, statistic) for figure in judged.earlier]
    verdict = predicted(count, earlier, alpha=alpha, side=Side.LOW)
    return Sight(statistic, count, verdict, fixed, alpha)


def _beside_approved(sight: Sight, judged: Judged, approved: ApprovedLimits) -> Sight:
    key, moment = key_of(judged.figure), judged.figure.started_at
    spec = approved.at(key, LimitKind.SPEC, sight.statistic, moment)
    return replace(
        sight,
        fixed=sight.fixed if spec is None else spec.low,
        spec=spec,
        approved=approved.at(key, LimitKind.SYL, sight.statistic, moment),
    )


def _count(figure: YieldFigure, statistic: Statistic) -> Count:
    passed = {
        Statistic.FINAL_YIELD: figure.final_passed,
        Statistic.FIRST_YIELD: figure.first_passed,
    }[statistic]
    return Count(passed, figure.tested)


def _method(sight: Sight) -> str:
    if sight.approved is not None:
        return sight.approved.method
    return sight.verdict.method if sight.verdict else "fixed-limit-v1"


def _finding(judged: Judged, worst: Sight, sights: Sequence[Sight]) -> Finding:
    figure = judged.figure
    lot, step = figure.lot_step.lot, figure.lot_step.step
    words, verdict = WORDS[worst.statistic], worst.verdict
    return Finding(
        cause_key=f"{YieldBelowLimit.code}:{lot.code}:{step.code}",
        title=(
            f"{words} of {lot.code} at {step.code} is {worst.count.ratio:.1%}, "
            f"limit {worst.limit:.1%}"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"results {figure.revision}",
        evidence=Evidence(
            statistic=worst.statistic,
            value=worst.count.ratio,
            limit=worst.limit,
            n=figure.tested,
            method=_method(worst),
            baseline=judged.baseline,
            dispersion=verdict.dispersion if verdict else None,
            p_value=verdict.p_value if verdict else None,
            policy=figure.policy,
            facts={sight.statistic.value: sight.as_json() for sight in sights},
            pictures=(_picture(judged, worst),),
        ),
    )


def _picture(judged: Judged, sight: Sight) -> Picture:
    figures = (*judged.earlier, judged.figure)
    lots = [(one.lot_step.lot.code, _count(one, sight.statistic)) for one in figures]
    return Picture(
        title=f"{WORDS[sight.statistic]} of each lot",
        of=PointOf.LOT,
        rule=sight.rule,
        points=lot_points(lots),
        whole=len(lots),
        middle=sight.verdict.expected if sight.verdict else None,
        low=sight.limit or None,
    )
