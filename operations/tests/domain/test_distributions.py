from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from operations.domain.distributions import (
    COMPARED_MAX,
    QUANTILES,
    Axis,
    axis_of,
    box,
    compare,
    edges_of,
    group_comparison,
    histogram,
    moments,
    normal_plot,
    paired_quantiles,
    thinned,
)

CHANCE = np.random.default_rng(4)
NORMAL = CHANCE.normal(10.0, 2.0, 4000)
SHIFTED = CHANCE.normal(11.0, 2.0, 3000)
samples = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=80).map(np.array)


@given(samples, st.one_of(st.none(), st.floats(-1e9, 1e9)))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_value_is_drawn_or_counted_beyond_the_axis(
    values: np.ndarray, limit: float | None
) -> None:
    axis = axis_of([values], [limit])
    bars = histogram(values, edges_of(axis, len(values)))
    assert axis.low < axis.high
    assert sum(bars.counts) + bars.below + bars.above == len(values)


def test_an_axis_reaches_to_near_limits_and_leaves_far_ones_out() -> None:
    values = np.linspace(0.0, 10.0, 1001)
    near, far = axis_of([values], [-2.0, 12.0]), axis_of([values], [-1000.0, None])
    assert near.low < -2.0
    assert near.high > 12.0
    assert far.low > -2.0


def test_an_outlier_does_not_squeeze_the_picture() -> None:
    values = np.concatenate([np.linspace(0.0, 1.0, 5000), [1e6]])
    axis = axis_of([values], [])
    assert axis.high < 2.0
    assert histogram(values, edges_of(axis, len(values))).above >= 1


@pytest.mark.parametrize("value", [0.0, 5.0, -3e-9])
def test_equal_values_still_have_an_axis(value: float) -> None:
    axis = axis_of([np.full(5, value)], [None, None])
    assert axis.low < value < axis.high


def test_bars_are_never_too_many_nor_too_few() -> None:
    assert len(edges_of(Axis(0, 1), 1)) == 6
    assert len(edges_of(Axis(0, 1), 10**9)) == 61


def test_a_box_holds_quartiles_and_counts_what_lies_outside() -> None:
    found = box("1", np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    assert (found.quartile_low, found.median, found.quartile_high) == (2.0, 3.0, 4.0)
    assert (found.whisker_low, found.whisker_high, found.outside) == (1.0, 4.0, 1)


def test_the_normal_plot_of_normal_values_is_its_line() -> None:
    found = normal_plot(NORMAL)
    assert found.intercept == pytest.approx(10.0, abs=0.15)
    assert found.slope == pytest.approx(2.0, abs=0.15)
    assert len(found.normal) == QUANTILES
    assert (found.value[0], found.value[-1]) == (NORMAL.min(), NORMAL.max())


def test_few_values_are_all_points() -> None:
    assert normal_plot(np.array([3.0, 1.0])).value == (1.0, 3.0)


def test_capability_needs_spread_and_a_limit() -> None:
    assert moments(NORMAL, 4.0, 16.0).ppk == pytest.approx(1.0, abs=0.05)
    assert moments(NORMAL, None, 16.0).ppk == pytest.approx(1.0, abs=0.05)
    assert moments(NORMAL, None, None).ppk is None
    assert moments(np.array([1.0, 1.0]), 0.0, 2.0).ppk is None
    assert moments(np.array([1.0]), 0.0, 2.0).deviation is None


def test_two_samples_are_compared_by_size_and_by_shape() -> None:
    found = compare(NORMAL, SHIFTED)
    welch = stats.ttest_ind(SHIFTED, NORMAL, equal_var=False).confidence_interval(0.95)
    assert (found.difference_low, found.difference_high) == pytest.approx((welch.low, welch.high))
    assert found.effect == pytest.approx(0.5, abs=0.06)
    assert found.superiority == pytest.approx(stats.norm.cdf(0.5 / np.sqrt(2)), abs=0.02)
    assert found.mann_whitney_p < 1e-6
    assert found.ks_p < 1e-6


def test_samples_without_spread_have_a_difference_but_no_effect() -> None:
    found = compare(np.full(3, 1.0), np.full(3, 2.0))
    assert (found.difference, found.difference_low, found.effect) == (1.0, 1.0, None)


def test_very_many_values_are_thinned_without_a_change_of_shape() -> None:
    many = CHANCE.normal(0.0, 1.0, COMPARED_MAX * 3)
    few = thinned(many)
    assert len(few) == COMPARED_MAX
    assert float(np.median(few)) == pytest.approx(float(np.median(many)), abs=1e-3)


def test_below_three_lots_nothing_is_concluded() -> None:
    assert group_comparison([1.0, 2.0], [3.0, 4.0, 5.0]) is None
    found = group_comparison([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    assert found == pytest.approx(0.1)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400),
)
def test_paired_quantiles_rise_within_both_samples(first: list[float], second: list[float]) -> None:
    one, other = np.array(first), np.array(second)
    pairs = paired_quantiles(one, other)
    assert len(pairs) == min(len(first), len(second), QUANTILES)
    for values, side in zip((one, other), zip(*pairs, strict=True), strict=True):
        assert list(side) == sorted(side)
        assert values.min() <= side[0] and side[-1] <= values.max()


def test_a_sample_against_itself_lies_on_the_line() -> None:
    values = np.arange(50.0)
    assert all(one == other for one, other in paired_quantiles(values, values))
