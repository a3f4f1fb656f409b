"""Small wafer maps of a lot, ready to draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lots.domain.words import BinKind
from lots.models import Lot, Step, Wafer
from operations.domain.bins import BinCount, BinLook, bin_looks
from operations.domain.orientation import Orientation
from operations.domain.wafer_drawing import (
    UNKNOWN_LIE,
    DieResult,
    DieSize,
    Looks,
    WaferDrawing,
    draw_wafer,
)
from operations.selectors.map_layers import Material
from operations.selectors.orientations import orientation_of
from testing.domain.words import Outcome
from testing.models import BinDefinition, LotStep, UnitResult


class ResultRow(NamedTuple):
    wafer_id: int
    x: int
    y: int
    hard_bin: int | None
    outcome: str


COLUMNS = ("wafer_id", "x", "y", "hard_bin", "outcome")


class Style(NamedTuple):
    """What the wafers of a lot are drawn by."""

    size: DieSize
    looks: Looks
    lie: Orientation


@dataclass(frozen=True, slots=True)
class MappedWafer:
    """One wafer with its map and its counts. counts: dies of each bin, in order of the legend."""

    wafer: Wafer
    drawing: WaferDrawing
    tested: int
    passed: int
    counts: tuple[int, ...]

    @property
    def ratio(self) -> float | None:
        return self.passed / self.tested if self.tested else None


@dataclass(frozen=True, slots=True)
class LotMaps:
    """All wafers of a lot at one step, under one legend. steps: those that have maps."""

    steps: tuple[Step, ...]
    step: Step | None
    wafers: tuple[MappedWafer, ...]
    legend: tuple[BinLook, ...]
    lie: Orientation = UNKNOWN_LIE


def lot_maps(lot: Lot, step_code: str) -> LotMaps:
    """Maps at the step named, or at the first that has any."""
    steps = _steps_with_maps(lot)
    step = next((one for one in steps if one.code == step_code), None) or next(iter(steps), None)
    if step is None:
        return LotMaps((), None, (), ())
    rows = _rows(lot, step)
    looks = bin_looks(_bin_counts(rows, _bin_names(lot, step)))
    wafers = {row.wafer_id for row in rows}
    ordered = Wafer.objects.filter(id__in=wafers).order_by("number", "code")
    size = DieSize(*_die_size(lot))
    lie = orientation_of(Material(lot), step)
    return LotMaps(
        steps=tuple(steps),
        step=step,
        wafers=tuple(_mapped(wafer, rows, Style(size, looks, lie)) for wafer in ordered),
        legend=tuple(looks.values()),
        lie=lie,
    )


def _steps_with_maps(lot: Lot) -> list[Step]:
    wanted = LotStep.objects.filter(
        lot=lot, runs__run_wafers__isnull=False, runs__is_withdrawn=False
    )
    return list(Step.objects.filter(lot_steps__in=wanted).distinct().order_by("sequence"))


def _rows(lot: Lot, step: Step) -> list[ResultRow]:
    results = UnitResult.objects.filter(
        lot_step__lot=lot,
        lot_step__step=step,
        is_final=True,
        wafer__isnull=False,
        x__isnull=False,
        y__isnull=False,
    )
    return [ResultRow(*row) for row in results.order_by("wafer_id", "y", "x").values_list(*COLUMNS)]


def _bin_names(lot: Lot, step: Step) -> dict[int, str]:
    names = BinDefinition.objects.filter(
        kind=BinKind.HARD,
        revision__runs__lot_step__step=step,
        revision__runs__lot_step__lot=lot,
    ).distinct()
    return dict(names.values_list("number", "name"))


def _bin_counts(rows: Sequence[ResultRow], names: dict[int, str]) -> list[BinCount]:
    counts = Counter((row.hard_bin, row.outcome == Outcome.PASS) for row in rows)
    return [
        BinCount(number, names.get(number, "") if number is not None else "", is_pass, count)
        for (number, is_pass), count in counts.items()
    ]


def _mapped(wafer: Wafer, rows: Sequence[ResultRow], style: Style) -> MappedWafer:
    dies = [
        DieResult(row.x, row.y, row.hard_bin, row.outcome == Outcome.PASS)
        for row in rows
        if row.wafer_id == wafer.id
    ]
    passed = sum(die.is_pass for die in dies)
    found = Counter((die.hard_bin, die.is_pass) for die in dies)
    drawing = draw_wafer(dies, style.size, style.looks, style.lie)
    counts = tuple(found[key] for key in style.looks)
    return MappedWafer(wafer, drawing, len(dies), passed, counts)


def _die_size(lot: Lot) -> tuple[float | None, float | None]:
    return lot.product.die_width_mm, lot.product.die_height_mm
