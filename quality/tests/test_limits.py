from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from quality.domain.dispersion import (
    Count,
    angle,
    angle_variance,
    design_effect,
    ratio_at,
    spread,
)
from quality.domain.limits import (
    Band,
    Side,
    part_average_band,
    predicted,
    prediction_band,
    tightened,
)


@st.composite
def counts(draw: st.DrawFn, units_max: int = 500) -> Count:
    units = draw(st.integers(1, units_max))
    return Count(draw(st.integers(0, units)), units)


def lots(*passed: int, units: int = 100) -> list[Count]:
    return [Count(one, units) for one in passed]


ORDINARY = lots(60, 64, 58, 61, 66, 59, 62, 63)


@given(counts())
def test_angle_and_ratio_turn_into_each_other(count: Count) -> None:
    assert ratio_at(angle(count), count.units) == pytest.approx(count.ratio, abs=1e-9)


@given(st.lists(counts(), min_size=2, max_size=12))
def test_spread_between_lots_is_never_negative(earlier: list[Count]) -> None:
    found = spread(earlier)
    assert found.between >= 0
    assert found.dispersion >= 0
    assert 0 <= found.mean <= math.pi / 2


def test_lots_that_differ_by_chance_alone_have_no_spread_between() -> None:
    assert spread(lots(60, 60, 60)).between == 0


def test_limit_of_equal_lots_is_mean_less_t_s_root_1_plus_1_over_m() -> None:
    spreading = lots(40, 80, 55, 70, 35, 75)
    angles = [angle(count) for count in spreading]
    mean = sum(angles) / 6
    s = math.sqrt(sum((one - mean) ** 2 for one in angles) / 5)
    expected = mean - float(stats.t.isf(0.01, 5)) * s * math.sqrt(1 + 1 / 6)
    verdict = predicted(Count(50, 100), spreading, alpha=0.01, side=Side.LOW)
    assert verdict is not None
    assert verdict.limit == pytest.approx(ratio_at(expected, 100))


def test_ordinary_lot_passes() -> None:
    verdict = predicted(Count(57, 100), ORDINARY, alpha=0.005, side=Side.LOW)
    assert verdict is not None
    assert not verdict.is_beyond
    assert not verdict.is_provisional


def test_lot_far_below_the_others_is_beyond() -> None:
    verdict = predicted(Count(35, 100), ORDINARY, alpha=0.005, side=Side.LOW)
    assert verdict is not None
    assert verdict.is_beyond
    assert verdict.value < verdict.limit < verdict.expected


def test_high_side_looks_upward() -> None:
    low = predicted(Count(35, 100), ORDINARY, alpha=0.005, side=Side.HIGH)
    high = predicted(Count(90, 100), ORDINARY, alpha=0.005, side=Side.HIGH)
    assert low is not None
    assert high is not None
    assert (low.is_beyond, high.is_beyond) == (False, True)


def test_small_lot_gets_a_wider_limit() -> None:
    small = predicted(Count(6, 10), ORDINARY, alpha=0.005, side=Side.LOW)
    large = predicted(Count(600, 1000), ORDINARY, alpha=0.005, side=Side.LOW)
    assert small is not None
    assert large is not None
    assert small.limit < large.limit


def test_fewer_than_six_earlier_lots_are_provisional() -> None:
    verdict = predicted(Count(10, 100), ORDINARY[:5], alpha=0.005, side=Side.LOW)
    assert verdict is not None
    assert verdict.is_provisional


def test_one_earlier_lot_predicts_nothing() -> None:
    assert predicted(Count(10, 100), ORDINARY[:1], alpha=0.005, side=Side.LOW) is None


@given(counts(), st.lists(counts(), min_size=2, max_size=10), st.sampled_from(Side))
def test_beyond_means_that_p_is_below_alpha(count: Count, earlier: list[Count], side: Side) -> None:
    verdict = predicted(count, earlier, alpha=0.01, side=side)
    assert verdict is not None
    assert verdict.is_beyond == (verdict.p_value < 0.01)


def test_prediction_band_is_symmetric_about_the_mean() -> None:
    band = prediction_band([1.0, 2.0, 3.0], 0.05)
    assert band.middle == pytest.approx(2.0)
    assert band.high - band.middle == pytest.approx(band.middle - band.low)


def test_parts_that_are_all_alike_have_no_part_average_limits() -> None:
    assert part_average_band(5.0, 5.0, 5.0) is None


def test_part_average_limits_are_never_looser_than_the_specification() -> None:
    band = Band(low=-10, middle=0, high=10, method="")
    assert tightened(band, -4, 20) == Band(-4, 0, 10, "")
    assert tightened(band, None, None) == band


def test_alike_units_count_for_less() -> None:
    assert design_effect(600, 0.01) == pytest.approx(6.99)


def test_chance_variance_falls_with_units() -> None:
    assert angle_variance(1000) < angle_variance(10)


def test_count_without_units_is_our_mistake() -> None:
    with pytest.raises(AssertionError):
        Count(0, 0)
