"""A position of the reticle that fails in every field of a lot's wafers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np

from quality.detectors.frame import ChanceDetector
from quality.detectors.thresholds import thresholds
from quality.domain.discovery import Weighed
from quality.domain.dispersion import Count
from quality.domain.findings import MAP_DIES_MAX, Evidence, Finding, Json
from quality.domain.pictures import Picture, PointOf, share_points
from quality.domain.signatures import Frame
from quality.domain.signatures.repeaters import FieldMaps, Repeater, field_sizes, repeater_of
from quality.domain.signatures.usual import Place
from quality.models import YieldFigure
from quality.selectors.die_maps import SitedDie, sited_dies, sort_lot_steps
from quality.selectors.series import lot_figures

WaferDies: TypeAlias = Mapping[str, Mapping[Place, SitedDie]]
"""Wafer → position → its die."""

DIES_AT_ONCE = 50_000
"""Read together, or those of one lot that has more: about 430 bytes each."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """alpha: chance of so clear a position on an ordinary lot, over all that were tried.
    effect_min: how much more fails there than elsewhere matters. units_min: dies of a lot."""

    alpha: float = 0.001
    effect_min: float = 0.05
    units_min: int = 100


class ReticleRepeater(ChanceDetector):
    """Judged by the lot alone: no earlier lot is needed, and a bad reticle stays flagged.

    The cause is the position, not the lot: lots that follow add to the same issue.
    """

    code = "reticle-repeater"
    description = "Dies at one position of the reticle fail more than the others, field by field."

    def weigh(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Weighed]:
        """All lots at sort among these whose dies may share a field."""
        limits = thresholds(Thresholds, parameters)
        rows = lot_figures().filter(
            lot_step__in=sort_lot_steps(lot_ids), tested__gte=limits.units_min
        )
        figures = [one for one in rows.order_by("started_at", "lot_step_id") if _sizes(one)]
        return [
            one
            for some in _batches(figures)
            for dies in [sited_dies([figure.lot_step_id for figure in some])]
            for one in repeaters_in(some, dies, limits)
        ]


def _batches(figures: Sequence[YieldFigure]) -> list[list[YieldFigure]]:
    """In the same order, DIES_AT_ONCE at most together."""
    batches: list[list[YieldFigure]] = []
    room = 0
    for figure in figures:
        if figure.tested > room:
            batches.append([])
            room = DIES_AT_ONCE
        batches[-1].append(figure)
        room -= figure.tested
    return batches


def repeaters_in(
    figures: Sequence[YieldFigure], dies: Mapping[int, WaferDies], limits: Thresholds
) -> list[Weighed]:
    """All of these lots on which positions could be told apart. dies: by lot step; nothing else is
    read."""
    found = []
    for figure in figures:
        wafers, sizes = dies.get(figure.lot_step_id), _sizes(figure)
        if wafers and sizes:
            maps, frame = _maps(wafers)
            one = repeater_of(maps, frame, sizes)
            if one is not None:
                found.append(_weighed(figure, maps, one, limits))
    return found


def _sizes(figure: YieldFigure) -> list[tuple[int, int]]:
    product = figure.lot_step.lot.product
    return field_sizes(product.die_width_mm, product.die_height_mm)


def _maps(wafers: WaferDies) -> tuple[FieldMaps, Frame]:
    places = tuple(sorted({place for dies in wafers.values() for place in dies}))
    names = sorted({die.site for dies in wafers.values() for die in dies.values()})
    columns = {place: number for number, place in enumerate(places)}
    numbers = {name: number for number, name in enumerate(names)}
    tested = np.zeros((len(wafers), len(places)))
    bad, sites = np.zeros_like(tested), np.zeros(tested.shape, np.int64)
    for row, dies in enumerate(wafers.values()):
        for place, die in dies.items():
            at = row, columns[place]
            tested[at], bad[at], sites[at] = 1, die.is_bad, numbers[die.site]
    frame = Frame.around([x for x, _ in places], [y for _, y in places])
    return FieldMaps(places, tested, bad, sites), frame


def _weighed(figure: YieldFigure, maps: FieldMaps, one: Repeater, limits: Thresholds) -> Weighed:
    if one.p_value > limits.alpha or one.effect < limits.effect_min:
        return Weighed(figure.lot_step_id, figure.started_at)
    finding = _finding(figure, maps, one)
    return Weighed(figure.lot_step_id, figure.started_at, one.p_value, (finding,))


def _finding(figure: YieldFigure, maps: FieldMaps, one: Repeater) -> Finding:
    lot, step = figure.lot_step.lot, figure.lot_step.step
    position = f"{one.columns}x{one.rows}:{one.column},{one.row}"
    return Finding(
        cause_key=f"{ReticleRepeater.code}:{lot.product.code}:{step.code}:{position}",
        title=(
            f"Dies at {one.where} of the reticle field fail {one.ratio:.1%} on {lot.code} at "
            f"{step.code}, the others {one.others:.1%}"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"{lot.code} results {figure.revision}",
        is_weighed=True,
        evidence=Evidence(
            statistic="share failed at a position of the reticle",
            value=one.ratio,
            limit=one.others,
            n=sum(count.tested for count in one.positions),
            method=one.method,
            p_value=one.p_value,
            policy=figure.policy,
            facts=_facts(maps, one),
            pictures=(_picture(one),),
        ),
    )


def _facts(maps: FieldMaps, one: Repeater) -> dict[str, Json]:
    return {
        "field_columns": one.columns,
        "field_rows": one.rows,
        "effect": one.effect,
        "dies_lost": one.lost,
        "positions_tried": one.tried,
        "positions": [
            {
                "column": count.column + 1,
                "row": count.row + 1,
                "dies": count.tested,
                "failed": count.bad,
                "fail_ratio": count.bad / count.tested,
            }
            for count in one.positions
            if count.tested
        ],
        **_map(maps, one),
    }


def _map(maps: FieldMaps, one: Repeater) -> dict[str, Json]:
    """The wafers of the lot laid on each other, and where the position lies on them."""
    if len(maps.places) > MAP_DIES_MAX:
        return {}
    tested, bad = maps.tested.sum(axis=0), maps.bad.sum(axis=0)
    return {
        "map": [
            [x, y, int(units), int(fails)]
            for (x, y), units, fails in zip(maps.places, tested, bad, strict=True)
        ],
        "shape": [
            [x, y]
            for x, y in maps.places
            if (x % one.columns, y % one.rows) == (one.column, one.row)
        ],
    }


def _picture(one: Repeater) -> Picture:
    shares = {
        f"{count.column + 1}, {count.row + 1}": Count(count.bad, count.tested)
        for count in one.positions
        if count.tested
    }
    return Picture(
        title="Failed, by position of the reticle field",
        of=PointOf.POSITION,
        rule=f"{one.effect * 100:+.1f} points from the other positions",
        points=share_points(shares, {f"{one.column + 1}, {one.row + 1}"}),
        whole=len(shares),
        middle=one.others,
        usual="Other positions",
    )
