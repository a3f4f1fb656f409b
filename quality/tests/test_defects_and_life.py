from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.defects import (
    densities,
    murphy_yield,
    negative_binomial_yield,
    poisson_yield,
    seeds_yield,
)
from quality.domain.flow import best_pace
from quality.domain.reliability import arrhenius, kaplan_meier, kelvin, weibull

AREAS = st.floats(0.01, 8)
DENSITIES = st.floats(0.01, 2)


@given(AREAS, DENSITIES)
def test_clustered_defects_leave_more_good_dies_than_scattered_ones(
    area: float, density: float
) -> None:
    scattered = poisson_yield(area, density)
    assert scattered <= murphy_yield(area, density) <= 1
    assert scattered <= negative_binomial_yield(area, density, 2)


def test_no_defects_give_full_yield() -> None:
    assert murphy_yield(1.0, 0.0) == 1.0


@given(st.floats(0.3, 1.2), st.floats(20, 100))
def test_stress_at_use_temperature_accelerates_nothing(activation: float, celsius: float) -> None:
    same = kelvin(celsius)
    assert arrhenius(activation, same, same) == 1.0


@given(st.lists(st.floats(1, 1e4), min_size=2, max_size=30, unique=True))
def test_survival_never_rises(failures: list[float]) -> None:
    shares = [share for _, share in kaplan_meier(failures)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == pytest.approx(0, abs=1e-12)


def test_weibull_of_early_fails_has_a_falling_rate() -> None:
    early = [1.0, 2.0, 5.0, 40.0, 300.0]
    assert weibull(early).shape < 1


def test_weibull_of_a_close_group_of_lives_is_steep() -> None:
    assert weibull([100.0, 101.0, 102.0, 103.0]).shape > 20


def test_line_below_its_critical_wip_is_as_fast_as_its_raw_time() -> None:
    pace = best_pace(0.5, 8, 2)
    assert (pace.cycle_time, pace.throughput) == (8, 0.25)
    assert math.isclose(best_pace(0.5, 8, 8).throughput, 0.5)


@given(ratio=st.floats(1e-3, 1.0), area=st.floats(0.05, 10.0))
def test_each_model_gives_the_yield_back_at_its_density(ratio: float, area: float) -> None:
    found = densities(ratio, area, clustering=2.0, layers=5)
    assert found.poisson is not None
    assert found.murphy is not None
    assert found.seeds is not None
    assert found.clustered is not None
    assert found.layered is not None
    assert poisson_yield(area, found.poisson) == pytest.approx(ratio)
    assert murphy_yield(area, found.murphy) == pytest.approx(ratio, rel=1e-6)
    assert seeds_yield(area, found.seeds) == pytest.approx(ratio)
    assert negative_binomial_yield(area, found.clustered, 2.0) == pytest.approx(ratio)
    assert (1 + area * found.layered) ** -5 == pytest.approx(ratio)


def test_no_yield_bounds_no_density() -> None:
    assert densities(0.0, 1.0, 2.0, 5).poisson is None
    assert densities(1.0, 1.0, 2.0, 5).murphy == pytest.approx(0, abs=1e-9)
