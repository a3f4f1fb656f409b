"""Results by die position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from lots.domain.words import StepKind
from lots.models import Lot, Step, Wafer
from testing.domain.words import Outcome
from testing.models import UnitResult


@dataclass(frozen=True, slots=True)
class DieResult:
    """The deciding insertion of one die at a step."""

    x: int
    y: int
    hard_bin: int | None
    soft_bin: int | None
    outcome: Outcome
    attempts: int

    @property
    def is_passed(self) -> bool:
        return self.outcome is Outcome.PASS


@dataclass(frozen=True, slots=True)
class StackedDie:
    """One position over all wafers of a lot."""

    x: int
    y: int
    tested: int
    passed: int


@dataclass(frozen=True, slots=True)
class DiePosition:
    """A die to be diced. is_good: it passed the last sort step that its wafer went through."""

    wafer_number: int
    x: int
    y: int
    is_good: bool


def wafer_map(wafer: Wafer, step: Step) -> list[DieResult]:
    """Dies in order of y and x; where two lots tested the wafer, the later run counts."""
    rows = (
        UnitResult.objects.filter(
            wafer=wafer, lot_step__step=step, is_final=True, x__isnull=False, y__isnull=False
        )
        .order_by("run__started_at", "run_id")
        .values_list("x", "y", "hard_bin", "soft_bin", "outcome", "attempt")
    )
    dies: dict[tuple[int, int], DieResult] = {}
    for x, y, hard_bin, soft_bin, outcome, attempts in rows:
        assert x is not None
        assert y is not None
        assert attempts is not None
        dies[y, x] = DieResult(x, y, hard_bin, soft_bin, Outcome(outcome), attempts)
    return [dies[place] for place in sorted(dies)]


def stacked_map(lot: Lot, step: Step) -> list[StackedDie]:
    """Dies tested and passed at each position over the lot's wafers, in order of y and x.

    A die under two part ids is one die, passed where one of them did.
    """
    rows = (
        UnitResult.objects.filter(
            lot_step__lot=lot,
            lot_step__step=step,
            is_final=True,
            wafer__isnull=False,
            x__isnull=False,
            y__isnull=False,
        )
        .order_by("y", "x")
        .values_list("x", "y")
        .annotate(
            tested=Count("wafer", distinct=True),
            passed=Count("wafer", distinct=True, filter=Q(outcome=Outcome.PASS)),
        )
    )
    return [StackedDie(*row) for row in rows]


def die_positions(lot: Lot) -> dict[int, list[DiePosition]]:
    """Positions to dice by wafer number; none for a wafer whose sort is not finished.

    It is finished with results at the last sort step that the lot's route requires, or with no die
    left that could pass there. Scrapped and diced wafers are left out. A die without a result at
    its wafer's last sort step is unproven, so not good.
    """
    wafers = lot.wafers.filter(is_scrapped=False, is_diced=False, number__isnull=False)
    positions: dict[int, list[DiePosition]] = {
        number: [] for number in wafers.values_list("number", flat=True) if number is not None
    }
    latest = _latest_sort_results(wafers)
    sequences: dict[int, int] = {}
    for number, _, _, sequence, _ in latest:
        sequences[number] = max(sequence, sequences.get(number, sequence))
    for number, y, x, sequence, outcome in latest:
        is_good = sequence == sequences[number] and outcome == Outcome.PASS
        positions[number].append(DiePosition(number, x, y, is_good))
    required = _last_sort_sequence(lot)
    for number, reached in sequences.items():
        if reached < required and any(die.is_good for die in positions[number]):
            positions[number] = []
    return positions


def _last_sort_sequence(lot: Lot) -> int:
    steps = lot.route_version.steps.filter(kind=StepKind.SORT, requires_results=True)
    return steps.aggregate(last=Max("sequence"))["last"] or 0


def _latest_sort_results(wafers: QuerySet[Wafer]) -> list[tuple[int, int, int, int, str]]:
    """Wafer number, y, x, sequence of the step and outcome, of each die's furthest sort result."""
    rows: QuerySet[UnitResult, Any] = (
        UnitResult.objects.filter(
            wafer__in=wafers,
            lot_step__step__kind=StepKind.SORT,
            is_final=True,
            x__isnull=False,
            y__isnull=False,
        )
        .order_by("wafer__number", "y", "x", "-lot_step__step__sequence", "-run__started_at")
        .distinct("wafer__number", "y", "x")
        .values_list("wafer__number", "y", "x", "lot_step__step__sequence", "outcome")
    )
    return list(rows)
