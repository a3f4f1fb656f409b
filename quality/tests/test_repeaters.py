"""Positions of the reticle that come back in every field."""

from __future__ import annotations

import numpy as np
import pytest

from quality.domain.signatures import Pattern
from quality.domain.signatures.repeaters import (
    FieldMaps,
    Repeater,
    field_sizes,
    repeater_of,
)
from quality.domain.signatures.shapes import Mask
from quality.tests.patterned import Wafer

GRID = Wafer(12, 15)
SMALL_GRID = Wafer(26, 33)
WAFERS = 20
SIZES = field_sizes(12, 15)


def at(grid: Wafer, columns: int, rows: int, column: int, row: int) -> Mask:
    x, y = np.array(grid.x), np.array(grid.y)
    return np.asarray((x % columns == column) & (y % rows == row))


def lot(
    seed: int,
    ratios: np.ndarray,
    grid: Wafer = GRID,
    wafers: int = WAFERS,
    sites: np.ndarray | None = None,
) -> FieldMaps:
    """ratios: (place,) or (wafer, place), the chance to fail; wafers have levels of their own."""
    random = np.random.default_rng(seed)
    odds = np.log(ratios / (1 - ratios)) + random.normal(0, 0.3, (wafers, 1))
    bad = (random.random((wafers, len(grid.x))) < 1 / (1 + np.exp(-odds))).astype(float)
    nowhere = np.zeros(bad.shape, np.int64)
    places = tuple(zip(grid.x, grid.y, strict=True))
    return FieldMaps(places, np.ones_like(bad), bad, nowhere if sites is None else sites)


def found(maps: FieldMaps, grid: Wafer = GRID, sizes: list[tuple[int, int]] = SIZES) -> Repeater:
    one = repeater_of(maps, grid.frame, sizes)
    assert one is not None
    return one


def flat(ratio: float = 0.2, grid: Wafer = GRID) -> np.ndarray:
    return np.full(len(grid.x), ratio)


@pytest.mark.parametrize(
    ("width", "height", "largest"),
    [(26, 33, set()), (13, 33, {(2, 1)}), (13, 16.5, {(2, 2), (1, 2), (2, 1)})],
)
def test_fields_are_those_that_fit_into_what_a_scanner_prints(
    width: float, height: float, largest: set[tuple[int, int]]
) -> None:
    assert set(field_sizes(width, height)) == largest


def test_a_field_may_be_turned() -> None:
    assert (3, 2) in field_sizes(11, 12)
    assert (2, 3) not in field_sizes(13, 16.5)


def test_field_of_dies_without_size_is_any_of_up_to_four_a_side() -> None:
    assert len(field_sizes(None, None)) == 15
    assert field_sizes(26, None) == field_sizes(None, None)


@pytest.mark.parametrize("position", [(0, 0), (1, 0), (1, 1)])
def test_dead_position_is_found_with_its_field(position: tuple[int, int]) -> None:
    ratios = np.where(at(GRID, 2, 2, *position), 0.95, 0.2)
    one = found(lot(1, ratios))
    assert (one.columns, one.rows) == (2, 2)
    assert (one.column, one.row) == position
    assert one.p_value < 1e-6
    assert one.effect == pytest.approx(0.75, abs=0.1)
    assert one.lost == pytest.approx(one.effect * WAFERS * ratios[ratios > 0.5].size, abs=1)


def test_position_that_fails_ten_points_more_is_found() -> None:
    one = found(lot(2, np.where(at(GRID, 2, 2, 1, 0), 0.35, 0.2)))
    assert (one.columns, one.rows, one.column, one.row) == (2, 2, 1, 0)
    assert one.p_value < 1e-4
    assert one.ratio - one.others == pytest.approx(0.15, abs=0.06)


def test_ordinary_lots_reach_a_p_no_more_often_than_it_says() -> None:
    values = [found(lot(seed, flat())).p_value for seed in range(100)]
    assert sum(value <= 0.05 for value in values) <= 9


@pytest.mark.parametrize(("across", "up"), [(1, 1), (4, 1), (4, 2)])
def test_places_that_differ_are_no_repeater_however_many_sites_test_them(
    across: int, up: int
) -> None:
    """Each place has an effect of its own on every wafer, far beyond chance."""
    sites = np.tile(np.array(GRID.x) % across * up + np.array(GRID.y) % up, (WAFERS, 1))
    values = []
    for seed in range(30):
        odds = np.random.default_rng(1000 + seed).normal(-1.4, 0.9, len(GRID.x))
        maps = lot(seed, 1 / (1 + np.exp(-odds)), sites=sites)
        values.append(found(maps, sizes=field_sizes(None, None)).p_value)
    assert sum(value <= 0.05 for value in values) <= 4


