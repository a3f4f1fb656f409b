"""What of a lot has results at a step, and the names of what has none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import Combinable

from lots.domain.words import LotKind, StepKind, UnitKind, UnitState
from lots.models import Lot, Step, Unit, Wafer
from testing.models import UnitResult
from testing.selectors.counting import that_count
from testing.selectors.runs import distinct_unit_count

NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a lot should have results at a step, and the names of what has none."""

    expected: int
    missing: tuple[str, ...]
    noun: str


def coverage_of_lots(code: str, kind: str, lot_ids: Sequence[int]) -> dict[int, Coverage]:
    """Lot → what has results at the step of this code, under whatever lot they were taken.

    Sort is covered by wafers, the rest by good serialised units; a lot with neither is left out.
    """
    if kind == StepKind.SORT:
        return _by_wafer(code, lot_ids)
    return _by_unit(code, lot_ids, is_burn_in=kind == StepKind.BURN_IN)


def results_missing(lot: Lot, step: Step) -> str:
    """What of the lot has no results at the step, in words; "" when nothing. Sort is for wafers."""
    if step.kind == StepKind.SORT and lot.kind != LotKind.WAFER:
        return ""
    found = coverage_of_lots(step.code, step.kind, [lot.pk]).get(lot.pk)
    shown = found or _by_quantity(lot, step)
    if not shown.missing:
        return ""
    names = ", ".join(name for name in shown.missing[:NAMED_AT_MOST] if name)
    listed = f" ({names}{', …' if len(shown.missing) > NAMED_AT_MOST else ''})" if names else ""
    return f"no results for {len(shown.missing)} of {shown.expected} {shown.noun}{listed}"


def _by_wafer(code: str, lot_ids: Sequence[int]) -> dict[int, Coverage]:
    """A wafer has results where a run tells of its dies to the end.

    A file that was cut does so of wafers whose end (WRR) it has; a wafer without a die has none.
    """
    dies = UnitResult.objects.filter(run=OuterRef("run_wafers__run"), wafer=OuterRef("pk"))
    is_told_whole = (
        Q(run_wafers__run__is_partial=False)
        | Q(run_wafers__finished_at__isnull=False)
        | Q(run_wafers__part_count__isnull=False)
    )
    is_seen = (
        that_count("run_wafers__run")
        & is_told_whole
        & Q(run_wafers__run__lot_step__step__code=code)
        & Exists(dies)
    )
    rows = Wafer.objects.filter(lot__in=lot_ids, is_scrapped=False).annotate(is_seen=_any(is_seen))
    return _coverages(rows.order_by("code").values_list("lot_id", "code", "is_seen"), "wafers")


def _by_unit(code: str, lot_ids: Sequence[int], *, is_burn_in: bool) -> dict[int, Coverage]:
    is_seen = (
        Q(burn_ins__run__lot_step__step__code=code)
        if is_burn_in
        else that_count("results__run") & Q(results__lot_step__step__code=code)
    )
    rows = Unit.objects.filter(lot__in=lot_ids, state=UnitState.GOOD).exclude(kind=UnitKind.DIE)
    rows = rows.annotate(is_seen=_any(is_seen)).order_by("serial")
    return _coverages(rows.values_list("lot_id", "serial", "is_seen"), "units")


def _any(condition: Q | Combinable) -> BoolOr:
    """Whether it holds for any row that hangs on a wafer or unit. An aggregate is read from the
    lots outward; an EXISTS with the step's code in it, from the step, across the fleet."""
    return BoolOr(condition, default=False)


def _coverages(rows: Iterable[tuple[int, str, bool]], noun: str) -> dict[int, Coverage]:
    counts: dict[int, int] = defaultdict(int)
    missing: dict[int, list[str]] = defaultdict(list)
    for lot_id, name, is_seen in rows:
        counts[lot_id] += 1
        if not is_seen:
            missing[lot_id].append(name)
    return {
        lot_id: Coverage(count, tuple(missing[lot_id]), noun) for lot_id, count in counts.items()
    }


def _by_quantity(lot: Lot, step: Step) -> Coverage:
    """For lots without serials or wafers."""
    short = max(lot.quantity - distinct_unit_count(lot, step), 0)
    return Coverage(lot.quantity, ("",) * short, lot.unit_of_measure)
