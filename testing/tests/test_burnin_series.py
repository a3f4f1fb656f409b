from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.domain.burnin_series import (
    Interruption,
    Interval,
    Limits,
    LogHour,
    Reason,
    Sample,
    by_hour,
    in_both,
    interruptions,
    merged_samples,
    proven,
    reached_at,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
LIMITS = Limits(120, 130, timedelta(minutes=10))


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def samples(*pairs: tuple[float, float | None]) -> list[Sample]:
    return [Sample(at(minute), value) for minute, value in pairs]


def between(start: float, end: float) -> Interval:
    return Interval(at(start), at(end))


def test_two_samples_in_window_prove_the_time_between_them() -> None:
    assert proven(samples((0, 120), (10, 130), (15, 125)), LIMITS) == [between(0, 15)]


def test_a_gap_longer_than_allowed_proves_nothing() -> None:
    log = samples((0, 125), (5, 125), (15.1, 125), (20, 125))
    assert proven(log, LIMITS) == [between(0, 5), between(15.1, 20)]


def test_nothing_is_interpolated_across_a_sample_out_of_window() -> None:
    log = samples((0, 125), (5, 131), (10, 125))
    assert proven(log, LIMITS) == []


def test_samples_of_one_instant_that_differ_prove_nothing() -> None:
    log = samples((5, 125), (0, 124), (5, 126), (9, None), (9, float("nan")), (0, 124))
    assert merged_samples(log) == samples((0, 124), (5, None), (9, None))


def test_quantities_read_at_their_own_instants_are_proven_where_both_are() -> None:
    temperature, voltage = [between(0, 20), between(30, 50)], [between(10, 35), between(40, 60)]
    assert in_both(temperature, voltage) == [between(10, 20), between(30, 35), between(40, 50)]


def test_every_unproven_stretch_has_its_reason() -> None:
    log = samples((5, 119), (10, 125), (15, 125), (20, 131), (25, 125), (30, None), (50, 125))
    found = interruptions(log, LIMITS, at(0), at(60))
    assert [(one.minutes, one.reason) for one in found] == [
        (5, Reason.NO_LOG),
        (5, Reason.TOO_LOW),
        (10, Reason.TOO_HIGH),
        (5, Reason.NO_VALUE),
        (20, Reason.GAP),
        (10, Reason.NO_LOG),
    ]


def test_stretches_outside_the_load_are_not_told() -> None:
    log = samples((-60, 125), (-5, 119), (0, 125), (5, 125), (30, 119), (90, 125))
    assert interruptions(log, LIMITS, at(0), at(5)) == []
    assert interruptions(log, LIMITS, at(0), at(20)) == [Interruption(at(5), at(20), Reason.GAP)]


def test_without_a_log_all_of_it_is_unproven() -> None:
    assert interruptions([], LIMITS, at(0), at(9)) == [Interruption(at(0), at(9), Reason.NO_LOG)]
    assert interruptions([], LIMITS, at(0), at(0)) == []


SERIES = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from([None, 119.0, 120.0, 125.0, 131.0])),
    max_size=30,
).map(lambda pairs: merged_samples(samples(*pairs)))


@given(SERIES)
def test_proven_time_and_interruptions_fill_the_load(log: list[Sample]) -> None:
    start, end = at(20), at(150)
    inside = in_both(proven(log, LIMITS), [Interval(start, end)])
    lost = [Interval(one.start, one.end) for one in interruptions(log, LIMITS, start, end)]
    edges = sorted([*inside, *lost], key=lambda one: one.start)
    assert edges[0].start == start
    assert edges[-1].end == end
    assert all(one.end == other.start for one, other in pairwise(edges))


@given(SERIES, SERIES)
def test_what_both_prove_lies_in_each(first: list[Sample], second: list[Sample]) -> None:
    one, other = proven(first, LIMITS), proven(second, LIMITS)
    both = in_both(one, other)
    assert both == in_both(other, one)
    assert in_both(both, one) == both
    assert in_both(one, one) == one


def test_each_hour_tells_its_lowest_and_highest_value() -> None:
    log = samples((-1, 1), (0, 125), (59, 121), (70, None), (130, 3), (200, 9))
    assert by_hour(log, at(0), at(121)) == [
        LogHour(at(0), 2, 121, 125),
        LogHour(at(60), 1, None, None),
        LogHour(at(120), 1, 3, 3),
    ]
    assert by_hour(log, at(0), at(0)) == []


@pytest.mark.parametrize(("hours", "minute"), [(0.5, 30), (1, 60), (1.5, 150), (2, 180)])
def test_a_read_point_is_reached_by_proven_time_alone(hours: float, minute: float) -> None:
    assert reached_at([between(0, 60), between(120, 180)], hours) == at(minute)


def test_a_read_point_beyond_the_proven_time_is_not_reached() -> None:
    assert reached_at([between(0, 60)], 1.01) is None
