"""A pattern that only some wafers of a lot have."""

from __future__ import annotations

import math

import numpy as np
import pytest

from quality.domain.signatures import Pattern, groups
from quality.domain.signatures.groups import (
    KILLED,
    LEVELS,
    SHARE,
    SPREAD_FREEDOM,
    SPREAD_MIN,
    WaferMaps,
    group_of,
    own_levels,
    ratios_at,
)
from quality.domain.signatures.shapes import RINGS, Frame, Shapes, shapes
from quality.tests.patterned import Wafer

GRID = Wafer(26, 33)
FORMS = shapes(GRID.frame, GRID.x, GRID.y)
PLACES = len(GRID.x)
WAFERS = 24
LOSS_MIN = 0.0125


def lot(ill: dict[int, Pattern], seed: int = 1, usual: float = 0.3) -> WaferMaps:
    """Dies fail at `usual`, in the pattern of a wafer, alike on all that have it, at 0.9."""
    random = np.random.default_rng(seed)
    masks = {pattern: GRID.shape(random, pattern) for pattern in sorted(set(ill.values()))}
    ratios = np.full((WAFERS, PLACES), usual)
    for wafer, pattern in ill.items():
        ratios[wafer, masks[pattern]] = 0.9
    bad = (random.random((WAFERS, PLACES)) < ratios).astype(float)
    return WaferMaps(np.ones((WAFERS, PLACES)), bad, np.full(PLACES, usual))


@pytest.mark.parametrize("pattern", [Pattern.EDGE_RING, Pattern.SCRATCH, Pattern.CENTER])
def test_pattern_of_half_of_the_wafers_is_named_with_its_wafers(pattern: Pattern) -> None:
    ill = dict.fromkeys(range(0, WAFERS, 2), pattern)
    found = group_of(lot(ill), FORMS, LOSS_MIN)
    assert found is not None
    assert found.pattern is pattern
    assert found.p_value < 0.005
    assert len(set(found.wafers) & set(ill)) >= 9
    assert len(set(found.wafers) - set(ill)) <= 2
    assert found.excess > 0


def test_one_odd_wafer_is_no_group() -> None:
    found = group_of(lot({3: Pattern.EDGE_RING}), FORMS, 0)
    assert found is not None
    assert found.p_value > 0.05


def test_ordinary_lots_reach_the_bound_no_more_often_than_it_says() -> None:
    found = [group_of(lot({}, seed), FORMS, LOSS_MIN) for seed in range(200)]
    assert sum(one is not None and one.p_value <= 0.05 for one in found) <= 200 * 0.05


def test_evidence_is_the_mean_likelihood_ratio_of_the_shapes() -> None:
    """One wafer of eight dies in a row, half of them bad: summed up shape by shape and level by
    level, in plain numbers. It is itself the middle of its lot."""
    x, y = tuple(range(8)), (0,) * 8
    forms = shapes(Frame(3.5, 0, 4, 4), x, y)
    bad = np.zeros((1, 8))
    bad[0, :4] = 1
    maps = WaferMaps(np.ones((1, 8)), bad, np.full(8, 0.5))
    fits = [(chance(step) * (1 - chance(step))) ** 4 * tail(step) for step in LEVELS]
    evidence = 0.0
    for weight, mask in zip(forms.weights, forms.masks, strict=True):
        ratios = [
            math.prod(outcome(step, bad[0, die]) for die in np.flatnonzero(mask)) for step in LEVELS
        ]
        ratio = sum(fit * one for fit, one in zip(fits, ratios, strict=True)) / sum(fits)
        evidence += weight * (1 - SHARE + SHARE * ratio)
    found = group_of(maps, forms, 0)
    assert found is not None
    assert found.p_value == pytest.approx(min(1.0, 1 / evidence), rel=1e-5)


def chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def tail(step: float) -> float:
    square = (step / SPREAD_MIN) ** 2
    return float((1 + square / SPREAD_FREEDOM) ** (-(SPREAD_FREEDOM + 1) / 2))


def outcome(level: float, is_bad: float) -> float:
    """Likelihood ratio of one die, inside a shape beside outside it."""
    outside = chance(level)
    inside = outside + (1 - outside) * KILLED
    return inside / outside if is_bad else (1 - inside) / (1 - outside)


def test_shapes_left_out_only_lower_the_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = lot(dict.fromkeys(range(5), Pattern.SCRATCH))
    some = group_of(maps, FORMS, LOSS_MIN)
    monkeypatch.setattr(groups, "CANDIDATES", len(FORMS.patterns))
    every = group_of(maps, FORMS, LOSS_MIN)
    assert some is not None
    assert every is not None
    assert (some.pattern, some.dies) == (every.pattern, every.dies)
    assert every.p_value <= some.p_value <= 1.01 * every.p_value


def test_scratch_across_five_wafers_of_24_is_named() -> None:
    found = [group_of(scratched(5, seed), FORMS, LOSS_MIN) for seed in range(60)]
    named = [one.pattern for one in found if one is not None and one.p_value <= 0.05]
    assert len(named) >= 0.9 * len(found)
    assert set(named) == {Pattern.SCRATCH}


