"""Which steps that demand results a lot has gone past, and what of it has none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from lots.domain.words import LotKind, LotPurpose, StepKind, UnitKind, UnitState
from lots.models import Event, Lot, Step, Unit, Wafer
from quality.domain.words import YieldScope
from quality.models import YieldFigure
from testing.models import BurnInUnit, RunWafer, UnitResult


@dataclass(frozen=True, slots=True)
class PassedStep:
    """A lot beyond a step. passed_at: when the ledger learned that it went on."""

    lot: Lot
    step: Step
    passed_at: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a lot should have results at a step, and the names of what has none."""

    expected: int
    missing: tuple[str, ...]
    noun: str


def passed_result_steps(lot_ids: Sequence[int]) -> list[PassedStep]:
    """Steps requiring results between the first step of each lot and where it stands now.

    Engineering lots are free to go where they like; sort is for wafer lots.
    """
    lots = Lot.objects.select_related("step").exclude(purpose=LotPurpose.ENGINEERING)
    wanted = list(lots.filter(pk__in=lot_ids).order_by("pk"))
    steps: dict[int, list[Step]] = defaultdict(list)
    versions = {lot.route_version_id for lot in wanted}
    for step in Step.objects.filter(route_version__in=versions, requires_results=True):
        steps[step.route_version_id].append(step)
    travels = _travels([lot.pk for lot in wanted])
    return [
        PassedStep(lot, step, _passed_at(travels[lot.pk], step, lot))
        for lot in wanted
        for step in steps[lot.route_version_id]
        if _first_sequence(travels[lot.pk], lot) <= step.sequence < lot.step.sequence
        and (step.kind != StepKind.SORT or lot.kind == LotKind.WAFER)
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
        lot_ids = [one.lot.pk for one in members]
        covered = (
            _by_wafer(code, lot_ids)
            if kind == StepKind.SORT
            else _by_unit(code, lot_ids, is_burn_in=kind == StepKind.BURN_IN)
        )
        for one in members:
            found[one.lot.pk, one.step.pk] = covered.get(one.lot.pk) or _by_quantity(one)
    return found


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


def _first_sequence(travel: list[_Place], lot: Lot) -> int:
    return min((place.sequence for place in travel), default=lot.step.sequence)


def _passed_at(travel: list[_Place], step: Step, lot: Lot) -> datetime:
    beyond = [place.recorded_at for place in travel if place.sequence > step.sequence]
    return min(beyond, default=lot.recorded_at)


def _by_wafer(code: str, lot_ids: Sequence[int]) -> dict[int, Coverage]:
    seen = RunWafer.objects.filter(wafer=OuterRef("pk"), run__lot_step__step__code=code)
    rows = Wafer.objects.filter(lot__in=lot_ids, is_scrapped=False).annotate(is_seen=Exists(seen))
    return _coverages(rows.order_by("code").values_list("lot_id", "code", "is_seen"), "wafers")


def _by_unit(code: str, lot_ids: Sequence[int], *, is_burn_in: bool) -> dict[int, Coverage]:
    seen = (
        BurnInUnit.objects.filter(unit=OuterRef("pk"), run__lot_step__step__code=code)
        if is_burn_in
        else UnitResult.objects.filter(unit=OuterRef("pk"), lot_step__step__code=code)
    )
    rows = (
        Unit.objects.filter(lot__in=lot_ids, state=UnitState.GOOD)
        .exclude(kind=UnitKind.DIE)
        .annotate(is_seen=Exists(seen))
    )
    return _coverages(rows.order_by("serial").values_list("lot_id", "serial", "is_seen"), "units")


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


def _by_quantity(passed: PassedStep) -> Coverage:
    """For lots without serials or wafers."""
    figure = YieldFigure.objects.filter(
        lot_step__lot=passed.lot,
        lot_step__step__code=passed.step.code,
        scope=YieldScope.LOT,
        is_current=True,
    ).first()
    tested = figure.tested if figure else 0
    short = max(passed.lot.quantity - tested, 0)
    return Coverage(passed.lot.quantity, ("",) * short, passed.lot.unit_of_measure)
