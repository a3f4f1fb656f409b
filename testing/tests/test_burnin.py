from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.domain.burnin import (
    BurnInWindow,
    chargeable_hours,
    is_short,
    merged_log,
    proven_by_both,
)
from testing.domain.burnin_series import Interval, Sample
from testing.domain.records import LogLine

START = datetime(2026, 3, 1, tzinfo=UTC)
WINDOW = BurnInWindow(120, 130, 0.95, 1.05, timedelta(minutes=10))
END = START + timedelta(days=1)
LINES = st.lists(
    st.tuples(
        st.integers(0, 1000),
        st.sampled_from([None, 119.0, 120.0, 125.0, 130.0, 131.0, float("nan")]),
        st.sampled_from([None, 0.9, 0.95, 1.0, 1.06]),
    ),
    max_size=40,
)


def line(minute: float, celsius: float | None = 125.0, volt: float | None = 1.0) -> LogLine:
    return LogLine(START + timedelta(minutes=minute), celsius, volt)


def charged(*log: LogLine) -> float:
    lines = merged_log(log)
    temperature = [Sample(one.measured_at, one.temperature_celsius) for one in lines]
    voltage = [Sample(one.measured_at, one.voltage) for one in lines]
    return chargeable_hours(proven_by_both(temperature, voltage, WINDOW), START, END)


def is_proven(celsius: float | None, volt: float | None) -> bool:
    """Whether two such lines charge the time between them."""
    return charged(line(0, celsius, volt), line(5, celsius, volt)) > 0


def test_every_window_is_closed() -> None:
    assert all(is_proven(*pair) for pair in [(120, 0.95), (130, 1.05)])


@pytest.mark.parametrize(
    ("celsius", "volt"),
    [(119.9, 1.0), (130.1, 1.0), (125, 0.94), (125, 1.06), (None, 1.0), (125, None)],
)
def test_out_of_window_and_missing_values_are_not_proven(
    celsius: float | None, volt: float | None
) -> None:
    assert not is_proven(celsius, volt)


def test_a_value_that_is_no_number_is_not_proven() -> None:
    assert not is_proven(float("nan"), 1.0)


def test_whole_hours_come_out_exactly() -> None:
    assert charged(*(line(minute) for minute in range(0, 481, 5))) == 8.0


def test_warm_up_is_not_charged() -> None:
    assert charged(line(0, 25), line(10, 90), line(20), line(30)) == pytest.approx(10 / 60)


def test_a_gap_that_is_too_long_is_not_charged() -> None:
    assert charged(line(0), line(11), line(21)) == pytest.approx(10 / 60)


def test_lost_sensor_data_interrupts_the_clock() -> None:
    assert charged(line(0), line(5, None), line(10), line(15)) == pytest.approx(5 / 60)


def test_lines_that_contradict_each_other_prove_nothing() -> None:
    assert charged(line(0), line(5), line(5, 90), line(10)) == 0
    assert charged(line(0), line(5), line(5), line(10)) == pytest.approx(10 / 60)


def test_a_value_that_is_no_number_is_kept_as_none() -> None:
    assert merged_log([line(0, float("nan"), float("inf"))]) == [line(0, None, None)]


def test_a_unit_is_charged_only_while_it_was_in_the_oven() -> None:
    whole = Interval(START, START + timedelta(hours=8))
    late = chargeable_hours([whole], START + timedelta(hours=2), START + timedelta(hours=20))
    outside = chargeable_hours([whole], START + timedelta(hours=9), START + timedelta(hours=20))
    assert (late, outside) == (6.0, 0.0)


def test_exactly_enough_is_enough() -> None:
    assert not is_short(8.0, 8.0)
    assert is_short(7.999, 8.0)
    assert not is_short(sum([0.8] * 10), 8.0)
    assert is_short(float("nan"), 8.0)


@given(LINES)
def test_charged_time_never_exceeds_the_length_of_the_log(
    lines: list[tuple[int, float | None, float | None]],
) -> None:
    log = [line(*values) for values in lines]
    minutes = [values[0] for values in lines] or [0]
    assert 0 <= charged(*log) <= (max(minutes) - min(minutes)) / 60 + 1e-9


@given(LINES, st.randoms())
def test_the_order_of_lines_in_the_file_does_not_matter(
    lines: list[tuple[int, float | None, float | None]], random: Random
) -> None:
    log = [line(*values) for values in lines if values[1] == values[1]]
    shuffled = list(log)
    random.shuffle(shuffled)
    assert charged(*log) == charged(*shuffled)
