"""What burn-in data say about life in use, and what another duration would change."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.burn_in_plans import (
    Assumed,
    Lives,
    burn_in_plan,
    burn_in_plans,
    defective_ppm_bound,
    fitted_life,
    hours_needed,
    rate_bound,
    sensitivity,
    surviving,
    units_to_prove,
)
from quality.domain.reliability import Weibull
from supplychain.base.errors import MalformedError

USUAL = Assumed(use_celsius=55, stress_celsius=125)
FALLING = Weibull(shape=0.5, scale=10_000, log_likelihood=0)


def test_acceleration_hangs_on_the_activation_energy() -> None:
    lives = Lives(failed=(), passed=(24.0,) * 100)
    found = sensitivity(lives, replace(USUAL, activation_ev=0.7))
    assert [round(rate.acceleration) for rate in found] == [16, 78, 269]
    assert [rate.fit for rate in found] == sorted((rate.fit for rate in found), reverse=True)


def test_voltage_multiplies_heat() -> None:
    assumed = replace(USUAL, gamma=2.0, use_volt=0.8, stress_volt=1.1)
    assert assumed.electrical == pytest.approx(math.exp(0.6))
    assert assumed.acceleration == pytest.approx(assumed.thermal * assumed.electrical)


def test_no_fail_bounds_the_rate_by_what_was_tested() -> None:
    rate = rate_bound(Lives((), (24.0,) * 1000), replace(USUAL, stress_celsius=55))
    assert rate is not None
    assert rate.fit == pytest.approx(-math.log(0.4) / 24_000 * 1e9)
    assert rate.early_ppm == pytest.approx(rate.fit * 8.76)


def test_nothing_proven_gives_no_rate() -> None:
    assert rate_bound(Lives((), (), left_out=3), USUAL) is None
    assert sensitivity(Lives((), ()), USUAL) == []


def test_defectives_are_bounded_exactly() -> None:
    assert defective_ppm_bound(Lives((), (1.0,) * 100), 0.6) == pytest.approx(
        (1 - 0.4 ** (1 / 100)) * 1e6
    )
    assert defective_ppm_bound(Lives((), ()), 0.6) == 1e6


def test_units_to_prove_are_the_fewest() -> None:
    assert units_to_prove(0, 1000, 0.6) == math.ceil(math.log(0.4) / math.log(1 - 1e-3))


@pytest.mark.parametrize("failed", [(), (5.0,), (5.0, 5.0)])
def test_a_life_needs_fails_after_two_different_times(failed: tuple[float, ...]) -> None:
    assert fitted_life(Lives(failed, (24.0,) * 20)) is None


def test_early_fails_are_fitted_with_a_shape_below_one() -> None:
    life = fitted_life(Lives((0.5, 1.0, 2.0, 6.0), (24.0,) * 96))
    assert life is not None
    assert life.shape < 1
    assert surviving(life, 24.0) == pytest.approx(0.96, abs=0.005)


def test_a_longer_burn_in_finds_more_and_leaves_less() -> None:
    plans = burn_in_plans(FALLING, [48.0, 0.0, 24.0, 24.0], USUAL)
    assert [plan.hours for plan in plans] == [0.0, 24.0, 48.0]
    assert plans[0].lost == 0
    assert plans[0].lost < plans[1].lost < plans[2].lost
    assert plans[0].early_ppm > plans[1].early_ppm > plans[2].early_ppm


def test_the_hours_needed_leave_just_what_is_allowed() -> None:
    asked = replace(USUAL, ppm_max=20_000)
    hours = hours_needed(FALLING, asked)
    assert hours is not None
    assert burn_in_plan(FALLING, hours, asked).early_ppm == pytest.approx(20_000, rel=1e-6)


def test_no_burn_in_is_needed_where_few_fail_and_none_helps_where_fails_do_not_fall() -> None:
    assert hours_needed(Weibull(1.0, 1e9, 0), USUAL) == 0
    assert hours_needed(Weibull(1.5, 100, 0), USUAL) is None
    assert hours_needed(Weibull(0.999, 100, 0), USUAL) is None


@given(st.floats(0.2, 3.0), st.floats(10, 1e6), st.floats(0, 500))
def test_shares_stay_shares(shape: float, scale: float, hours: float) -> None:
    plan = burn_in_plan(Weibull(shape, scale, 0), hours, USUAL)
    assert 0 <= plan.lost <= 1
    assert 0 <= plan.early_ppm <= 1e6


@pytest.mark.parametrize(
    "changes",
    [
        {"use_celsius": -300.0},
        {"stress_celsius": math.nan},
        {"activation_ev": 3.0},
        {"confidence": 1.0},
        {"early_hours": 0.0},
        {"ppm_max": 0.0},
    ],
)
def test_what_no_junction_or_plan_has_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(MalformedError, match="lies between"):
        replace(USUAL, **changes)
