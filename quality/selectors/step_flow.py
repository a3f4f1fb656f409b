"""What went into a step and what came out of it, by the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from lots.domain.words import LineKind
from lots.models import EventLine

LOST = frozenset({LineKind.REJECT, LineKind.SCRAP})


@dataclass(frozen=True, slots=True)
class StepFlow:
    """One lot at one step it has left. left: good units that went on; lost: scrap and rejects."""

    left: int
    lost: int

    @property
    def entered(self) -> int:
        """Units whose fate at the step is known; what was split off is counted with the child."""
        return self.left + self.lost


def step_flows(lot_ids: Sequence[int]) -> dict[tuple[int, int], StepFlow]:
    """(lot, step) → flow, for every step that these lots have left. The last leaving counts."""
    rows = (
        EventLine.objects.filter(
            lot__in=lot_ids,
            lot=F("event__lot"),
            event__step_from__isnull=False,
            kind__in=[LineKind.GOOD, *LOST],
        )
        .order_by("event__seq")
        .values_list("lot_id", "event__step_from_id", "event__step_to_id", "kind", "quantity")
    )
    left: dict[tuple[int, int], int] = {}
    lost: dict[tuple[int, int], int] = defaultdict(int)
    for lot_id, step_from_id, step_to_id, kind, quantity in rows:
        if kind in LOST:
            lost[lot_id, step_from_id] += quantity
        elif step_to_id not in {None, step_from_id}:
            left[lot_id, step_from_id] = quantity
    return {key: StepFlow(left=count, lost=lost[key]) for key, count in left.items()}
