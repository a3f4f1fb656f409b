"""Sort results by die position, for whole series of lots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from lots.domain.words import StepKind
from quality.domain.words import YieldPass
from testing.domain.words import Outcome
from testing.models import LotStep, UnitResult

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SitedDie:
    """is_bad: by the deciding insertion. site: tester, head and site of the first."""

    is_bad: bool
    site: str


def sort_lot_steps(lot_ids: Sequence[int]) -> set[int]:
    """Lot steps of these lots at which dies are tested on their wafer."""
    rows = LotStep.objects.filter(lot__in=lot_ids, step__kind=StepKind.SORT)
    return set(rows.values_list("pk", flat=True))


def stacks(
    lot_step_ids: Sequence[int],
    passed: YieldPass = YieldPass.FINAL,
    down_bins: Collection[int] = (),
) -> dict[int, dict[Place, tuple[int, int]]]:
    """Lot step → position → dies tested there and bad, over its wafers. One query.

    passed: by which insertion, at the place of that. down_bins: hard bins that pass and yet count
    as bad.
    """
    asked = {"is_first" if passed is YieldPass.FIRST else "is_final": True}
    is_bad = ~Q(outcome=Outcome.PASS) | Q(hard_bin__in=down_bins)
    rows = (
        UnitResult.objects.filter(lot_step__in=lot_step_ids, **asked, **_SOMEWHERE)
        .order_by("lot_step_id", "y", "x")
        .values_list("lot_step_id", "x", "y")
        .annotate(tested=Count("id"), bad=Count("id", filter=is_bad))
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


def sited_dies(lot_step_ids: Sequence[int]) -> dict[int, dict[str, dict[Place, SitedDie]]]:
    """Lot step → wafer → position → its die. One query. Dies whose first insertion has another
    position than the deciding one are left out."""
    rows = (
        UnitResult.objects.filter(Q(is_first=True) | Q(is_final=True), **_SOMEWHERE)
        .filter(lot_step__in=lot_step_ids)
        .order_by("id")
    )
    bad: dict[tuple[int, str, Place], bool] = {}
    sites: dict[tuple[int, str, Place], str] = {}
    for row in rows.values_list(*_SITED).iterator():
        lot_step_id, wafer, x, y, outcome, is_first, is_final, tester, head, site = row
        die = lot_step_id, wafer, (x, y)
        if is_final:
            bad[die] = outcome != Outcome.PASS
        if is_first:
            sites[die] = f"{tester}/{head}/{site}"
    found: dict[int, dict[str, dict[Place, SitedDie]]] = defaultdict(lambda: defaultdict(dict))
    for (lot_step_id, wafer, place), is_bad in bad.items():
        if (lot_step_id, wafer, place) in sites:
            there = SitedDie(is_bad, sites[lot_step_id, wafer, place])
            found[lot_step_id][wafer][place] = there
    return {lot_step_id: dict(wafers) for lot_step_id, wafers in found.items()}


_SOMEWHERE = {"wafer__isnull": False, "x__isnull": False, "y__isnull": False}
_PLACED = {"is_final": True, **_SOMEWHERE}
_SITED = (
    "lot_step_id", "wafer__code", "x", "y", "outcome", "is_first", "is_final",
    "run__tester__code", "head", "site",
)  # fmt: skip
