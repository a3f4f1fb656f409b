"""Intervals that allow for lots that differ."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.clustering import (
    NOTHING,
    ClusterSums,
    WaferLikeness,
    clustered,
    inflation,
    wafer_likeness,
    within_lot,
)
from quality.domain.intervals import wilson

Lots = Sequence[tuple[int, int]]


def sums(lots: Lots) -> ClusterSums:
    """Of (passed, units) lot by lot."""
    return ClusterSums(
        lots=len(lots),
        units=sum(units for _, units in lots),
        passed=sum(passed for passed, _ in lots),
        units_squared=sum(units**2 for _, units in lots),
        passed_squared=sum(passed**2 for passed, _ in lots),
        products=sum(passed * units for passed, units in lots),
    )


lots = st.lists(
    st.integers(1, 500).flatmap(lambda units: st.tuples(st.integers(0, units), st.just(units))),
    min_size=1,
    max_size=12,
)


def test_lots_that_differ_more_than_chance_widen_the_interval() -> None:
    alike, apart = sums([(90, 100)] * 6), sums([(80, 100), (100, 100)] * 3)
    near, wide = clustered(alike), clustered(apart)
    assert near is not None
    assert wide is not None
    assert wide.high - wide.low > 1.5 * (near.high - near.low)


def test_inflation_is_the_ratio_of_variances() -> None:
    # Five lots of 100: variance of their ratios over five, beside p(1-p)/500.
    passed = [80, 85, 90, 95, 100]
    ratios = [count / 100 for count in passed]
    between = sum((ratio - 0.9) ** 2 for ratio in ratios) / 4 / 5
    assert inflation(sums([(count, 100) for count in passed])) == pytest.approx(
        between / (0.9 * 0.1 / 500)
    )


def test_one_lot_has_plain_wilson() -> None:
    assert clustered(sums([(90, 100)])) == wilson(90, 100)


def test_no_units_have_no_interval() -> None:
    assert clustered(NOTHING) is None


@pytest.mark.parametrize(("passed", "edge"), [(0, 0.0), (50, 1.0)])
def test_none_or_all_passed_keeps_the_edge(passed: int, edge: float) -> None:
    found = clustered(sums([(passed, 50)] * 3))
    assert found is not None
    assert edge in (found.low, found.high)
    assert found.high > found.low


@given(lots)
def test_interval_holds_the_pooled_yield_and_stays_inside_0_and_1(found: Lots) -> None:
    whole = sums(found)
    interval = clustered(whole)
    assert interval is not None
    assert 0 <= interval.low <= whole.passed / whole.units + 1e-12
    assert whole.passed / whole.units <= interval.high + 1e-12 <= 1 + 1e-9
    assert inflation(whole) >= 1
    assert math.isfinite(inflation(whole))


@given(lots, lots)
def test_sums_of_two_groups_are_the_sums_of_all_lots(left: Lots, right: Lots) -> None:
    assert sums(left) + sums(right) == sums([*left, *right])


def wafer_lot(random: np.random.Generator, wafers: int = 24, level: float = 0.8) -> Lots:
    """Wafers of 64 dies; two dies of a wafer are alike by 0.05."""
    share = 1 / 0.05 - 1
    ratios = random.beta(level * share, (1 - level) * share, wafers)
    return [(int(passed), 64) for passed in random.binomial(64, ratios)]


def test_likeness_is_that_of_the_dies_of_a_wafer() -> None:
    random = np.random.default_rng(1)
    found = wafer_likeness([sums(wafer_lot(random)) for _ in range(40)])
    assert found is not None
    assert found.correlation == pytest.approx(0.05, abs=0.01)
    assert found.wafer_units == 64
    assert found.degrees == 40 * 23


def test_levels_of_lots_are_no_likeness_of_wafers() -> None:
    lots = [sums([(ratio, 100)] * 10) for ratio in (50, 90)]
    found = wafer_likeness(lots)
    assert found is not None
    assert found.correlation == 0


def test_one_wafer_a_lot_tells_nothing() -> None:
    assert wafer_likeness([sums([(50, 64)]), sums([(10, 64)])]) is None
    assert wafer_likeness([]) is None


def test_wafers_of_one_unit_and_lots_without_fails_are_not_alike() -> None:
    for lots in ([sums([(1, 1), (0, 1)])], [sums([(9, 9), (9, 9)])]):
        found = wafer_likeness(lots)
        assert found is not None
        assert found.correlation == 0


def test_whole_lot_is_inflated_as_by_the_ratio_of_its_wafers() -> None:
    lot = sums(wafer_lot(np.random.default_rng(2)))
    found = wafer_likeness([lot])
    assert found is not None
    assert found.inflation(64) == pytest.approx(inflation(lot))


@pytest.mark.parametrize("wafers", [1, 24])
def test_interval_holds_the_level_of_the_line_as_often_as_it_says(wafers: int) -> None:
    random = np.random.default_rng(3)
    known = wafer_likeness([sums(wafer_lot(random)) for _ in range(20)])
    held = plain = 0
    for _ in range(400):
        lot = wafer_lot(random, wafers)
        passed, units = sum(one for one, _ in lot), 64 * wafers
        found, naive = within_lot(passed, units, 64, known), wilson(passed, units)
        assert found is not None
        assert naive is not None
        held += found.low <= 0.8 <= found.high
        plain += naive.low <= 0.8 <= naive.high
    assert 0.92 <= held / 400 <= 0.98
    assert plain / 400 < 0.8


def test_units_on_no_wafer_have_plain_wilson() -> None:
    assert within_lot(90, 100, 0, None) == wilson(90, 100)
    assert within_lot(0, 0, 0, WaferLikeness(0.1, 64, 20)) is None


def test_part_with_one_unit_a_wafer_is_as_wide_as_by_chance() -> None:
    found, naive = within_lot(90, 100, 1, WaferLikeness(0.2, 64, 100_000)), wilson(90, 100)
    assert found is not None
    assert naive is not None
    assert (found.low, found.high) == pytest.approx((naive.low, naive.high), abs=1e-5)
    assert found.method == "wilson-by-wafer-v1"
