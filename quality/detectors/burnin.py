"""Units that passed burn-in with too few chargeable hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.domain.pictures import Picture, PointOf, value_points
from testing.models import BurnInRun, LotStep
from testing.selectors import BurnInHours, burn_in_hours

SERIALS_MAX = 50


@dataclass(frozen=True, slots=True)
class Thresholds:
    """None: the requirement of the product is the limit."""


class BurnInShort:
    """Hours of each unit over all its loads. A unit that failed is out and does not count."""

    code = "burn-in-short"
    description = "Units passed burn-in with fewer chargeable hours than required."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding per lot and step with short units."""
        thresholds(Thresholds, parameters)
        steps = LotStep.objects.filter(lot__in=lot_ids, burn_in_runs__isnull=False).distinct()
        by_id = {one.pk: one for one in steps.select_related("lot", "step").order_by("pk")}
        short: dict[int, list[BurnInHours]] = defaultdict(list)
        loaded: dict[int, list[BurnInHours]] = defaultdict(list)
        for hours in burn_in_hours(list(by_id)):
            loaded[hours.lot_step_id].append(hours)
            if hours.is_short and not hours.failures:
                short[hours.lot_step_id].append(hours)
        return [_finding(by_id[pk], units, loaded[pk]) for pk, units in short.items()]


def _finding(lot_step: LotStep, short: list[BurnInHours], loaded: list[BurnInHours]) -> Finding:
    lot, step = lot_step.lot, lot_step.step
    worst = min(short, key=lambda hours: hours.chargeable_hours)
    ovens = BurnInRun.objects.filter(lot_step=lot_step).order_by("started_at", "pk")
    return Finding(
        cause_key=f"{BurnInShort.code}:{lot.code}:{step.code}",
        title=(
            f"{len(short)} of {len(loaded)} units of {lot.code} passed {step.code} short of "
            f"{worst.hours_required:g} chargeable hours, the least {worst.chargeable_hours:.1f}"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        unit_id=worst.unit_id if len(short) == 1 else None,
        revision=f"results {lot_step.revision}",
        evidence=Evidence(
            statistic="chargeable hours",
            value=worst.chargeable_hours,
            limit=worst.hours_required,
            n=len(loaded),
            method="chargeable-hours-v1",
            facts={
                "short_count": len(short),
                "serials": [hours.serial for hours in short[:SERIALS_MAX]],
                "ovens": sorted(set(ovens.values_list("oven__code", flat=True))),
            },
            pictures=(_picture(short, loaded, worst.hours_required),),
        ),
    )


def _picture(short: list[BurnInHours], loaded: list[BurnInHours], hours_required: float) -> Picture:
    values = [(one.serial, one.chargeable_hours) for one in loaded]
    return Picture(
        title="Chargeable hours of each unit",
        of=PointOf.UNIT,
        rule=f"passed with fewer than {hours_required:g} hours",
        points=value_points(values, {one.serial for one in short}),
        whole=len(values),
        low=hours_required,
        is_ratio=False,
        unit="h",
    )