def scratched(ill: int, seed: int) -> WaferMaps:
    """The first wafers have a straight scratch from rim to rim, one die wide."""
    random = np.random.default_rng(seed)
    angle, offset = random.uniform(0, math.pi), random.uniform(-0.6, 0.6)
    beside = GRID.up * math.cos(angle) - GRID.across * math.sin(angle) - offset
    bad = random.random((WAFERS, PLACES)) < 0.3
    bad[:ill] |= (np.abs(beside) < 0.122) & (random.random((ill, PLACES)) < 0.9)
    return WaferMaps(np.ones_like(bad, float), bad.astype(float), np.full(PLACES, 0.3))


def test_dies_lost_are_those_beyond_the_level_outside_the_shape() -> None:
    """Three wafers of ten in a row lose all of the first five dies; half of the others are bad."""
    bad = np.zeros((8, 10))
    bad[:, 5:] = [1, 0, 1, 0, 1]
    bad[:, :5] = [0, 1, 0, 1, 1]
    bad[:3, :5] = 1
    mask = np.arange(10) < 5
    forms = Shapes((Pattern.LOC,), mask[None, :], np.ones(1))
    found = group_of(WaferMaps(np.ones((8, 10)), bad, np.full(10, 0.5)), forms, 0)
    assert found is not None
    assert (found.dies, found.wafers) == ((0, 1, 2, 3, 4), (0, 1, 2))
    assert found.excess == pytest.approx(3 * (5 - 5 * 0.6), abs=1e-6)


def test_a_straight_row_of_dies_inside_the_rim_is_a_scratch() -> None:
    names = np.array(FORMS.patterns)
    radius = np.hypot(GRID.across, GRID.up)
    nearest = [float(radius[mask].min()) for mask in FORMS.masks[names == Pattern.SCRATCH]]
    assert 0.55 < max(nearest) < RINGS[0]


def test_a_scratch_weighs_as_much_as_all_others_and_sizes_of_a_pattern_the_same() -> None:
    names = np.array(FORMS.patterns)
    each = {one: float(FORMS.weights[names == one].sum()) for one in sorted(set(FORMS.patterns))}
    assert each.pop(Pattern.SCRATCH) == pytest.approx(1 / 2)
    assert list(each.values()) == pytest.approx([1 / 10] * 5)
    rings = FORMS.weights[names == Pattern.EDGE_RING]
    assert rings == pytest.approx([rings[0]] * len(rings))


def test_each_wafer_is_compared_at_its_own_level() -> None:
    maps = lot({}, usual=0.4)
    bad = maps.bad.copy()
    bad[0], bad[1] = 0, 1
    ratios = ratios_at(maps.usual, own_levels(WaferMaps(maps.tested, bad, maps.usual)))
    expected = (maps.tested * ratios).sum(axis=1)
    assert expected[2:] == pytest.approx(bad[2:].sum(axis=1))
    assert expected[0] < 1
    assert expected[1] > PLACES - 1


def test_nothing_to_find_is_nothing() -> None:
    whole = lot({})
    good = WaferMaps(whole.tested, np.zeros_like(whole.bad), whole.usual)
    assert group_of(good, FORMS, LOSS_MIN) is None
    lone = shapes(Frame(0, 0, 1, 1), (0,), (0,))
    assert group_of(WaferMaps(np.ones((1, 1)), np.ones((1, 1)), np.ones(1)), lone, 0) is None


def test_a_shape_is_looked_for_on_as_many_wafers_as_make_the_loss() -> None:
    """Four wafers alike of eight dies, the three in a shape bad. It costs a wafer 0.8 of the 1.5
    that would pass, so that a tenth of 32 dies takes three wafers, and a fifth more than there are.
    """
    forms = Shapes((Pattern.LOC,), (np.arange(8) < 3)[None, :], np.ones(1))
    bad = np.tile(np.arange(8) < 3, (4, 1)).astype(float)
    maps = WaferMaps(np.ones((4, 8)), bad, np.full(8, 0.5))
    levels = [math.log(3 / 5) + step for step in LEVELS]
    fits = [
        chance(level) ** 3 * (1 - chance(level)) ** 5 * tail(step)
        for level, step in zip(levels, LEVELS, strict=True)
    ]
    ratio = sum(fit * outcome(level, 1) ** 3 for fit, level in zip(fits, levels, strict=True))
    ratio /= sum(fits)
    chances = {3: 4 * SHARE**3 * (1 - SHARE), 4: SHARE**4}
    evidence = sum(one * ratio**size for size, one in chances.items()) / sum(chances.values())
    found = group_of(maps, forms, 0.1)
    assert found is not None
    assert found.p_value == pytest.approx(1 / evidence, rel=1e-5)
    assert found.wafers == (0, 1, 2, 3)
    assert group_of(maps, forms, 0.2) is None
