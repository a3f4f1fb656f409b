from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.intervals import (
    clopper_pearson,
    sample_size,
    upper_bound,
    wilson,
)

UNITS = st.integers(1, 5000)


@st.composite
def proportions(draw: st.DrawFn) -> tuple[int, int]:
    units = draw(UNITS)
    return draw(st.integers(0, units)), units


@given(proportions())
def test_wilson_contains_the_ratio_and_stays_between_0_and_1(count: tuple[int, int]) -> None:
    found = wilson(*count)
    assert found is not None
    assert 0 <= found.low <= count[0] / count[1] <= found.high <= 1


@given(proportions())
def test_exact_interval_contains_the_ratio(count: tuple[int, int]) -> None:
    found = clopper_pearson(*count)
    assert found is not None
    assert 0 <= found.low <= count[0] / count[1] <= found.high <= 1


@given(proportions())
def test_wilson_of_fails_mirrors_that_of_passes(count: tuple[int, int]) -> None:
    passed, units = count
    one, other = wilson(passed, units), wilson(units - passed, units)
    assert one is not None
    assert other is not None
    assert one.low == pytest.approx(1 - other.high, abs=1e-12)


@given(proportions(), st.integers(2, 50))
def test_more_units_of_the_same_ratio_narrow_the_interval(
    count: tuple[int, int], times: int
) -> None:
    few, many = wilson(*count), wilson(count[0] * times, count[1] * times)
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def test_no_units_have_no_interval() -> None:
    assert wilson(0, 0) is None
    assert clopper_pearson(0, 0) is None


def test_nothing_is_proven_by_no_units() -> None:
    assert upper_bound(0, 0) == 1.0


@given(st.integers(0, 5), st.floats(0.001, 0.2))
def test_sample_size_is_the_first_that_proves_the_target(fails: int, target: float) -> None:
    units = sample_size(fails, target, 0.9)
    assert upper_bound(fails, units, 0.9) <= target < upper_bound(fails, units - 1, 0.9)


def test_more_passes_than_units_are_our_mistake() -> None:
    with pytest.raises(AssertionError):
        wilson(3, 2)
