"""Patterns of bad dies, without a database."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from quality.domain.signatures import DieMap, Frame, Pattern, signature
from quality.domain.signatures.scanning import gumbel_tail, likelihood_gains, tilted
from quality.domain.signatures.shapes import shapes
from quality.domain.signatures.usual import map_dispersion, merged, pitch_for, usual_ratios
from quality.tests.patterned import Wafer

MAPS = 20
FINE = Wafer(12, 12)
COARSE = Wafer(26, 33)


def confusion(wafer: Wafer, low: float, high: float) -> dict[Pattern, Counter[Pattern]]:
    """True pattern → patterns found, on MAPS wafers each."""
    random = np.random.default_rng(20261128)
    return {
        pattern: Counter(
            signature(wafer.map(random, pattern, low, high), wafer.frame).pattern
            for _ in range(MAPS)
        )
        for pattern in Pattern
    }


def macro_f1(found: dict[Pattern, Counter[Pattern]]) -> float:
    scores = []
    for pattern in found:
        hits = found[pattern][pattern]
        claimed = sum(row[pattern] for row in found.values())
        scores.append(2 * hits / (claimed + MAPS))
    return float(np.mean(scores))


def test_clear_patterns_on_wafers_of_432_dies_are_named() -> None:
    found = confusion(FINE, 0.1, 0.9)
    assert min(found[pattern][pattern] / MAPS for pattern in Pattern) >= 0.8
    assert macro_f1(found) >= 0.9


@pytest.mark.parametrize("pattern", [Pattern.EDGE_RING, Pattern.DONUT, Pattern.CENTER])
def test_64_large_dies_still_show_a_ring_or_a_middle(pattern: Pattern) -> None:
    found = confusion(COARSE, 0.2, 0.9)
    assert found[pattern][pattern] / MAPS >= 0.8


def test_random_failures_seldom_look_like_a_shape() -> None:
    random = np.random.default_rng(4)
    found = [
        signature(FINE.map(random, Pattern.NONE, 0.2, 0.2), FINE.frame, p_max=0.01)
        for _ in range(300)
    ]
    assert sum(one.pattern is not Pattern.NONE for one in found) <= 12


def test_same_map_gives_the_same_signature() -> None:
    die_map = FINE.map(np.random.default_rng(1), Pattern.LOC, 0.1, 0.9)
    assert signature(die_map, FINE.frame) == signature(die_map, FINE.frame)


def test_shape_names_the_places_that_fail() -> None:
    bad = (FINE.radius > 0.8).astype(float)
    found = signature(FINE.of(bad, 0.05), FINE.frame)
    assert found.pattern is Pattern.EDGE_RING
    assert set(found.dies) <= set(np.flatnonzero(FINE.radius >= 0.72))
    assert 0 < found.excess <= bad.sum()


def test_what_usually_fails_is_no_pattern() -> None:
    usual = np.where(FINE.radius > 0.8, 0.5, 0.05)
    bad = (np.random.default_rng(2).random(len(usual)) < usual).astype(float)
    die_map = DieMap(FINE.x, FINE.y, np.ones(len(bad)), bad, usual)
    assert signature(die_map, FINE.frame).pattern is Pattern.NONE


def test_wafer_without_failures_shows_none() -> None:
    assert signature(COARSE.of(np.zeros(64), 0.2), COARSE.frame).pattern is Pattern.NONE


def test_wafer_whose_dies_all_fail_is_near_full() -> None:
    assert signature(COARSE.of(np.ones(64), 0.2), COARSE.frame).pattern is Pattern.NEAR_FULL


def test_two_dies_make_no_shape() -> None:
    pair = DieMap((0, 1), (0, 0), np.ones(2), np.array([1.0, 0.0]), np.full(2, 0.5))
    assert signature(pair, Frame.around(pair.x, pair.y)).pattern is Pattern.NONE


def test_no_dies_show_none() -> None:
    empty = DieMap((), (), np.ones(0), np.ones(0), np.ones(0))
    assert signature(empty, Frame(0, 0, 1, 1)).pattern is Pattern.NONE


def test_no_shape_stands_twice() -> None:
    masks = shapes(COARSE.frame, COARSE.x, COARSE.y).masks
    assert len(np.unique(masks, axis=0)) == len(masks)


def test_gain_is_none_where_the_inside_fails_no_more() -> None:
    masks = np.array([[True, True, False, False], [False, False, True, True]])
    bad = np.array([[1.0, 1.0, 0.0, 0.0]])
    gains = likelihood_gains(masks, bad, np.ones(4), np.full(4, 0.5))
    assert gains[0, 0] > 0
    assert gains[1, 0] == 0


def test_tilted_ratios_expect_the_bad_dies_there_are() -> None:
    ratios = tilted(np.array([0.1, 0.2, 0.4]), np.array([10.0, 20.0, 5.0]), 7.0)
    assert float(ratios @ [10, 20, 5]) == pytest.approx(7.0)
    assert list(ratios) == sorted(ratios)


def test_gumbel_tail_of_the_middle_is_near_a_half() -> None:
    drawn = np.random.default_rng(3).gumbel(5, 2, 5000)
    assert gumbel_tail(float(np.median(drawn)), drawn) == pytest.approx(0.5, abs=0.03)


def test_places_lean_on_their_ring() -> None:
    places = list(zip(COARSE.x, COARSE.y, strict=True))
    stack = {place: (25, 20 if COARSE.radius[n] > 0.8 else 5) for n, place in enumerate(places)}
    missing = places[int(COARSE.radius.argmax())]
    del stack[missing]
    ratios = usual_ratios(places, [stack], COARSE.frame)
    assert ratios[places.index(missing)] > 0.6
    assert ratios[int(COARSE.radius.argmin())] == pytest.approx(0.2, abs=0.05)


def test_without_earlier_lots_no_place_is_worse() -> None:
    assert len(set(usual_ratios([(0, 0), (1, 0)], [], Frame(0, 0, 1, 1)))) == 1


def test_lots_of_chance_have_no_dispersion() -> None:
    random = np.random.default_rng(9)
    usual = np.full(64, 0.3)
    maps = [
        DieMap(COARSE.x, COARSE.y, np.full(64, 25.0), random.binomial(25, 0.3, 64) / 1.0, usual)
        for _ in range(9)
    ]
    assert map_dispersion(maps) == pytest.approx(1.0, abs=0.25)
    assert map_dispersion([]) == 1


def test_large_maps_are_laid_on_a_coarser_grid() -> None:
    assert pitch_for(64) == 1
    assert pitch_for(10_000) == 3
    stack = {(x, y): (1, int(x == 0)) for x in range(4) for y in range(4)}
    assert merged(stack, 2) == {(0, 0): (4, 2), (1, 0): (4, 0), (0, 1): (4, 2), (1, 1): (4, 0)}
