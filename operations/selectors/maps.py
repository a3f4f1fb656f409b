"""Wafer maps of a lot or of one wafer, ready to draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.urls import reverse

from lots.models import Lot, Step, Unit, Wafer
from operations.domain.bins import BinCount, BinLook, bin_looks
from operations.domain.wafer_drawing import DieResult, DieSize, Looks, WaferDrawing, draw_wafer
from testing.domain.words import BinKind, Outcome
from testing.models import BinDefinition, LotStep, UnitResult


class ResultRow(NamedTuple):
    wafer_id: int
    x: int
    y: int
    hard_bin: int | None
    soft_bin: int | None
    outcome: str
    attempt: int
    site: int


Pages = Mapping[tuple[int, int], str]
COLUMNS = ("wafer_id", "x", "y", "hard_bin", "soft_bin", "outcome", "attempt", "site")


@dataclass(frozen=True, slots=True)
class MappedWafer:
    """One wafer with its map and its counts."""

    wafer: Wafer
    drawing: WaferDrawing
    tested: int
    passed: int

    @property
    def ratio(self) -> float | None:
        return self.passed / self.tested if self.tested else None


@dataclass(frozen=True, slots=True)
class SiteCount:
    """Dies by the tester site that decided them."""

    site: int
    tested: int
    passed: int

    @property
    def ratio(self) -> float:
        return self.passed / self.tested


@dataclass(frozen=True, slots=True)
class LotMaps:
    """All wafers of a lot at one step, under one legend. steps: those that have maps."""

    steps: tuple[Step, ...]
    step: Step | None
    wafers: tuple[MappedWafer, ...]
    legend: tuple[BinLook, ...]
    sites: tuple[SiteCount, ...]


def lot_maps(lot: Lot, step_code: str) -> LotMaps:
    """Maps at the step named, or at the first that has any."""
    steps = _steps_with_maps(LotStep.objects.filter(lot=lot).values_list("id", flat=True))
    return _maps(lot, steps, step_code, None)


def wafer_maps(wafer: Wafer, step_code: str) -> LotMaps:
    """The map of one wafer, under a legend of its own. Counts results of every lot it was in."""
    lot_steps = UnitResult.objects.filter(wafer=wafer).values_list("lot_step_id", flat=True)
    steps = _steps_with_maps(lot_steps.distinct())
    return _maps(wafer.lot, steps, step_code, wafer)


def _steps_with_maps(lot_step_ids: Iterable[int]) -> list[Step]:
    wanted = LotStep.objects.filter(id__in=list(lot_step_ids), runs__run_wafers__isnull=False)
    return list(Step.objects.filter(lot_steps__in=wanted).distinct().order_by("sequence"))


def _maps(lot: Lot, steps: Sequence[Step], step_code: str, only: Wafer | None) -> LotMaps:
    step = next((one for one in steps if one.code == step_code), None) or next(iter(steps), None)
    if step is None:
        return LotMaps((), None, (), (), ())
    rows = _rows(lot, step, only)
    looks = bin_looks(_bin_counts(rows, _bin_names(lot, step, only)))
    wafers = {row.wafer_id for row in rows}
    ordered = Wafer.objects.filter(id__in=wafers).order_by("number", "code")
    size = DieSize(*_die_size(lot))
    pages = {} if only is None else _pages_of_dies(only)
    return LotMaps(
        steps=tuple(steps),
        step=step,
        wafers=tuple(_mapped(wafer, rows, pages, size, looks) for wafer in ordered),
        legend=tuple(looks.values()),
        sites=_site_counts(rows),
    )


def _pages_of_dies(wafer: Wafer) -> Pages:
    """X and Y → address of the unit, where the die has been given a serial."""
    units = Unit.objects.filter(wafer=wafer).values_list("x", "y", "serial")
    return {
        (x, y): reverse("operations:unit-detail", args=[serial])
        for x, y, serial in units
        if x is not None and y is not None
    }


def _rows(lot: Lot, step: Step, only: Wafer | None) -> list[ResultRow]:
    results = UnitResult.objects.filter(
        lot_step__step=step, is_final=True, x__isnull=False, y__isnull=False
    )
    if only is not None:
        results = results.filter(wafer=only)
    else:
        results = results.filter(lot_step__lot=lot, wafer__isnull=False)
    return [ResultRow(*row) for row in results.order_by("wafer_id", "y", "x").values_list(*COLUMNS)]


def _bin_names(lot: Lot, step: Step, only: Wafer | None) -> dict[int, str]:
    runs: dict[str, Any] = {"revision__runs__lot_step__step": step}
    if only is None:
        runs["revision__runs__lot_step__lot"] = lot
    else:
        runs["revision__runs__run_wafers__wafer"] = only
    names = BinDefinition.objects.filter(kind=BinKind.HARD, **runs).distinct()
    return dict(names.values_list("number", "name"))


def _bin_counts(rows: Sequence[ResultRow], names: dict[int, str]) -> list[BinCount]:
    counts = Counter((row.hard_bin, row.outcome == Outcome.PASS) for row in rows)
    return [
        BinCount(number, names.get(number, "") if number is not None else "", is_pass, count)
        for (number, is_pass), count in counts.items()
    ]


def _mapped(
    wafer: Wafer, rows: Sequence[ResultRow], pages: Pages, size: DieSize, looks: Looks
) -> MappedWafer:
    own = [row for row in rows if row.wafer_id == wafer.id]
    dies = [
        DieResult(
            x=row.x,
            y=row.y,
            hard_bin=row.hard_bin,
            soft_bin=row.soft_bin,
            is_pass=row.outcome == Outcome.PASS,
            attempt_count=row.attempt,
            site=row.site,
            address=pages.get((row.x, row.y), ""),
        )
        for row in own
    ]
    passed = sum(die.is_pass for die in dies)
    return MappedWafer(wafer, draw_wafer(dies, size, looks), len(dies), passed)


def _die_size(lot: Lot) -> tuple[float | None, float | None]:
    return lot.product.die_width_mm, lot.product.die_height_mm


def _site_counts(rows: Sequence[ResultRow]) -> tuple[SiteCount, ...]:
    tested = Counter(row.site for row in rows)
    passed = Counter(row.site for row in rows if row.outcome == Outcome.PASS)
    return tuple(SiteCount(site, tested[site], passed[site]) for site in sorted(tested))
