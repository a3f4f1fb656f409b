"""Which steps that demand results a lot has gone past, and what of it has none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lots.domain.words import Gate, LotKind, LotPurpose, StepKind
from lots.models import Event, Lot, Step, WaiverUse
from lots.selectors.gates import demands_results
from lots.selectors.rules import families_of
from quality.domain.words import YieldScope
from quality.models import YieldFigure
from testing.selectors import Coverage, coverage_of_lots

__all__ = ["Coverage", "PassedStep", "coverage", "passed_result_steps"]


@dataclass(frozen=True, slots=True)
class PassedStep:
    """A lot beyond a step. passed_at: when the ledger learned that it went on."""

    lot: Lot
    step: Step
    passed_at: datetime


def passed_result_steps(lot_ids: Sequence[int]) -> list[PassedStep]:
    """Steps requiring results between the first step of each lot and where it stands now.

    Engineering lots are free to go where they like; sort is for wafer lots. Left out: steps where
    the lot is not one of those sampled, and those it passed under a waiver.
    """
    lots = Lot.objects.select_related("step").exclude(purpose=LotPurpose.ENGINEERING)
    wanted = list(lots.filter(pk__in=lot_ids).order_by("pk"))
    steps: dict[int, list[Step]] = defaultdict(list)
    versions = {lot.route_version_id for lot in wanted}
    for step in Step.objects.filter(route_version__in=versions, requires_results=True):
        steps[step.route_version_id].append(step)
    travels = _travels([lot.pk for lot in wanted])
    waived = _waived([lot.pk for lot in wanted])
    is_sampling = any(step.sampling_every > 1 for route in steps.values() for step in route)
    families = families_of([lot.pk for lot in wanted]) if is_sampling else {}
    return [
        PassedStep(lot, step, _passed_at(travels[lot.pk], step, lot))
        for lot in wanted
        for step in steps[lot.route_version_id]
        if _first_sequence(travels[lot.pk], lot) <= step.sequence < lot.step.sequence
        and (step.kind != StepKind.SORT or lot.kind == LotKind.WAFER)
        and demands_results(lot, step, families.get(lot.pk, ""))
        and (lot.pk, step.pk) not in waived
    ]


def coverage(passed: Sequence[PassedStep]) -> dict[tuple[int, int], Coverage]:
    """(lot, step) → what is covered by results at that step, under whatever lot they were taken.

    Sort is covered by wafers, the rest by good serialised units; a lot with neither by quantity.
    """
    groups: dict[tuple[str, str], list[PassedStep]] = defaultdict(list)
    for one in passed:
        groups[one.step.code, one.step.kind].append(one)
    found: dict[tuple[int, int], Coverage] = {}
    for (code, kind), members in groups.items():
        covered = coverage_of_lots(code, kind, [one.lot.pk for one in members])
        found |= {
            (one.lot.pk, one.step.pk): covered[one.lot.pk]
            for one in members
            if one.lot.pk in covered
        }
    return found | _by_quantity([one for one in passed if (one.lot.pk, one.step.pk) not in found])


@dataclass(frozen=True, slots=True)
class _Place:
    """The lot at a step: sequence on its route, and when the ledger learned of it."""

    sequence: int
    recorded_at: datetime


def _travels(lot_ids: Sequence[int]) -> dict[int, list[_Place]]:
    """Lot → the places its events name, in order of seq."""
    rows = (
        Event.objects.filter(lot__in=lot_ids)
        .order_by("seq")
        .values_list("lot_id", "step_from__sequence", "step_to__sequence", "recorded_at")
    )
    found: dict[int, list[_Place]] = defaultdict(list)
    for lot_id, start, end, recorded_at in rows:
        known: list[int | None] = [start, end]
        found[lot_id] += [_Place(place, recorded_at) for place in known if place is not None]
    return found


def _waived(lot_ids: Sequence[int]) -> set[tuple[int, int]]:
    """(lot, step) passed without results by permission."""
    uses = WaiverUse.objects.filter(event__lot__in=lot_ids, waiver__gate=Gate.RESULTS)
    return set(uses.values_list("event__lot_id", "waiver__step_id"))


def _first_sequence(travel: list[_Place], lot: Lot) -> int:
    return min((place.sequence for place in travel), default=lot.step.sequence)


def _passed_at(travel: list[_Place], step: Step, lot: Lot) -> datetime:
    beyond = [place.recorded_at for place in travel if place.sequence > step.sequence]
    return min(beyond, default=lot.recorded_at)


def _by_quantity(passed: Sequence[PassedStep]) -> dict[tuple[int, int], Coverage]:
    """For lots without serials or wafers; one query, none for no such lots."""
    tested: dict[tuple[int, str], int] = {}
    if passed:
        figures = YieldFigure.objects.filter(
            lot_step__lot__in={one.lot.pk for one in passed},
            lot_step__step__code__in={one.step.code for one in passed},
            scope=YieldScope.LOT,
            is_current=True,
        ).order_by("pk")
        rows = figures.values_list("lot_step__lot_id", "lot_step__step__code", "tested")
        tested = {(lot_id, code): units for lot_id, code, units in rows}
    return {
        (one.lot.pk, one.step.pk): _counted(one.lot, tested.get((one.lot.pk, one.step.code), 0))
        for one in passed
    }


def _counted(lot: Lot, tested: int) -> Coverage:
    return Coverage(lot.quantity, ("",) * max(lot.quantity - tested, 0), lot.unit_of_measure)
