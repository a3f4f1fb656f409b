"""Lots of which too many units were put in again, or too many were saved by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from quality.detectors.frame import ChanceDetector
from quality.detectors.thresholds import thresholds
from quality.domain.discovery import Weighed
from quality.domain.dispersion import Count
from quality.domain.findings import Evidence, Finding, Json
from quality.domain.intervals import chance_of_most, upper_bound
from quality.domain.limits import Side, Verdict, predicted
from quality.domain.pictures import Picture, PointOf, lot_points
from quality.models import YieldFigure
from quality.selectors.series import JUDGED_BY_LOTS, Judged, judged_figures

METHOD = "exact-lower-bound-v1"


class Share(StrEnum):
    """What is looked at: retested of the units tested, or recovered of the units retested."""

    RETESTED = "retest-share"
    RECOVERED = "recovered-share"


TITLES = {
    Share.RETESTED: "Units tested again, of those tested",
    Share.RECOVERED: "Units that recovered, of those tested again",
}
WORDS = {
    Share.RETESTED: "units of {} were tested again",
    Share.RECOVERED: "retested units of {} recovered",
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """retest_max: of the units tested. recovery_max: of the units retested; more points to contact.

    alpha: one-sided, of both the bound on the share and the limit from earlier lots.
    """

    retest_max: float = 0.05
    recovery_max: float = 0.5
    alpha: float = 0.00135
    units_min: int = 20
    retested_min: int = 8
    window_lots: int = JUDGED_BY_LOTS


@dataclass(frozen=True, slots=True)
class Sight:
    """One share of one lot. low: what it surely is; verdict: beside earlier lots, if there
    are. lots: code and count of all that have the share, this lot last."""

    share: Share
    count: Count
    limit: float
    low: float
    verdict: Verdict | None
    lots: Sequence[tuple[str, Count]]

    @property
    def is_flagged(self) -> bool:
        """Surely above the limit, and not what lots of this product always do."""
        if self.low <= self.limit:
            return False
        return self.verdict is None or self.verdict.is_provisional or self.verdict.is_beyond

    @property
    def is_beyond(self) -> bool:
        """Whether earlier lots judge it, and it is above what they predict."""
        verdict = self.verdict
        return verdict is not None and not verdict.is_provisional and verdict.is_beyond

    @property
    def p_value(self) -> float:
        """Chance of such a share on the limit, and beside earlier lots where they judge: the
        larger, as both must be unlikely."""
        exact = chance_of_most(
            self.count.units - self.count.passed, self.count.units, 1 - self.limit
        )
        if self.verdict is None or self.verdict.is_provisional:
            return exact
        return max(exact, self.verdict.p_value)


class RetestRate(ChanceDetector):
    """Both shares of each lot at each step. The cause is the series: later lots add to it."""

    code = "retest-rate"
    description = "Too many units of a lot were tested again, or too many of these recovered."

    def weigh(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Weighed]:
        """All of these lots at steps with enough units to ask."""
        limits = thresholds(Thresholds, parameters)
        judged = judged_figures(lot_ids, limits.window_lots, limits.units_min)
        return high_shares(judged, limits)


def high_shares(judged: Sequence[Judged], limits: Thresholds) -> list[Weighed]:
    """All figures among these with a share to ask for. Reads nothing but what is given."""
    found = []
    for one in judged:
        asked = (
            _sight(one, Share.RETESTED, limits.retest_max, limits.units_min, limits.alpha),
            _sight(one, Share.RECOVERED, limits.recovery_max, limits.retested_min, limits.alpha),
        )
        sights = [sight for sight in asked if sight is not None]
        if sights:
            found.append(_weighed(one, sights))
    return found


def _weighed(judged: Judged, sights: Sequence[Sight]) -> Weighed:
    """Either share had a chance to be flagged. Source: Bonferroni."""
    figure, high = judged.figure, [sight for sight in sights if sight.is_flagged]
    p_value = min(1.0, min(one.p_value for one in high) * len(sights)) if high else None
    findings = tuple(_finding(judged, sight) for sight in high)
    return Weighed(figure.lot_step_id, figure.started_at, p_value, findings)


def _sight(
    judged: Judged, share: Share, limit: float, units_min: int, alpha: float
) -> Sight | None:
    """None where too few units are asked."""
    count = _count(judged.figure, share, units_min)
    if count is None:
        return None
    asked = ((one.lot_step.lot.code, _count(one, share, units_min)) for one in judged.earlier)
    earlier = [(code, found) for code, found in asked if found is not None]
    return Sight(
        share,
        count,
        limit,
        low=1 - upper_bound(count.units - count.passed, count.units, 1 - alpha),
        verdict=predicted(count, [one for _, one in earlier], alpha=alpha, side=Side.HIGH),
        lots=(*earlier, (judged.figure.lot_step.lot.code, count)),
    )


def _count(figure: YieldFigure, share: Share, units_min: int) -> Count | None:
    part, whole = (
        (figure.retested, figure.tested)
        if share is Share.RETESTED
        else (figure.recovered, figure.retested)
    )
    return Count(part, whole) if whole >= max(units_min, 1) else None


def _finding(judged: Judged, sight: Sight) -> Finding:
    figure, verdict = judged.figure, sight.verdict
    lot, step = figure.lot_step.lot, figure.lot_step.step
    words = WORDS[sight.share].format(f"{lot.code} at {step.code}")
    return Finding(
        cause_key=f"{RetestRate.code}:{lot.product.code}:{step.code}:{sight.share}",
        title=f"{sight.count.ratio:.1%} of the {words}, limit {sight.limit:.1%}",
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"{lot.code} results {figure.revision}",
        is_weighed=True,
        evidence=Evidence(
            statistic=sight.share,
            value=sight.count.ratio,
            limit=sight.limit,
            n=sight.count.units,
            method=METHOD,
            baseline=judged.baseline,
            dispersion=verdict.dispersion if verdict else None,
            p_value=verdict.p_value if verdict else None,
            policy=figure.policy,
            facts=_facts(sight),
            pictures=(_picture(sight),),
        ),
    )


def _picture(sight: Sight) -> Picture:
    return Picture(
        title=TITLES[sight.share],
        of=PointOf.LOT,
        rule="surely above its limit" + (", and above earlier lots" if sight.is_beyond else ""),
        points=lot_points(sight.lots),
        whole=len(sight.lots),
        middle=sight.verdict.expected if sight.verdict else None,
        high=sight.limit,
    )


def _facts(sight: Sight) -> dict[str, Json]:
    verdict = sight.verdict
    return {
        "lot_is_surely_above": sight.low,
        "units": sight.count.passed,
        "expected": verdict.expected if verdict else None,
        "predicted_limit": verdict.limit if verdict else None,
        "is_provisional": verdict is None or verdict.is_provisional,
    }
