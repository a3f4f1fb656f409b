"""A cost variance of a product at a stage that is larger than a month may have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from finance.domain.variance_limits import METHOD, VarianceLimit
from finance.selectors.variance_limits import StageVariance, stage_variances
from quality.detectors.frame import Evidence, Finding
from quality.detectors.thresholds import thresholds
from quality.selectors.issues import rule_parameters

WAYS = {"loss": "more", "gain": "less"}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """months: how many of the newest are looked at. amount_min: less is left alone, in the currency
    of the books. ratio_max: of what came into the stage at standard in the month."""

    months: int = 3
    amount_min: float = 10_000.0
    ratio_max: float = 0.05


class CostVariance:
    """Purchase price, yield, map count and conversion, each by product and stage, gain or loss."""

    code = "cost-variance"
    description = "A variance of a product at a stage is larger than a month may have."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding for each kind, product, stage and way; months beyond its limit are its facts.

        Each month beyond, and each multiple of the limit in the newest of them, is news.
        """
        limits = thresholds(Thresholds, rule_parameters(self.code))
        limit = VarianceLimit(Decimal(str(limits.amount_min)), Decimal(str(limits.ratio_max)))
        causes: dict[str, list[StageVariance]] = defaultdict(list)
        for one in stage_variances(limits.months, limit.amount_min):
            if one.month.is_beyond(limit):
                causes[_cause(one)].append(one)
        return [_finding(cause, months, limit) for cause, months in sorted(causes.items())]


def _cause(one: StageVariance) -> str:
    return f"{CostVariance.code}:{one.kind}:{one.item}:{one.stage}:{one.currency}:{one.month.sign}"


def _finding(cause: str, months: Sequence[StageVariance], limit: VarianceLimit) -> Finding:
    """months: oldest first; the newest is told, all are facts.

    Told in shares alone: issues are read by many who may not see the books.
    """
    one = months[-1]
    kind = one.kind.replace("-", " ").capitalize()
    return Finding(
        cause_key=cause,
        title=f"{kind} of {one.item} at {one.stage or 'no stage'} in {one.period}: {_told(one)}",
        revision=f"{one.period}: {one.month.times(limit)} times the limit",
        evidence=Evidence(
            statistic="variance ratio",
            value=_ratio(one),
            limit=float(limit.ratio_max),
            method=METHOD,
            facts={
                "kind": one.kind,
                "item": one.item,
                "stage": one.stage,
                "period": one.period,
                "currency": one.currency,
                "times_limit": one.month.times(limit),
                "months": [
                    {
                        "period": each.period,
                        "variance_ratio": _ratio(each),
                        "times_limit": each.month.times(limit),
                    }
                    for each in months
                ],
                "amounts": "in Finance, Variances, for who may see the books",
            },
        ),
    )


def _told(one: StageVariance) -> str:
    ratio, way = one.month.ratio, WAYS[one.month.sign]
    if ratio is None:
        return f"{way} than standard, though nothing came in at it"
    return f"{abs(ratio):.1%} {way} than standard"


def _ratio(one: StageVariance) -> float | None:
    return None if one.month.ratio is None else float(one.month.ratio)
