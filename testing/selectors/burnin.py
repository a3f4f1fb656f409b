"""Burn-in as proven: hours per unit against what its product must see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet, Sum

from lots.models import Unit
from testing.domain.burnin import is_short
from testing.domain.faults import Fallout
from testing.domain.words import Outcome
from testing.models import BurnInRun, BurnInUnit


@dataclass(frozen=True, slots=True)
class BurnInHours:
    """One unit over all its oven loads at a lot step. failures: loads it did not pass."""

    lot_step_id: int
    unit_id: int
    serial: str
    chargeable_hours: float
    hours_required: float
    failures: int

    @property
    def is_short(self) -> bool:
        return is_short(self.chargeable_hours, self.hours_required)


def burn_in_hours(lot_step_ids: Sequence[int]) -> list[BurnInHours]:
    """Each unit's hours summed over loads, as a short load may be topped up by another."""
    rows = (
        BurnInUnit.objects.filter(run__lot_step__in=lot_step_ids)
        .order_by("run__lot_step", "unit")
        .values_list("run__lot_step", "unit", "unit__serial")
        .annotate(
            hours=Sum("chargeable_hours"),
            required=Max("run__requirement__hours"),
            failures=Count("id", filter=~Q(outcome=Outcome.PASS)),
        )
    )
    return [BurnInHours(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LotFallout:
    """Units of a lot at a burn-in step, and those that their last load left failed, by serial.

    ratio_max: that the requirement of the newest load allows.
    """

    submitted: int
    failed: tuple[str, ...]
    ratio_max: float

    @property
    def judged(self) -> Fallout:
        """Lost against allowed."""
        return Fallout(self.submitted, len(self.failed), self.ratio_max)


def burn_in_fallout(lot_step_ids: Sequence[int]) -> dict[int, LotFallout]:
    """Lot step → its fallout. A unit that failed and passed since in another load is no loss."""
    last = (
        BurnInUnit.objects.filter(run__lot_step__in=lot_step_ids)
        .order_by("run__lot_step_id", "unit_id", "-removed_at", "-pk")
        .distinct("run__lot_step_id", "unit_id")
        .values_list("run__lot_step_id", "unit__serial", "outcome")
    )
    submitted: Counter[int] = Counter()
    failed: dict[int, list[str]] = defaultdict(list)
    for lot_step_id, serial, outcome in last:
        submitted[lot_step_id] += 1
        if outcome != Outcome.PASS:
            failed[lot_step_id].append(serial)
    allowed = dict(
        BurnInRun.objects.filter(lot_step__in=submitted)
        .order_by("lot_step_id", "-started_at", "-pk")
        .distinct("lot_step_id")
        .values_list("lot_step_id", "requirement__failed_ratio_max")
    )
    return {
        key: LotFallout(count, tuple(sorted(failed[key])), allowed[key])
        for key, count in submitted.items()
    }


def burn_in_proof(unit: Unit) -> QuerySet[BurnInUnit]:
    """The unit's oven loads in order of time."""
    return (
        BurnInUnit.objects.filter(unit=unit)
        .select_related("run__oven", "run__requirement", "run__lot_step__step", "board")
        .order_by("inserted_at", "id")
    )
