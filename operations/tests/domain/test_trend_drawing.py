from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from operations.domain.trend_drawing import (
    HEIGHT,
    WIDTH,
    TrendPoint,
    draw_interval,
    draw_trend,
)

RATIOS = st.floats(0, 1)


def point(ratio: float, limit: float | None = None) -> TrendPoint:
    return TrendPoint("L1", "/lots/L1", ratio, limit)


@given(st.lists(st.tuples(RATIOS, st.none() | RATIOS), max_size=30))
def test_every_point_lies_on_the_drawing(rows: Any) -> None:
    drawing = draw_trend([point(ratio, limit) for ratio, limit in rows])
    assert all(0 <= mark.x <= WIDTH and 0 <= mark.y <= HEIGHT for mark in drawing.marks)


def test_a_better_yield_is_drawn_higher() -> None:
    worse, better = draw_trend([point(0.4), point(0.9)]).marks
    assert better.y < worse.y


def test_a_point_below_its_limit_has_another_shape() -> None:
    below, on = draw_trend([point(0.4, 0.5), point(0.5, 0.5)]).marks
    assert (below.is_below, on.is_below) == (True, False)
    assert below.shape
    assert below.title == "L1: 40.0 %, below 50.0 %"
    assert on.title == "L1: 50.0 %, limit 50.0 %"


def test_small_differences_are_not_blown_up() -> None:
    drawing = draw_trend([point(0.950), point(0.951)])
    assert drawing.high_ratio - drawing.low_ratio > 0.04


def test_no_points_draw_nothing() -> None:
    drawing = draw_trend([])
    assert (drawing.line, drawing.limit, drawing.marks) == ("", "", ())


def test_an_interval_is_a_bar_around_its_tick() -> None:
    drawing = draw_interval(0.5, 0.4, 0.6)
    assert (drawing.left, drawing.width, drawing.tick) == (40, 20, 50)
    assert drawing.title == "50.0 %, 95 % interval 40.0 % to 60.0 %"
