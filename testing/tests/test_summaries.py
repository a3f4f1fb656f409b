from __future__ import annotations

import statistics
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.domain.records import OUTCOME_CODES, Readings
from testing.domain.summaries import Summaries, places_of, summarise_readings
from testing.domain.words import Outcome
from testing.tests.builders import Part, parts_of

ONE_SITE = places_of(parts_of([Part(site=0)]))
VALUES = st.lists(
    st.floats(-1e6, 1e6) | st.sampled_from([float("nan"), float("inf")]), min_size=1, max_size=40
)

QUANTILES = {
    "minimum": 0.0,
    "quantile_01": 0.01,
    "quantile_05": 0.05,
    "quartile_low": 0.25,
    "median": 0.5,
    "quartile_high": 0.75,
    "quantile_95": 0.95,
    "quantile_99": 0.99,
    "maximum": 1.0,
}


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
    found = summarise_readings(readings, places_of(parts_of([Part(site=5), Part(site=255)])))
    assert found.parameter_index.tolist() == [0, 0, 1, 1]
    assert found.site.tolist() == [5, 255, 5, 255]
    assert found.mean.tolist() == [3.0, 4.0, 1.0, 2.0]


def test_one_site_of_two_heads_is_two_groups_in_order_of_heads() -> None:
    parts = [Part(head=2), Part(head=1), Part(head=2, site=0)]
    readings = Readings(
        part_index=np.array([0, 1, 2], dtype=np.int32),
        parameter_index=np.zeros(3, dtype=np.int32),
        value=np.array([1.0, 2.0, 3.0]),
        flag=np.zeros(3, dtype=np.uint8),
        outcome=np.zeros(3, dtype=np.uint8),
    )
    found = summarise_readings(readings, places_of(parts_of(parts)))
    assert list(zip(found.head, found.site, found.mean, strict=True)) == [
        (1, 1, 2.0),
        (2, 0, 3.0),
        (2, 1, 1.0),
    ]


def test_more_than_256_places_stand_apart() -> None:
    parts = [Part(head=head, site=site) for head in range(3) for site in range(100)]
    count = len(parts)
    readings = Readings(
        part_index=np.arange(count, dtype=np.int32),
        parameter_index=np.zeros(count, dtype=np.int32),
        value=np.arange(count, dtype=np.float64),
        flag=np.zeros(count, dtype=np.uint8),
        outcome=np.zeros(count, dtype=np.uint8),
    )
    found = summarise_readings(readings, places_of(parts_of(parts)))
    assert found.mean.tolist() == list(range(count))
    assert found.head.tolist() == [part.head for part in parts]


def test_outer_quantiles_lie_between_the_extremes_and_the_quartiles() -> None:
    found = summary([float(n) for n in range(101)])
    outer = [found.quantile_01[0], found.quantile_05[0], found.quantile_95[0], found.quantile_99[0]]
    assert outer == pytest.approx([1, 5, 95, 99])


def test_no_readings_have_no_summaries() -> None:
    assert len(summary([]).count) == 0


@given(VALUES)
def test_summaries_agree_with_numpy_on_the_finite_values(values: list[float]) -> None:
    found = summary(values)
    finite = [value for value in values if np.isfinite(value)]
    assert found.count[0] == len(finite)
    if finite:
        given = [getattr(found, name)[0] for name in QUANTILES]
        wanted = np.quantile(finite, list(QUANTILES.values()))
        assert given == pytest.approx(wanted.tolist(), abs=1e-6)
        assert found.mean[0] == pytest.approx(np.mean(finite), abs=1e-6)
    if len(finite) > 1:
        assert found.deviation[0] == pytest.approx(np.std(finite, ddof=1), abs=1e-6)
