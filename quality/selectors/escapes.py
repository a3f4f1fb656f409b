"""Good units of lots beyond a test that did not pass it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum

from lots.domain.words import StepKind, UnitKind, UnitState
from lots.models import Genealogy, Unit
from quality.selectors.let_through import let_through
from quality.selectors.passed_steps import PassedStep
from testing.domain.words import Outcome
from testing.models import BurnInUnit, LotStep, UnitResult
from testing.selectors import that_count


@dataclass(frozen=True, slots=True)
class Escape:
    """What went past a test unproven. serials: empty where the lot is only counted.

    built_in: of these, already part of something larger.
    """

    passed: PassedStep
    tested: int
    failed: int
    serials: tuple[str, ...] = ()
    built_in: int = 0


class _Judged(NamedTuple):
    """A good unit with results at the step."""

    serial: str
    is_failed: bool
    is_built_in: bool


def escapes(passed: Sequence[PassedStep]) -> list[Escape]:
    """Of these lots and steps, those with units that are good though the deciding insertion failed.

    Results count under whatever lot they were taken. A lot without serials is told by quantity:
    more good units than passed. What a review board let through is none. Dies are the wafer map's
    matter. At most three queries a step code, beside those of decisions.
    """
    groups: dict[tuple[str, bool], list[PassedStep]] = defaultdict(list)
    for one in passed:
        if one.step.kind != StepKind.SORT:
            groups[one.step.code, one.step.kind == StepKind.BURN_IN].append(one)
    return [
        escape
        for (code, is_burn_in), members in groups.items()
        for escape in _at_step(code, members, is_burn_in=is_burn_in)
    ]


def _at_step(code: str, members: Sequence[PassedStep], *, is_burn_in: bool) -> list[Escape]:
    lots = [one.lot.pk for one in members]
    rows = list(_judged_units(lots, code, is_burn_in=is_burn_in))
    unnamed = set() if is_burn_in else set(lots) - {lot_id for lot_id, _, _, _ in rows}
    accepted = let_through(lots, code, counted=unnamed, is_burn_in=is_burn_in)
    named: dict[int, list[_Judged]] = defaultdict(list)
    for lot_id, serial, outcome, is_built_in in rows:
        is_failed = outcome != Outcome.PASS and serial not in accepted[lot_id]
        named[lot_id].append(_Judged(serial, is_failed, is_built_in))
    counted = _by_quantity(code, unnamed)
    found = [
        _of_units(one, named[one.lot.pk])
        if one.lot.pk in named
        else _of_count(one, counted, len(accepted[one.lot.pk]))
        for one in members
    ]
    return [escape for escape in found if escape is not None]


def _judged_units(
    lot_ids: Sequence[int], code: str, *, is_burn_in: bool
) -> Iterable[tuple[int, str, str, bool]]:
    """Lot, serial, outcome of the newest deciding insertion, whether it is built in."""
    decided = _loads(code) if is_burn_in else _results(code)
    edges = Genealogy.objects.filter(child=OuterRef("pk"), valid_to__isnull=True)
    return (
        Unit.objects.filter(lot__in=lot_ids, state=UnitState.GOOD)
        .exclude(kind=UnitKind.DIE)
        .annotate(outcome=Subquery(decided[:1]), is_built_in=Exists(edges))
        .filter(outcome__isnull=False)
        .order_by("serial")
        .values_list("lot_id", "serial", "outcome", "is_built_in")
    )


def _results(code: str) -> QuerySet[UnitResult, Any]:
    rows = UnitResult.objects.filter(
        that_count("run"), unit=OuterRef("pk"), lot_step__step__code=code, is_final=True
    )
    return rows.order_by("-run__started_at", "-pk").values_list("outcome")


def _loads(code: str) -> QuerySet[BurnInUnit, Any]:
    rows = BurnInUnit.objects.filter(unit=OuterRef("pk"), run__lot_step__step__code=code)
    return rows.order_by("-removed_at", "-pk").values_list("outcome")


def _of_units(one: PassedStep, units: Sequence[_Judged]) -> Escape | None:
    failed = [unit for unit in units if unit.is_failed]
    if not failed:
        return None
    serials = tuple(unit.serial for unit in failed)
    return Escape(one, len(units), len(failed), serials, sum(one.is_built_in for one in failed))


def _by_quantity(code: str, lot_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Lot → units tested and passed at the step, of lots without serialised units."""
    with_units = Unit.objects.filter(lot=OuterRef("lot"))
    rows = LotStep.objects.filter(~Exists(with_units), lot__in=lot_ids, step__code=code)
    summed = rows.values_list("lot_id").annotate(
        tested=Sum("unit_count"), passed=Sum("final_pass_count")
    )
    return {lot_id: (tested, passed) for lot_id, tested, passed in summed}


def _of_count(
    one: PassedStep, counted: dict[int, tuple[int, int]], accepted_count: int
) -> Escape | None:
    tested, passed = counted.get(one.lot.pk, (0, 0))
    failed = min(one.lot.quantity, tested) - passed - accepted_count
    return Escape(one, tested, failed) if failed > 0 else None
