"""A pattern that only some wafers of a lot have."""

from __future__ import annotations

import math

import numpy as np
import pytest

from quality.domain.signatures import Pattern
from quality.domain.signatures.groups import SHARE, WaferMaps, group_of, levelled
from quality.domain.signatures.shapes import Frame, shapes
from quality.tests.patterned import Wafer

GRID = Wafer(26, 33)
FORMS = shapes(GRID.frame, GRID.x, GRID.y)
PLACES = len(GRID.x)
WAFERS = 24


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
    found = group_of(lot(ill), FORMS)
    assert found is not None
    assert found.pattern is pattern
    assert found.p_value < 0.005
    assert len(set(found.wafers) & set(ill)) >= 9
    assert len(set(found.wafers) - set(ill)) <= 2
    assert found.excess > 0


def test_one_odd_wafer_is_no_group() -> None:
    found = group_of(lot({3: Pattern.EDGE_RING}), FORMS)
    assert found is not None
    assert found.p_value > 0.005


def test_ordinary_lots_reach_the_bound_no_more_often_than_it_says() -> None:
    found = [group_of(lot({}, seed), FORMS) for seed in range(200)]
    assert sum(one is not None and one.p_value <= 0.05 for one in found) <= 200 * 0.05


def test_evidence_is_the_mean_likelihood_ratio_of_the_shapes() -> None:
    """One wafer of eight dies in a row, half of them bad: summed up shape by shape."""
    x, y = tuple(range(8)), (0,) * 8
    forms = shapes(Frame(3.5, 0, 4, 4), x, y)
    bad = np.zeros((1, 8))
    bad[0, :4] = 1
    maps = WaferMaps(np.ones((1, 8)), bad, np.full(8, 0.5))
    raised = 1 / (1 + math.exp(-2.5))
    ratios = [
        math.prod(raised / 0.5 if bad[0, die] else (1 - raised) / 0.5 for die in np.flatnonzero(m))
        for m in forms.masks
    ]
    kinds = set(forms.patterns)
    evidence = sum(
        (1 - SHARE + SHARE * ratio) / len(kinds) / forms.patterns.count(pattern)
        for ratio, pattern in zip(ratios, forms.patterns, strict=True)
    )
    found = group_of(maps, forms)
    assert found is not None
    assert found.p_value == pytest.approx(min(1.0, 1 / evidence), rel=1e-5)


def test_each_wafer_is_compared_at_its_own_level() -> None:
    maps = lot({}, usual=0.4)
    bad = maps.bad.copy()
    bad[0], bad[1] = 0, 1
    ratios = levelled(WaferMaps(maps.tested, bad, maps.usual))
    expected = (maps.tested * ratios).sum(axis=1)
    assert expected[2:] == pytest.approx(bad[2:].sum(axis=1))
    assert expected[0] < 1
    assert expected[1] > PLACES - 1


def test_nothing_to_find_is_nothing() -> None:
    whole = lot({})
    assert group_of(WaferMaps(whole.tested, np.zeros_like(whole.bad), whole.usual), FORMS) is None
    lone = shapes(Frame(0, 0, 1, 1), (0,), (0,))
    assert group_of(WaferMaps(np.ones((1, 1)), np.ones((1, 1)), np.ones(1)), lone) is None