@pytest.mark.parametrize("pattern", [Pattern.EDGE_RING, Pattern.SCRATCH, Pattern.EDGE_LOC])
def test_mark_at_one_spot_of_every_wafer_is_no_repeater(pattern: Pattern) -> None:
    for seed in range(10):
        shape = GRID.shape(np.random.default_rng(seed), pattern)
        assert found(lot(seed, np.where(shape, 0.9, 0.2))).p_value > 1e-4


def test_bad_wafers_in_turn_are_no_repeater() -> None:
    ratios = np.where(np.arange(WAFERS)[:, None] % 2, 0.5, 0.1) + np.zeros((1, len(GRID.x)))
    assert found(lot(3, ratios)).p_value > 0.01


def test_repeater_on_one_wafer_of_many_is_none_of_the_lot() -> None:
    ratios = np.tile(flat(), (WAFERS, 1))
    ratios[3, at(GRID, 2, 2, 0, 0)] = 0.95
    assert found(lot(4, ratios)).p_value > 1e-4


def test_bad_site_that_returns_like_a_position_is_the_sites() -> None:
    """Sites of a probe card lie two dies apart, so one of them is always at the same position."""
    sites = np.tile(np.array(GRID.x) % 2, (WAFERS, 1))
    ratios = np.where(at(GRID, 2, 1, 1, 0), 0.5, 0.2)
    assert found(lot(5, ratios, sites=sites)).p_value > 0.01


def test_repeater_beside_sites_is_told_from_them() -> None:
    sites = np.tile(np.array(GRID.x) % 2, (WAFERS, 1))
    one = found(lot(6, np.where(at(GRID, 2, 2, 1, 0), 0.8, 0.2), sites=sites))
    assert (one.columns, one.rows, one.column, one.row) == (2, 2, 1, 0)
    assert one.p_value < 1e-6


def test_dies_that_are_missing_change_nothing_about_the_rest() -> None:
    """Half of the wafers are broken, and the place where a position lies differs in dies."""
    maps = lot(7, np.where(at(GRID, 2, 2, 0, 1), 0.6, 0.2))
    there = np.ones_like(maps.tested)
    there[::2, np.array(GRID.y) > 0] = 0
    one = found(FieldMaps(maps.places, there, maps.bad * there, maps.sites))
    assert (one.columns, one.rows, one.column, one.row) == (2, 2, 0, 1)
    assert sum(count.tested for count in one.positions) == int(there.sum())
    assert one.p_value < 1e-6


def test_positions_tried_are_told_and_pay_for_it() -> None:
    maps = lot(8, np.where(at(GRID, 2, 2, 0, 1), 0.3, 0.2))
    few, many = found(maps, sizes=[(2, 2)]), found(maps, sizes=[(2, 2), (4, 4)])
    assert (few.tried, many.tried) == (4, 20)
    assert many.p_value == pytest.approx(5 * few.p_value) or many.p_value == 1


def test_few_wafers_and_lots_without_fails_say_nothing() -> None:
    maps = lot(9, flat(), wafers=4)
    assert repeater_of(maps, GRID.frame, SIZES) is None
    clean = lot(9, flat())
    none = FieldMaps(clean.places, clean.tested, clean.bad * 0, clean.sites)
    assert repeater_of(none, GRID.frame, SIZES) is None


def test_positions_at_too_few_places_are_not_tried() -> None:
    maps = lot(10, flat(0.3, SMALL_GRID), SMALL_GRID)
    assert repeater_of(maps, SMALL_GRID.frame, [(8, 8)]) is None
    assert repeater_of(maps, SMALL_GRID.frame, []) is None


def test_all_dies_failing_at_a_position_and_none_elsewhere_is_no_division_by_nothing() -> None:
    mask = at(GRID, 2, 2, 1, 1)
    bad = np.tile(mask.astype(float), (WAFERS, 1))
    maps = lot(11, flat())
    one = found(FieldMaps(maps.places, maps.tested, bad, maps.sites))
    assert (one.column, one.row, one.ratio, one.others) == (1, 1, 1.0, 0.0)
    assert one.where == "column 2 of 2, row 2 of 2"
