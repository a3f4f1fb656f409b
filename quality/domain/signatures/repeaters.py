"""A position of the reticle whose dies fail more often than others, in every field of the wafer.

A wafer is printed field by field, nx dies across and ny up, with one reticle: what is wrong on it
comes back at the same (x mod nx, y mod ny). Dies are no units of proof here: they are alike on a
wafer, and a mark that lies at one spot of every wafer hits some position more than others. So a
position must stand out against the spread between wafers, and against that between places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from quality.domain.signatures.groups import WaferMaps, own_levels, ratios_at
from quality.domain.signatures.shapes import Frame, Mask, Values
from quality.domain.signatures.usual import Place, ring_ratios
from supplychain.base.deferred import special

METHOD = "field-position-t-v1"
FIELD_MM = (26.0, 33.0)
"""What a scanner prints at once, at most: width and height."""

WAFERS_MIN = 5
PLACES_MIN = 3
SIDE_UNKNOWN = 4
"""Dies a side of a field, at most, where the size of a die is unknown."""

SIDE_MAX = 8
"""Dies a side, at most: of smaller dies, a field shows too few at each position to be told."""

SMALL = 1e-9


@dataclass(frozen=True, slots=True)
class FieldMaps:
    """Wafers of one lot. places: position on the grid of each column.

    tested, bad: (wafer, place), dies there and those that failed; 0 where none is. sites: the same
    shape, number of the tester site that each was first put on, from 0; 0 where none is.
    """

    places: tuple[Place, ...]
    tested: Values
    bad: Values
    sites: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PositionCount:
    """Dies at one position of the field, over all wafers. column, row: x mod nx, y mod ny."""

    column: int
    row: int
    tested: int
    bad: int


@dataclass(frozen=True, slots=True)
class Repeater:
    """The position that stands out most. columns, rows: the size of the field, in dies.

    p_value: the larger of those by wafer and by place, times the positions tried, 1 at most.
    ratio, others: share that failed at the position and beside it. effect: how much more fail there
    than at the others, level of the wafer, distance from its middle and site allowed for. lost:
    dies that this makes. positions: all of the field. tried: of all sizes.
    """

    columns: int
    rows: int
    column: int
    row: int
    p_value: float
    ratio: float
    others: float
    effect: float
    lost: int
    positions: tuple[PositionCount, ...]
    tried: int
    method: str = METHOD

    @property
    def where(self) -> str:
        """The position in words, columns and rows from 1."""
        return f"column {self.column + 1} of {self.columns}, row {self.row + 1} of {self.rows}"


def field_sizes(width_mm: float | None, height_mm: float | None) -> list[tuple[int, int]]:
    """Fields that these dies may be printed in, columns and rows, but for that of one die.

    Each that fits into what a scanner prints, upright or turned; where the size is unknown, each of
    up to SIDE_UNKNOWN dies a side. A die as large as the field repeats nothing: none.
    """
    if not width_mm or not height_mm:
        fits = [(SIDE_UNKNOWN, SIDE_UNKNOWN)]
    else:
        fits = [
            (_count(across, width_mm), _count(up, height_mm))
            for across, up in (FIELD_MM, FIELD_MM[::-1])
        ]
    sides = range(1, SIDE_MAX + 1)
    return [
        (columns, rows)
        for columns, rows in product(sides, sides)
        if columns * rows > 1 and any(columns <= wide and rows <= high for wide, high in fits)
    ]


def repeater_of(maps: FieldMaps, frame: Frame, sizes: Sequence[tuple[int, int]]) -> Repeater | None:
    """The position that explains most of how places differ; None below WAFERS_MIN wafers or where
    none can be told. Positions with dies at fewer than PLACES_MIN places are not tried.

    Deviations are from what each die would fail with by the level of its wafer and the ring it lies
    in. The position's mean less that of the others on the same site is set against its spread
    between wafers (ratio estimator, Student's t, never below chance) and between places (pooled,
    Student's t); the larger p counts. One-sided, Bonferroni over every position of every size.
    """
    if len(maps.tested) < WAFERS_MIN or not maps.bad.any():
        return None
    tried = [one for size in sizes for one in _tries(maps.places, size)]
    if not tried:
        return None
    contrast = _Contrast.of(maps, frame)
    sights = [(contrast.seen(one.mask), one) for one in tried]
    sight, best = max(sights, key=lambda pair: pair[0].t_by_place)
    return _told(maps, best, sight, (contrast.p_value(best.mask, sight), len(tried)))


@dataclass(frozen=True, slots=True)
class _Try:
    """A position of a field of some size, and the places it lies at."""

    size: tuple[int, int]
    position: Place
    mask: Mask


def _tries(places: Sequence[Place], size: tuple[int, int]) -> list[_Try]:
    x, y = np.array(places).T
    found = [
        _Try(size, position, (x % size[0] == position[0]) & (y % size[1] == position[1]))
        for position in product(range(size[0]), range(size[1]))
    ]
    return [one for one in found if PLACES_MIN <= one.mask.sum() <= len(places) - PLACES_MIN]


@dataclass(frozen=True, slots=True)
class _Sight:
    """A position beside the others. effect: how much larger the share is there. t_by_place: that
    over its spread between places, with so many degrees of freedom; 0 where it cannot be told.
    usual: (site,), the deviation of the others. weights: (site,), what a die outside counts. told:
    (site,), whether it has dies on both sides. size: of those inside, the dies on such sites."""

    effect: float
    t_by_place: float
    degrees: int
    usual: Values
    weights: Values
    told: NDArray[np.bool_]
    size: float


@dataclass(frozen=True, slots=True)
class _Contrast:
    """Arrays are (wafer, place). deviations: dies failed beyond expected; chance: their variance
    by chance alone. by_site: (site, place), sums over wafers of tested and of deviations."""

    tested: Values
    deviations: Values
    chance: Values
    sites: NDArray[np.int64]
    by_site: tuple[Values, Values]

    @classmethod
    def of(cls, maps: FieldMaps, frame: Frame) -> _Contrast:
        """By the level of the wafer and the ring, as the lot itself shows them."""
        tested, bad = maps.tested.sum(axis=0), maps.bad.sum(axis=0)
        rings = ring_ratios(maps.places, tested, bad, frame)
        levels = own_levels(WaferMaps(maps.tested, maps.bad, rings))
        expected = ratios_at(rings, levels)
        deviations = maps.bad - maps.tested * expected
        sums = [
            np.array([(one * (maps.sites == site)).sum(axis=0) for site in _numbers(maps.sites)])
            for one in (maps.tested, deviations)
        ]
        chance = maps.tested * expected * (1 - expected)
        return cls(maps.tested, deviations, chance, maps.sites, (sums[0], sums[1]))

    def seen(self, mask: Mask) -> _Sight:
        """Dies inside beside those outside on the same site.

        Those of sites that have none outside cannot be told from their site; where these are half
        of those inside or more, nothing is said.
        """
        tested, deviations = self.by_site
        inside, outside = tested[:, mask].sum(axis=1), tested[:, ~mask].sum(axis=1)
        told, rest = (inside > 0) & (outside > 0), np.maximum(outside, 1)
        size = max(float(inside[told].sum()), 1.0)
        usual = np.where(told, deviations[:, ~mask].sum(axis=1) / rest, 0.0)
        effect = float((deviations[:, mask].sum(axis=1) - inside * usual)[told].sum()) / size
        weights = np.where(told, -inside / rest / size, 0.0)
        is_told = 2 * size > float(inside.sum())
        sight = _Sight(effect, 0.0, 1, usual, weights, told, size)
        return self._by_place(mask, sight) if is_told else sight

    def _by_place(self, mask: Mask, sight: _Sight) -> _Sight:
        """Places differ in how many dies they have: squares are weighed by that.

        The effect and the deviation of each site that tells are taken from the same places.
        """
        tested = self.by_site[0] * sight.told[:, None]
        dies = tested.sum(axis=0)
        here = dies > 0
        mean = sight.usual[:, None] + np.where(mask, sight.effect, 0.0)
        sums = ((self.by_site[1] - tested * mean) * sight.told[:, None]).sum(axis=0)[here]
        shares = np.where(mask, dies / sight.size, sight.weights @ tested)[here]
        degrees = max(int(here.sum()) - int(sight.told.sum()) - 1, 1)
        spread = float((sums**2 / dies[here]).sum() * (shares**2 / dies[here]).sum()) / degrees
        t_value = sight.effect / math.sqrt(max(spread, SMALL))
        return replace(sight, t_by_place=t_value, degrees=degrees)

    def p_value(self, mask: Mask, sight: _Sight) -> float:
        """The larger of both, for this position alone."""
        by_place = float(special.stdtr(sight.degrees, -sight.t_by_place))
        return max(by_place, self._by_wafer(mask, sight))

    def _by_wafer(self, mask: Mask, sight: _Sight) -> float:
        """The spread of what each wafer adds to the effect; never below chance."""
        here = sight.told[self.sites] & (self.tested > 0)
        weights = np.where(here, np.where(mask, 1 / sight.size, sight.weights[self.sites]), 0.0)
        mean = sight.usual[self.sites] + np.where(mask, sight.effect, 0.0)
        parts = ((self.deviations - self.tested * mean) * weights).sum(axis=1)
        count = len(parts)
        observed = count / (count - 1) * float((parts**2).sum())
        chance = max(float((self.chance * weights**2).sum()), SMALL)
        by_chance = float(special.ndtr(-sight.effect / math.sqrt(chance)))
        t_value = sight.effect / math.sqrt(max(observed, SMALL))
        return max(by_chance, float(special.stdtr(count - 1, -t_value)))


def _count(field_mm: float, die_mm: float) -> int:
    return int(field_mm / die_mm + SMALL)


def _numbers(sites: NDArray[np.int64]) -> range:
    return range(int(sites.max(initial=0)) + 1)


def _told(maps: FieldMaps, best: _Try, sight: _Sight, judged: tuple[float, int]) -> Repeater:
    p_value, tried = judged
    mask, effect = best.mask, sight.effect
    tested, bad = maps.tested.sum(axis=0), maps.bad.sum(axis=0)
    return Repeater(
        *best.size,
        *best.position,
        p_value=min(1.0, p_value * tried),
        ratio=float(bad[mask].sum() / tested[mask].sum()),
        others=float(bad[~mask].sum() / tested[~mask].sum()),
        effect=effect,
        lost=round(effect * float(tested[mask].sum())),
        positions=_positions(maps.places, tested, bad, best.size),
        tried=tried,
    )


def _positions(
    places: Sequence[Place], tested: Values, bad: Values, size: tuple[int, int]
) -> tuple[PositionCount, ...]:
    """Counts of every position of the field, row by row."""
    columns, rows = size
    counts = np.zeros((rows, columns, 2))
    for (x, y), units, fails in zip(places, tested, bad, strict=True):
        counts[y % rows, x % columns] += units, fails
    return tuple(
        PositionCount(column, row, int(counts[row, column, 0]), int(counts[row, column, 1]))
        for row, column in product(range(rows), range(columns))
    )
