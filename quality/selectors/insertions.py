"""Runs that were not made as runs of that product at that step are: temperature and place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import F, Max

from lots.domain.words import LotPurpose
from lots.models import Event
from quality.selectors.series import SeriesKey
from testing.models import LotStep, Run
from testing.selectors import that_count

RUNS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class UnlikeRun:
    """celsius: as its file states; usual: median of the runs before it, `count` of them."""

    run: Run
    celsius: float
    usual: float
    count: int


def unlike_temperatures(
    lot_ids: Sequence[int], celsius_max: float, runs_min: int, window_runs: int
) -> list[UnlikeRun]:
    """Runs of these lots farther than celsius_max from the median of earlier runs of the series.

    Engineering lots neither count nor are judged; files that state none say nothing. Who is asked
    together changes nothing. One query, and two for each series.
    """
    rows = _stated().filter(lot_step__lot__in=lot_ids)
    series: dict[SeriesKey, list[Run]] = defaultdict(list)
    for run in rows.order_by("started_at", "pk")[:RUNS_MAX]:
        series[SeriesKey(run.lot_step.lot.product_id, run.lot_step.step.code)].append(run)
    return [
        one
        for key, runs in series.items()
        for one in _unlike(runs, _before(key, runs, window_runs), celsius_max, runs_min)
    ]


def _unlike(
    runs: Sequence[Run], before: Mapping[int, list[float]], celsius_max: float, runs_min: int
) -> Iterator[UnlikeRun]:
    for run in runs:
        assert run.temperature_celsius is not None, "only runs that state one are asked"
        measure = before.get(run.pk, [])
        if len(measure) < runs_min:
            continue
        usual = median(measure)
        if abs(run.temperature_celsius - usual) > celsius_max:
            yield UnlikeRun(run, run.temperature_celsius, usual, len(measure))


def _stated() -> Any:
    return (
        Run.objects.filter(that_count(), temperature_celsius__isnull=False)
        .exclude(lot_step__lot__purpose=LotPurpose.ENGINEERING)
        .select_related("lot_step__lot__product", "lot_step__step", "tester")
    )


def _before(key: SeriesKey, runs: Sequence[Run], window_runs: int) -> dict[int, list[float]]:
    """Run id → temperatures of the runs of the series before it, of whatever lot."""
    whole = _stated().filter(
        lot_step__lot__product=key.product_id, lot_step__step__code=key.step_code
    )
    first, last = runs[0].started_at, runs[-1].started_at
    newest = whole.filter(started_at__lt=first).order_by("-started_at", "-pk")
    window = list(newest.values_list("temperature_celsius", flat=True)[:window_runs])[::-1]
    among = whole.filter(started_at__range=(first, last)).order_by("started_at", "pk")
    found = {}
    for pk, celsius in among.values_list("pk", "temperature_celsius")[:RUNS_MAX]:
        found[pk] = window
        window = [*window, celsius][-window_runs:]
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
