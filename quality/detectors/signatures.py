"""A pattern that the bad dies of a lot make on its wafers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np

from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.domain.limits import BASELINE_LOTS_MIN
from quality.domain.signatures import DieMap, Frame, Pattern, Signature, signature
from quality.domain.signatures.usual import (
    Place,
    Stack,
    map_dispersion,
    merged,
    pitch_for,
    usual_ratios,
)
from quality.domain.words import Statistic
from quality.selectors.die_maps import bad_places, sort_lot_steps, stacks
from quality.selectors.series import Judged, judged_figures

BadDies: TypeAlias = Callable[[int], Mapping[str, set[Place]]]
"""Lot step → wafer → positions of its bad dies."""

SHAPELESS = (Pattern.NONE, Pattern.RANDOM, Pattern.NEAR_FULL)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """alpha: chance of so clear a shape on an ordinary lot. effect_min: dies lost in the shape, as
    a share of all dies tested. units_min: dies of a lot. window_lots: lots that say what is usual.
    """

    alpha: float = 0.00005
    effect_min: float = 0.01
    units_min: int = 100
    window_lots: int = 10


@dataclass(frozen=True, slots=True)
class Sight:
    """The wafers of a lot laid on each other, and the pattern in them.

    pitch: how much coarser its grid is than the die's.
    """

    stack: Stack
    pitch: int
    places: tuple[Place, ...]
    signature: Signature
    dispersion: float

    @property
    def tested(self) -> int:
        """Dies."""
        return sum(tested for tested, _ in self.stack.values())

    @property
    def shape(self) -> set[Place]:
        """Where the pattern lies."""
        return {self.places[place] for place in self.signature.dies}

    @property
    def lost(self) -> int:
        """Dies that failed in the pattern beyond those expected there."""
        return round(self.signature.excess * self.dispersion)


class WaferSignature:
    """Wafers of a lot laid on each other, beside what earlier lots show at the same places.

    Laid together, a faint ring on every wafer is seen, and one odd wafer is not taken for the lot.
    """

    code = "wafer-signature"
    description = "The bad dies of a lot make a pattern on its wafers."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """All lots at sort among these that show a pattern that earlier lots do not."""
        limits = thresholds(Thresholds, parameters)
        wanted = sort_lot_steps(lot_ids)
        judged = [
            one
            for one in judged_figures(lot_ids, limits.window_lots, limits.units_min)
            if one.figure.lot_step_id in wanted and len(one.earlier) >= BASELINE_LOTS_MIN
        ]
        ids = {figure.lot_step_id for one in judged for figure in (one.figure, *one.earlier)}
        return patterns_in(judged, stacks(sorted(ids)), limits, bad_places)


def patterns_in(
    judged: Sequence[Judged],
    maps: Mapping[int, Mapping[Place, tuple[int, int]]],
    limits: Thresholds,
    bad_dies: BadDies,
) -> list[Finding]:
    """All of these lots that show a pattern. maps, bad_dies: by lot step; nothing else is read."""
    found = []
    for one in judged:
        sight = _sight(one, maps, limits)
        if sight is not None and _matters(sight, limits):
            found.append(_finding(one, sight, limits, bad_dies(one.figure.lot_step_id)))
    return found


def _sight(
    judged: Judged, maps: Mapping[int, Mapping[Place, tuple[int, int]]], limits: Thresholds
) -> Sight | None:
    own = maps.get(judged.figure.lot_step_id)
    earlier = [maps[f.lot_step_id] for f in judged.earlier if f.lot_step_id in maps]
    if not own or len(earlier) < BASELINE_LOTS_MIN:
        return None
    pitch = pitch_for(len(own))
    own, earlier = merged(own, pitch), [merged(stack, pitch) for stack in earlier]
    places = tuple(sorted(own))
    known = {place for stack in (own, *earlier) for place in stack}
    frame = Frame.around([x for x, _ in known], [y for _, y in known])
    usual = usual_ratios(places, earlier, frame)
    dispersion = map_dispersion([_map(places, stack, usual) for stack in earlier])
    die_map = _map(places, own, usual, dispersion)
    found = signature(die_map, frame, p_max=limits.alpha)
    return Sight(own, pitch, places, found, dispersion)


def _map(
    places: Sequence[Place],
    stack: Stack,
    usual: np.ndarray[tuple[int], np.dtype[np.float64]],
    dispersion: float = 1.0,
) -> DieMap:
    """The places that the stack has. Counts are divided by the dispersion: alike dies say less."""
    kept = [number for number, place in enumerate(places) if place in stack]
    tested, bad = np.array([stack[places[number]] for number in kept], float).T / dispersion
    x, y = zip(*(places[number] for number in kept), strict=True)
    return DieMap(x, y, tested, bad, usual[kept])


def _matters(sight: Sight, limits: Thresholds) -> bool:
    is_shape = sight.signature.pattern not in SHAPELESS
    return is_shape and sight.lost >= limits.effect_min * sight.tested


def _finding(
    judged: Judged, sight: Sight, limits: Thresholds, bad: Mapping[str, set[Place]]
) -> Finding:
    figure, found = judged.figure, sight.signature
    lot, step = figure.lot_step.lot, figure.lot_step.step
    return Finding(
        cause_key=f"{WaferSignature.code}:{lot.code}:{step.code}",
        title=(
            f"Wafers of {lot.code} at {step.code} show the pattern {found.pattern}: "
            f"{sight.lost:,} dies more than usual fail in it"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"results {figure.revision}",
        evidence=Evidence(
            statistic=Statistic.WAFER_PATTERN,
            value=found.pattern,
            limit=limits.alpha,
            n=sight.tested,
            method=found.method,
            baseline=judged.baseline,
            dispersion=sight.dispersion,
            p_value=found.p_value,
            policy=figure.policy,
            facts={
                "dies_lost": sight.lost,
                "map": [[*place, *sight.stack[place]] for place in sight.places],
                "shape": [list(place) for place in sorted(sight.shape)],
                "wafers": _wafers(bad, sight),
            },
        ),
    )


def _wafers(bad: Mapping[str, set[Place]], sight: Sight) -> list[dict[str, str | int]]:
    """Wafers with most bad dies in the shape first: where to look."""
    shape, pitch = sight.shape, sight.pitch
    counts = {
        wafer: sum((x // pitch, y // pitch) in shape for x, y in dies)
        for wafer, dies in bad.items()
    }
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"wafer": wafer, "bad_in_shape": count} for wafer, count in ordered]
