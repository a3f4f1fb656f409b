"""Intervals that allow for lots that differ."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.clustering import NOTHING, ClusterSums, clustered, inflation
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
