"""Runs that were not made as runs of that product at that step are: temperature and place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import F, Max, QuerySet

from lots.domain.words import LotPurpose
from lots.models import Event
from quality.domain.partial import first_of, resting_on
from quality.sql import statement
from testing.models import LotStep, Run
from testing.selectors import that_count

TEMPERATURE_DETECTOR = "wrong-temperature"
RUNS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class UnlikeRun:
    """celsius: as its file states; usual: median over the lots before, of each one's own median.

    lots: code → its median, oldest first.
    """

    run: Run
    celsius: float
    usual: float
    lots: Mapping[str, float]


def unlike_temperatures(
    lot_ids: Sequence[int], celsius_max: float, lots_min: int, window_lots: int
) -> list[UnlikeRun]:
    """Runs of these lots farther than celsius_max from what up to window_lots lots before had.

    A lot is no measure of itself, nor is one that was found wrong. Engineering lots neither count
    nor are judged; files that state no temperature say nothing. Two queries; a Partial beyond
    RUNS_MAX runs.
    """
    runs = first_of(_stated(lot_ids), RUNS_MAX)
    before = _lots_before({run.lot_step_id for run in runs}, window_lots)
    measured = ((run, before[run.lot_step_id]) for run in runs)
    judged = [_judged(run, lots) for run, lots in measured if len(lots) >= max(lots_min, 1)]
    return resting_on((one for one in judged if abs(one.celsius - one.usual) > celsius_max), runs)


def _judged(run: Run, before: Mapping[str, float]) -> UnlikeRun:
    assert run.temperature_celsius is not None, "only runs that state one are asked"
    return UnlikeRun(run, run.temperature_celsius, median(before.values()), before)


def _stated(lot_ids: Sequence[int]) -> QuerySet[Run]:
    return (
        Run.objects.filter(that_count(), temperature_celsius__isnull=False)
        .filter(lot_step__lot__in=lot_ids)
        .exclude(lot_step__lot__purpose=LotPurpose.ENGINEERING)
        .select_related("lot_step__lot", "lot_step__step", "tester")
        .order_by("started_at", "pk")
    )


def _lots_before(lot_step_ids: Collection[int], window_lots: int) -> dict[int, dict[str, float]]:
    """Lot step → code and median temperature of lots before, oldest first."""
    asked: dict[str, Any] = {
        "lot_step_ids": sorted(lot_step_ids),
        "window_lots": window_lots,
        "detector": TEMPERATURE_DETECTOR,
    }
    found: dict[int, dict[str, float]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(statement("usual_temperatures"), asked)
        for lot_step_id, code, celsius in cursor.fetchall():
            found[lot_step_id][code] = celsius
    return found


def tested_ahead(lot_ids: Sequence[int]) -> list[LotStep]:
    """Lot steps with results of lots that have never been so far on their own route.

    Free routes and engineering lots go where they like.
    """
    rows = (
        LotStep.objects.filter(
            lot__in=lot_ids, unit_count__gt=0, step__route_version=F("lot__route_version"),
            step__sequence__gt=F("lot__step__sequence"), lot__route_version__is_free=False,
        )
        .exclude(lot__purpose=LotPurpose.ENGINEERING)
        .select_related("lot__step", "step")
        .order_by("pk")
    )  # fmt: skip
    ahead = list(rows)
    reached = _reached({one.lot_id for one in ahead})
    return [one for one in ahead if reached.get(one.lot_id, 0) < one.step.sequence]


def _reached(lot_ids: set[int]) -> dict[int, int]:
    """Lot → the farthest step of its route that its events name."""
    events = Event.objects.filter(
        lot__in=lot_ids, step_to__route_version=F("lot__route_version")
    ).order_by()
    return dict(events.values_list("lot").annotate(Max("step_to__sequence")))
