"""A pattern that the bad dies of a lot make on its wafers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np

from quality.detectors.frame import ChanceDetector
from quality.detectors.thresholds import thresholds
from quality.domain.discovery import Weighed
from quality.domain.findings import Evidence, Finding
from quality.domain.limits import BASELINE_LOTS_MIN
from quality.domain.signatures import DieMap, Frame, Pattern, signature
from quality.domain.signatures.groups import WaferMaps, group_of
from quality.domain.signatures.shapes import Values, shapes
from quality.domain.signatures.usual import (
    Place,
    Stack,
    laid_together,
    map_dispersion,
    merged,
    pitch_for,
    usual_ratios,
)
from quality.domain.words import Statistic
from quality.selectors.die_maps import sort_lot_steps, stacks, wafer_dies
from quality.selectors.series import Judged, judged_figures

WaferDies: TypeAlias = Mapping[str, Mapping[Place, bool]]
"""Wafer → position → whether its die is bad."""

SHAPELESS = (Pattern.NONE, Pattern.RANDOM, Pattern.NEAR_FULL)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """alpha: chance of so clear a shape on an ordinary lot, all wafers laid on each other.
    group_alpha: bound of the chance of so much evidence for a group of its wafers. effect_min: dies
    lost in the shape, as a share of all dies tested. units_min: dies of a lot. window_lots: lots
    that say what is usual.
    """

    alpha: float = 0.00001
    group_alpha: float = 0.05
    effect_min: float = 0.0125
    units_min: int = 100
    window_lots: int = 10


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the dies of a lot lie. pitch: how much coarser than the dies' own it is."""

    pitch: int
    places: tuple[Place, ...]
    frame: Frame

    @property
    def axes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """x and y of every place."""
        return tuple(x for x, _ in self.places), tuple(y for _, y in self.places)


@dataclass(frozen=True, slots=True)
class Sight:
    """The pattern of a lot. stack: its wafers laid on each other. limit: that p_value is beyond.

    lost: dies that failed in the shape beyond those expected there. wafers: those of the group that
    has the pattern, empty where the stack shows it.
    """

    stack: Stack
    grid: Grid
    pattern: Pattern
    p_value: float
    limit: float
    lost: int
    dies: tuple[int, ...]
    dispersion: float
    method: str
    wafers: tuple[str, ...] = ()

    @property
    def tested(self) -> int:
        """Dies."""
        return sum(tested for tested, _ in self.stack.values())

    @property
    def shape(self) -> set[Place]:
        """Where the pattern lies."""
        return {self.grid.places[place] for place in self.dies}


class WaferSignature(ChanceDetector):
    """Wafers of a lot, beside what earlier lots show at the same places.

    Laid on each other, a faint ring on every wafer is seen; asked one by one, a clear shape on some
    of them. One odd wafer is not taken for the lot.
    """

    code = "wafer-signature"
    description = "The bad dies of a lot make a pattern on its wafers."

    def weigh(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Weighed]:
        """All lots at sort among these with enough earlier ones."""
        limits = thresholds(Thresholds, parameters)
        wanted = sort_lot_steps(lot_ids)
        judged = [
            one
            for one in judged_figures(lot_ids, limits.window_lots, limits.units_min)
            if one.figure.lot_step_id in wanted and len(one.earlier) >= BASELINE_LOTS_MIN
        ]
        ids = {figure.lot_step_id for one in judged for figure in one.earlier}
        wafers = wafer_dies([one.figure.lot_step_id for one in judged])
        return patterns_in(judged, stacks(sorted(ids)), wafers, limits)


def patterns_in(
    judged: Sequence[Judged],
    maps: Mapping[int, Stack],
    wafers: Mapping[int, WaferDies],
    limits: Thresholds,
) -> list[Weighed]:
    """All of these lots with maps, and the patterns they show. maps: of earlier lots, wafers: of
    those judged, both by lot step. Nothing else is read."""
    found = []
    for one in judged:
        dies = wafers.get(one.figure.lot_step_id, {})
        earlier = [maps[f.lot_step_id] for f in one.earlier if f.lot_step_id in maps]
        if dies and len(earlier) >= BASELINE_LOTS_MIN:
            found.append(_weighed(one, dies, earlier, limits))
    return found


def _weighed(
    judged: Judged, dies: WaferDies, earlier: Sequence[Stack], limits: Thresholds
) -> Weighed:
    """Two looks had a chance, and weigh the same: their limits differ, as what they bound does."""
    figure, sight = judged.figure, _sight(dies, earlier, limits)
    if sight is None or sight.lost < limits.effect_min * sight.tested:
        return Weighed(figure.lot_step_id, figure.started_at)
    p_value = min(1.0, 2 * sight.p_value)
    finding = _finding(judged, sight, dies)
    return Weighed(figure.lot_step_id, figure.started_at, p_value, (finding,))


