from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from operations.domain.log_chart import chart_points
from testing.domain.burnin_series import Sample

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GAP = timedelta(minutes=10)


def samples(*pairs: tuple[float, float | None]) -> list[Sample]:
    return [Sample(START + minute * MINUTE, value) for minute, value in pairs]


def minutes(at: int) -> float:
    return (at / 1000 - START.timestamp()) / 60


def test_a_short_log_is_drawn_as_it_is() -> None:
    found = chart_points(samples((0, 125.0), (5, None), (10, 126.0)), GAP)
    assert [(minutes(at), value) for at, value in found] == [(0, 125), (5, None), (10, 126)]


def test_a_line_breaks_where_nothing_was_read_for_too_long() -> None:
    values = [value for _, value in chart_points(samples((0, 1.0), (10, 2.0), (20.1, 3.0)), GAP)]
    assert values == [1, 2, None, 3]


@given(
    st.lists(st.one_of(st.none(), st.floats(-9, 9)), min_size=30, max_size=120),
    st.integers(12, 29),
)
def test_a_thinned_log_keeps_its_extremes_and_its_silence(
    values: list[float | None], most: int
) -> None:
    log = samples(*((float(index), value) for index, value in enumerate(values)))
    found = chart_points(log, timedelta(days=1), most)
    assert len(found) <= most
    assert [at for at, _ in found] == sorted(at for at, _ in found)
    numbers = [value for value in values if value is not None]
    drawn = [value for _, value in found if value is not None]
    assert (None in values) == any(value is None for _, value in found)
    if numbers:
        assert (min(drawn), max(drawn)) == (min(numbers), max(numbers))
