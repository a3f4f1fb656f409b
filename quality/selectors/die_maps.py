"""Sort results by die position, for whole series of lots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Count, Q

from lots.domain.words import StepKind
from testing.domain.words import Outcome
from testing.models import LotStep, UnitResult

Place = tuple[int, int]


def sort_lot_steps(lot_ids: Sequence[int]) -> set[int]:
    """Lot steps of these lots at which dies are tested on their wafer."""
    rows = LotStep.objects.filter(lot__in=lot_ids, step__kind=StepKind.SORT)
    return set(rows.values_list("pk", flat=True))


def stacks(lot_step_ids: Sequence[int]) -> dict[int, dict[Place, tuple[int, int]]]:
    """Lot step → position → dies tested there and bad, over its wafers. One query."""
    rows = (
        UnitResult.objects.filter(lot_step__in=lot_step_ids, **_PLACED)
        .order_by("lot_step_id", "y", "x")
        .values_list("lot_step_id", "x", "y")
        .annotate(tested=Count("id"), bad=Count("id", filter=~Q(outcome=Outcome.PASS)))
    )
    found: dict[int, dict[Place, tuple[int, int]]] = defaultdict(dict)
    for lot_step_id, x, y, tested, bad in rows:
        found[lot_step_id][x, y] = tested, bad
    return dict(found)


def wafer_dies(lot_step_ids: Sequence[int]) -> dict[int, dict[str, dict[Place, bool]]]:
    """Lot step → wafer → position → whether its die is bad. One query."""
    rows = UnitResult.objects.filter(lot_step__in=lot_step_ids, **_PLACED).order_by("id")
    found: dict[int, dict[str, dict[Place, bool]]] = defaultdict(lambda: defaultdict(dict))
    columns = ("lot_step_id", "wafer__code", "x", "y", "outcome")
    for lot_step_id, wafer, x, y, outcome in rows.values_list(*columns).iterator():
        if x is not None and y is not None:
            found[lot_step_id][wafer][x, y] = outcome != Outcome.PASS
    return {lot_step_id: dict(wafers) for lot_step_id, wafers in found.items()}


_PLACED = {
    "is_final": True,
    "wafer__isnull": False,
    "x__isnull": False,
    "y__isnull": False,
}
