"""Share of a failing hard bin above what earlier lots predict."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from quality.detectors.frame import ChanceDetector
from quality.detectors.thresholds import thresholds
from quality.domain.discovery import Weighed
from quality.domain.dispersion import Count
from quality.domain.findings import Evidence, Finding
from quality.domain.limits import BASELINE_LOTS_MIN, Side, Verdict, predicted
from quality.domain.multiplicity import benjamini_hochberg
from quality.domain.pictures import Picture, PointOf, lot_points
from quality.domain.words import LimitKind, Statistic
from quality.models import LimitVersion, YieldFigure
from quality.selectors.limit_versions import NO_LIMITS, ApprovedLimits, approved_limits
from quality.selectors.series import JUDGED_BY_LOTS, Judged, judged_figures, key_of


@dataclass(frozen=True, slots=True)
class Thresholds:
    """q: false discoveries among the bins of one lot at one step.

    effect_min: rise of the share that matters. count_min: fewer units in the bin are never flagged.
    """

    q: float = 0.0002
    window_lots: int = JUDGED_BY_LOTS
    units_min: int = 20
    effect_min: float = 0.02
    count_min: int = 5


class BinAboveLimit(ChanceDetector):
    """Each failing hard bin of each lot at each step, by the deciding insertion.

    Below six earlier lots nothing is said.
    """

    code = "bin-above-limit"
    description = "Share of a failing hard bin above its statistical or approved limit."

    def weigh(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Weighed]:
        """All of these lots at steps with enough history, or with an approved limit passed."""
        limits = thresholds(Thresholds, parameters)
        judged = judged_figures(lot_ids, limits.window_lots, limits.units_min)
        approved = approved_limits({key_of(one.figure) for one in judged}, {LimitKind.SBL})
        return full_bins(judged, limits, approved)


def full_bins(
    judged: Sequence[Judged], limits: Thresholds, approved: ApprovedLimits = NO_LIMITS
) -> list[Weighed]:
    """All of these lots, with the bins that are too full. Reads nothing but what is given."""
    found = []
    for one in judged:
        key, moment = key_of(one.figure), one.figure.started_at
        versions = {
            version.subject: version for version in approved.all_at(key, {LimitKind.SBL}, moment)
        }
        passed = [_approved_finding(one, version) for version in _passed(one, versions.values())]
        is_known = len(one.earlier) >= BASELINE_LOTS_MIN
        full = _findings(one, limits, versions.keys()) if is_known else []
        if passed or is_known:
            found.append(_weighed(one, passed, full))
    return found


def _weighed(judged: Judged, passed: Sequence[Finding], full: Sequence[Finding]) -> Weighed:
    """The smallest adjusted p-value of the bins is that of all of them together. Source: Simes."""
    figure = judged.figure
    p_values = [one.evidence.p_adjusted for one in full if one.evidence.p_adjusted is not None]
    p_value = min(p_values, default=None)
    return Weighed(figure.lot_step_id, figure.started_at, p_value, (*passed, *full))


def _passed(judged: Judged, versions: Iterable[LimitVersion]) -> list[LimitVersion]:
    """Those of the approved limits that the lot is over, strictly."""
    return [
        version
        for version in versions
        if version.high is not None and _count(judged.figure, version.subject).ratio > version.high
    ]


def _findings(judged: Judged, limits: Thresholds, judged_apart: Container[str]) -> list[Finding]:
    """One lot at one step: all its bins without an approved limit are one family of tests."""
    figures = [judged.figure, *judged.earlier]
    numbers = {number for figure in figures for number in figure.fail_bins}
    bins = sorted(number for number in numbers if number not in judged_apart)
    verdicts = [_verdict(judged, number, limits.q) for number in bins]
    adjusted = benjamini_hochberg([verdict.p_value for verdict in verdicts])
    return [
        _finding(judged, number, verdict, p_adjusted)
        for number, verdict, p_adjusted in zip(bins, verdicts, adjusted, strict=True)
        if p_adjusted < limits.q
        and verdict.value - verdict.expected >= limits.effect_min
        and _count(judged.figure, number).passed >= limits.count_min
    ]


def _verdict(judged: Judged, number: str, alpha: float) -> Verdict:
    earlier = [_count(figure, number) for figure in judged.earlier]
    verdict = predicted(_count(judged.figure, number), earlier, alpha=alpha, side=Side.HIGH)
    assert verdict is not None, "the caller sees to six earlier lots"
    return verdict


def _count(figure: YieldFigure, number: str) -> Count:
    return Count(int(figure.fail_bins.get(number, 0)), figure.tested)


def _finding(judged: Judged, number: str, verdict: Verdict, p_adjusted: float) -> Finding:
    rule = f"above what {verdict.lot_count} earlier lots predict"
    evidence = Evidence(
        statistic=Statistic.BIN_SHARE,
        value=verdict.value,
        limit=verdict.limit,
        n=judged.figure.tested,
        method=f"{verdict.method}+bh-v1",
        baseline=judged.baseline,
        dispersion=verdict.dispersion,
        p_value=verdict.p_value,
        p_adjusted=p_adjusted,
        policy=judged.figure.policy,
        facts={
            "hard_bin": number,
            "units_in_bin": _count(judged.figure, number).passed,
            "expected": verdict.expected,
        },
        pictures=(_picture(judged, number, rule, verdict.expected, verdict.limit),),
    )
    return replace(_told(judged.figure, number, verdict.limit, evidence), is_weighed=True)


def _approved_finding(judged: Judged, version: LimitVersion) -> Finding:
    assert version.high is not None, "an SBL has an upper limit"
    count = _count(judged.figure, version.subject)
    evidence = Evidence(
        statistic=Statistic.BIN_SHARE,
        value=count.ratio,
        limit=version.high,
        n=count.units,
        method=version.method,
        policy=judged.figure.policy,
        facts={
            "limit_version": str(version),
            "hard_bin": version.subject,
            "units_in_bin": count.passed,
            "expected": version.middle,
        },
        pictures=(
            _picture(
                judged, version.subject, f"above the limit {version}", version.middle, version.high
            ),
        ),
    )
    return _told(judged.figure, version.subject, version.high, evidence)


def _picture(judged: Judged, number: str, rule: str, middle: float | None, limit: float) -> Picture:
    figures = (*judged.earlier, judged.figure)
    lots = [(one.lot_step.lot.code, _count(one, number)) for one in figures]
    return Picture(
        title=f"{_name(number)}, share of each lot",
        of=PointOf.LOT,
        rule=rule,
        points=lot_points(lots),
        whole=len(lots),
        middle=middle,
        high=limit,
    )


def _name(number: str) -> str:
    return f"Hard bin {number}" if number else "Units without a hard bin"


def _told(figure: YieldFigure, number: str, limit: float, evidence: Evidence) -> Finding:
    lot, step = figure.lot_step.lot, figure.lot_step.step
    share = _count(figure, number).ratio
    return Finding(
        cause_key=f"{BinAboveLimit.code}:{lot.code}:{step.code}:{number or 'none'}",
        title=f"{_name(number)} of {lot.code} at {step.code} is {share:.1%}, limit {limit:.1%}",
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"results {figure.revision}",
        evidence=evidence,
    )
