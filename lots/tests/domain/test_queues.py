from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.domain.queues import (
    Span,
    hours_left,
    span_overtime,
    spans_begun,
    spans_done,
    start_by,
)

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
SPANS = [Span("ac", 10, 30), Span("ad", 10, 40), Span("bd", 20, 40)]
PLACES = st.integers(0, 50)


@pytest.mark.parametrize(
    ("left", "reached", "begun", "done"),
    [
        (10, 20, ["ac", "ad"], []),
        (20, 30, ["bd"], []),
        (30, 40, [], ["ac"]),
        (20, 50, ["bd"], ["ac", "ad", "bd"]),
        (40, 50, [], ["ad", "bd"]),
        (10, 10, [], []),
        (30, 10, [], []),
    ],
)
def test_going_on_begins_and_ends_clocks(
    left: int, reached: int, begun: list[str], done: list[str]
) -> None:
    assert spans_begun(SPANS, left, reached) == begun
    assert spans_done(SPANS, left, reached) == done


@given(PLACES, PLACES)
def test_going_back_or_staying_does_nothing(one: int, other: int) -> None:
    left, reached = max(one, other), min(one, other)
    assert spans_begun(SPANS, left, reached) == spans_done(SPANS, left, reached) == []


def test_a_limit_is_closed() -> None:
    assert span_overtime(24, 24, "BUMP") == ""
    assert span_overtime(24.5, 24, "BUMP") == "24.5 hours since the end of BUMP, 24 allowed"


@given(st.floats(0.1, 1000), st.floats(0, 2000))
def test_hours_left_and_overtime_agree(limit: float, hours: float) -> None:
    until = start_by(T0, limit)
    left = hours_left(until, T0 + timedelta(hours=hours))
    assert left == pytest.approx(limit - hours, abs=1e-6)
