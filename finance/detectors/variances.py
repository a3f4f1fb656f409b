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
    """months: oldest first; the newest is told, all are facts."""
    one = months[-1]
    month, ratio = one.month, one.month.ratio
    kind, way = one.kind.replace("-", " ").capitalize(), WAYS[month.sign]
    return Finding(
        cause_key=cause,
        title=(
            f"{kind} of {one.item} at {one.stage or 'no stage'} in {one.period}: "
            f"{abs(month.amount):,.0f} {one.currency} {way} than standard"
        ),
        revision=f"{one.period}: {month.times(limit)} times the limit",
        evidence=Evidence(
            statistic="variance",
            value=f"{month.amount:.2f}",
            limit=f"{month.allowed(limit):.2f}",
            method=METHOD,
            facts={
                "kind": one.kind,
                "item": one.item,
                "stage": one.stage,
                "period": one.period,
                "currency": one.currency,
                "came_in_at_standard": f"{month.standard:.2f}",
                "variance_ratio": None if ratio is None else float(ratio),
                "ratio_max": float(limit.ratio_max),
                "amount_min": f"{limit.amount_min:.2f}",
                "amounts_by_month": {each.period: f"{each.month.amount:.2f}" for each in months},
            },
        ),
    )