def _sight(wafers: WaferDies, earlier: Sequence[Stack], limits: Thresholds) -> Sight | None:
    """A group of wafers before the stack of all: it says more of where to look."""
    own = laid_together(wafers.values())
    pitch = pitch_for(len(own))
    own, earlier = merged(own, pitch), [merged(stack, pitch) for stack in earlier]
    known = {place for stack in (own, *earlier) for place in stack}
    frame = Frame.around([x for x, _ in known], [y for _, y in known])
    grid = Grid(pitch, tuple(sorted(own)), frame)
    usual = usual_ratios(grid.places, earlier, frame)
    dispersion = map_dispersion([_map(grid.places, stack, usual) for stack in earlier])
    return _of_group(own, grid, usual, dispersion, wafers, limits) or _of_stack(
        own, grid, usual, dispersion, limits
    )


def _of_group(
    own: Stack, grid: Grid, usual: Values, dispersion: float, wafers: WaferDies, limits: Thresholds
) -> Sight | None:
    numbers = {place: number for number, place in enumerate(grid.places)}
    tested = np.zeros((len(wafers), len(numbers)))
    bad = np.zeros_like(tested)
    for row, dies in enumerate(wafers.values()):
        for (x, y), is_bad in dies.items():
            number = numbers[x // grid.pitch, y // grid.pitch]
            tested[row, number] += 1
            bad[row, number] += is_bad
    forms = shapes(grid.frame, *grid.axes)
    found = group_of(WaferMaps(tested, bad, usual), forms, limits.effect_min)
    if found is None or found.p_value > limits.group_alpha:
        return None
    names = tuple(wafers)
    return Sight(
        own, grid, found.pattern, found.p_value, limits.group_alpha, round(found.excess),
        found.dies, dispersion, found.method, tuple(names[row] for row in found.wafers),
    )  # fmt: skip


def _of_stack(
    own: Stack, grid: Grid, usual: Values, dispersion: float, limits: Thresholds
) -> Sight | None:
    found = signature(_map(grid.places, own, usual, dispersion), grid.frame, p_max=limits.alpha)
    if found.pattern in SHAPELESS:
        return None
    return Sight(
        own, grid, found.pattern, found.p_value, limits.alpha, round(found.excess * dispersion),
        found.dies, dispersion, found.method,
    )  # fmt: skip


def _map(places: Sequence[Place], stack: Stack, usual: Values, dispersion: float = 1.0) -> DieMap:
    """The places that the stack has. Counts are divided by the dispersion: alike dies say less."""
    kept = [number for number, place in enumerate(places) if place in stack]
    tested, bad = np.array([stack[places[number]] for number in kept], float).T / dispersion
    x, y = zip(*(places[number] for number in kept), strict=True)
    return DieMap(x, y, tested, bad, usual[kept])


def _finding(judged: Judged, sight: Sight, wafers: WaferDies) -> Finding:
    figure = judged.figure
    lot, step = figure.lot_step.lot, figure.lot_step.step
    whose = f"{len(sight.wafers)} of {len(wafers)} wafers" if sight.wafers else "Wafers"
    return Finding(
        cause_key=f"{WaferSignature.code}:{lot.code}:{step.code}",
        title=(
            f"{whose} of {lot.code} at {step.code} show the pattern {sight.pattern}: "
            f"{sight.lost:,} dies more than usual fail in it"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"results {figure.revision}",
        is_weighed=True,
        evidence=Evidence(
            statistic=Statistic.WAFER_PATTERN,
            value=sight.pattern,
            limit=sight.limit,
            n=sight.tested,
            method=sight.method,
            baseline=judged.baseline,
            dispersion=sight.dispersion,
            p_value=sight.p_value,
            policy=figure.policy,
            facts={
                "dies_lost": sight.lost,
                "map": [[*place, *sight.stack[place]] for place in sight.grid.places],
                "shape": [list(place) for place in sorted(sight.shape)],
                "wafers": _wafers(wafers, sight),
            },
        ),
    )


def _wafers(wafers: WaferDies, sight: Sight) -> list[dict[str, str | int]]:
    """Wafers with most bad dies in the shape first: where to look."""
    shape, pitch = sight.shape, sight.grid.pitch
    counts = {
        wafer: sum(is_bad and (x // pitch, y // pitch) in shape for (x, y), is_bad in dies.items())
        for wafer, dies in wafers.items()
    }
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"wafer": wafer, "bad_in_shape": count} for wafer, count in ordered]
