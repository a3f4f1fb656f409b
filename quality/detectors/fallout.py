"""Lots that lost more units in burn-in than the percent defective allowable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quality.domain.dispersion import Count
from quality.domain.findings import Evidence, Finding
from quality.domain.pictures import Picture, PointOf, lot_points
from quality.selectors.fallout import burn_in_before
from testing.domain.faults import Fallout
from testing.models import LotStep
from testing.selectors import LotFallout, burn_in_fallout

SERIALS_MAX = 50
LOTS_SHOWN = 20


class BurnInFallout:
    """Units by their last load: one that passed since in another socket is no loss.

    What may fail stands in the product's burn-in requirement; the rule has no parameters.
    """

    code = "burn-in-fallout"
    description = "More units of a lot failed burn-in than the percent defective allowable (PDA)."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding per lot and step above the allowable."""
        steps = LotStep.objects.filter(lot__in=lot_ids, burn_in_runs__isnull=False).distinct()
        by_id = {one.pk: one for one in steps.select_related("lot", "step").order_by("pk")}
        found = burn_in_fallout(list(by_id))
        return [
            _finding(by_id[key], lost, burn_in_before(by_id[key], LOTS_SHOWN - 1))
            for key, lost in sorted(found.items())
            if lost.judged.is_exceeded
        ]


def _finding(
    lot_step: LotStep, lost: LotFallout, before: Sequence[tuple[str, LotFallout]]
) -> Finding:
    lot, step, fallout = lot_step.lot, lot_step.step, lost.judged
    return Finding(
        cause_key=f"{BurnInFallout.code}:{lot.code}:{step.code}",
        title=(
            f"{fallout.failed} of {fallout.submitted} units of {lot.code} failed {step.code}; "
            f"{fallout.allowed} may"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"results {lot_step.revision}",
        evidence=Evidence(
            statistic="burn-in fallout",
            value=fallout.ratio,
            limit=fallout.ratio_max,
            n=fallout.submitted,
            method="pda-v1",
            facts={
                "failed_count": fallout.failed,
                "allowed_count": fallout.allowed,
                "serials": list(lost.failed[:SERIALS_MAX]),
            },
            pictures=(_picture(fallout, [*before, (lot.code, lost)]),),
        ),
    )


def _picture(fallout: Fallout, lots: Sequence[tuple[str, LotFallout]]) -> Picture:
    counts = [(code, one.judged) for code, one in lots]
    return Picture(
        title="Units lost in burn-in, of each lot",
        of=PointOf.LOT,
        rule=f"{fallout.failed} lost, {fallout.allowed} allowed",
        points=lot_points([(code, Count(one.failed, one.submitted)) for code, one in counts]),
        whole=len(counts),
        high=fallout.allowed / fallout.submitted,
    )
