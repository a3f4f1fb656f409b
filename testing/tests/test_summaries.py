from __future__ import annotations

import statistics
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.domain.records import OUTCOME_CODES, Readings
from testing.domain.summaries import Summaries, summarise_readings
from testing.domain.words import Outcome

ONE_SITE = np.zeros(1, dtype=np.uint8)
VALUES = st.lists(
    st.floats(-1e6, 1e6) | st.sampled_from([float("nan"), float("inf")]), min_size=1, max_size=40
)


def of_one_part(
    values: Sequence[float], parameters: Sequence[int] = (), outcome: Outcome = Outcome.PASS
) -> Readings:
    count = len(values)
    return Readings(
        part_index=np.zeros(count, dtype=np.int32),
        parameter_index=np.array(parameters or [0] * count, dtype=np.int32),
        value=np.array(values, dtype=np.float64),
        flag=np.zeros(count, dtype=np.uint8),
        outcome=np.full(count, OUTCOME_CODES[outcome], dtype=np.uint8),
    )


def summary(values: Sequence[float]) -> Summaries:
    return summarise_readings(of_one_part(values), ONE_SITE)


def test_quartiles_interpolate_between_neighbours() -> None:
    found = summary([4.0, 1.0, 3.0, 2.0])
    assert found.quartile_low[0] == pytest.approx(1.75)
    assert found.median[0] == pytest.approx(2.5)
    assert found.quartile_high[0] == pytest.approx(3.25)


def test_deviation_is_of_a_sample() -> None:
    assert summary([1.0, 2.0, 3.0, 4.0]).deviation[0] == pytest.approx(
        statistics.stdev([1, 2, 3, 4])
    )


def test_one_value_has_no_deviation() -> None:
    found = summary([7.0])
    assert found.mean[0] == pytest.approx(7.0)
    assert np.isnan(found.deviation[0])


def test_values_that_were_not_measured_are_left_out() -> None:
    found = summary([float("nan"), 2.0, float("inf")])
    assert (found.executed[0], found.count[0]) == (3, 1)
    assert found.maximum[0] == pytest.approx(2.0)


def test_nothing_measured_has_a_count_of_zero_and_no_mean() -> None:
    found = summary([float("nan")])
    assert found.count[0] == 0
    assert np.isnan([found.mean[0], found.minimum[0], found.median[0]]).all()


def test_failures_count_also_without_a_value() -> None:
    readings = of_one_part([float("nan"), 1.0], outcome=Outcome.FAIL)
    assert summarise_readings(readings, ONE_SITE).fail_count[0] == 2


def test_parameters_and_sites_stand_apart_in_order() -> None:
    readings = Readings(
        part_index=np.array([0, 1, 0, 1], dtype=np.int32),
        parameter_index=np.array([1, 1, 0, 0], dtype=np.int32),
        value=np.array([1.0, 2.0, 3.0, 4.0]),
        flag=np.zeros(4, dtype=np.uint8),
        outcome=np.zeros(4, dtype=np.uint8),
    )
    found = summarise_readings(readings, np.array([5, 255], dtype=np.uint8))
    assert found.parameter_index.tolist() == [0, 0, 1, 1]
    assert found.site.tolist() == [5, 255, 5, 255]
    assert found.mean.tolist() == [3.0, 4.0, 1.0, 2.0]


def test_no_readings_have_no_summaries() -> None:
    assert len(summary([]).count) == 0


@given(VALUES)
def test_summaries_agree_with_numpy_on_the_finite_values(values: list[float]) -> None:
    found = summary(values)
    finite = [value for value in values if np.isfinite(value)]
    assert found.count[0] == len(finite)
    if finite:
        given = [found.minimum[0], found.quartile_low[0], found.median[0], found.maximum[0]]
        assert given == pytest.approx(np.quantile(finite, [0, 0.25, 0.5, 1]).tolist(), abs=1e-6)
        assert found.mean[0] == pytest.approx(np.mean(finite), abs=1e-6)
    if len(finite) > 1:
        assert found.deviation[0] == pytest.approx(np.std(finite, ddof=1), abs=1e-6)
