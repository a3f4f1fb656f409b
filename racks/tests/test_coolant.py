"""Coolant verdicts: limits are closed and NaN never passes."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from racks.domain.coolant import Limits, Window, judge, limits_of, overall
from racks.domain.words import ReadingKind, Verdict

WINDOW = Window(
    supply_celsius_min=17,
    supply_celsius_max=45,
    dew_point_margin_celsius_min=2,
    flow_per_kilowatt_min=1.0,
    flow_per_kilowatt_max=1.5,
    temperature_rise_celsius_min=8,
    temperature_rise_celsius_max=12,
    pressure_difference_bar_min=0.5,
    pressure_difference_bar_max=3,
    leak_pressure_decay_bar_max=0,
)


def limits(kind: ReadingKind, **latest: float) -> Limits:
    readings = {ReadingKind[name.upper()]: value for name, value in latest.items()}
    return limits_of(kind, window=WINDOW, kilowatts=100, latest=readings)


@pytest.mark.parametrize("value", [1.0, 2.0])
def test_value_on_a_limit_passes(value: float) -> None:
    assert judge(value, Limits(1.0, 2.0)) is Verdict.PASS


@pytest.mark.parametrize("value", [0.999, 2.001, inf, -inf])
def test_value_outside_fails(value: float) -> None:
    assert judge(value, Limits(1.0, 2.0)) is Verdict.FAIL


@pytest.mark.parametrize("bounds", [Limits(), Limits(1.0, 2.0), Limits(None, 2.0)])
def test_nan_never_passes(bounds: Limits) -> None:
    assert judge(nan, bounds) is Verdict.FAIL


def test_without_limits_there_is_no_verdict() -> None:
    assert judge(20.0, Limits()) is Verdict.UNSET


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_one_sided_limits_judge_their_side_only(value: float, bound: float) -> None:
    assert (judge(value, Limits(low=bound)) is Verdict.PASS) == (value >= bound)
    assert (judge(value, Limits(high=bound)) is Verdict.PASS) == (value <= bound)


def test_any_pressure_decay_is_a_leak() -> None:
    assert judge(0.0, limits(ReadingKind.LEAK)) is Verdict.PASS
    assert judge(0.01, limits(ReadingKind.LEAK)) is Verdict.FAIL


def test_flow_grows_with_the_heat() -> None:
    assert limits(ReadingKind.FLOW) == Limits(100.0, 150.0)


def test_supply_stays_above_the_dew_point_by_the_margin() -> None:
    assert limits(ReadingKind.SUPPLY, dew_point=18.0) == Limits(20.0, 45)
    assert limits(ReadingKind.SUPPLY, dew_point=5.0) == Limits(17, 45)
    assert limits(ReadingKind.SUPPLY) == Limits(17, 45)


def test_a_sensor_that_gave_nothing_sets_no_limit_for_another() -> None:
    assert limits(ReadingKind.SUPPLY, dew_point=nan) == Limits(17, 45)
    assert limits(ReadingKind.RETURN, supply=nan) == Limits()


def test_return_is_judged_by_its_rise_over_supply() -> None:
    assert limits(ReadingKind.RETURN, supply=30.0) == Limits(38.0, 42.0)
    assert limits(ReadingKind.RETURN) == Limits()


def test_pressure_has_its_window_and_the_dew_point_none() -> None:
    assert limits(ReadingKind.PRESSURE) == Limits(0.5, 3)
    assert limits(ReadingKind.DEW_POINT) == Limits()


def test_one_failure_fails_the_rack() -> None:
    verdicts = {kind: [Verdict.PASS] for kind in ReadingKind}
    verdicts[ReadingKind.LEAK] = [Verdict.PASS, Verdict.FAIL]
    assert overall(verdicts) is Verdict.FAIL


def test_a_kind_that_was_not_read_leaves_the_rack_unproven() -> None:
    verdicts: dict[ReadingKind, list[Verdict]] = {
        kind: [Verdict.PASS] for kind in ReadingKind if kind is not ReadingKind.FLOW
    }
    assert overall(verdicts) is Verdict.UNSET


def test_a_rack_with_every_kind_read_and_none_failed_passes() -> None:
    assert overall({kind: [Verdict.PASS] for kind in ReadingKind}) is Verdict.PASS
