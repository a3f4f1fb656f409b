from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from operations.domain.log_drawing import HEIGHT, WIDTH, LogDrawing, LogPoint, Window, draw_log

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
WINDOW = Window(120, 130, timedelta(minutes=10))


def log(*values: float | None, every: float = 5) -> list[LogPoint]:
    return [
        LogPoint(START + timedelta(minutes=every * index), value)
        for index, value in enumerate(values)
    ]


def drawn(*values: float | None, every: float = 5) -> LogDrawing:
    drawing = draw_log(log(*values, every=every), WINDOW)
    assert drawing is not None
    return drawing


def test_fewer_than_two_readings_draw_nothing() -> None:
    assert draw_log(log(125), WINDOW) is None


def test_readings_on_the_edges_of_the_window_are_inside() -> None:
    assert drawn(120, 130, 125).outside_count == 0


def test_readings_outside_are_marked() -> None:
    drawing = drawn(119.9, 125, 130.1)
    assert drawing.outside_count == 2
    assert drawing.outside.count("M") == 4


def test_a_missing_reading_breaks_the_line_and_is_a_gap() -> None:
    drawing = drawn(125, None, 125)
    assert drawing.line.count("M") == 2
    assert [gap.title for gap in drawing.gaps] == ["No reading for 10 min"]


def test_a_log_that_ends_without_readings_has_a_gap_at_its_end() -> None:
    drawing = drawn(125, 125, None)
    assert len(drawing.gaps) == 1


def test_silence_longer_than_allowed_is_a_gap() -> None:
    assert drawn(125, 125, every=11).gaps
    assert not drawn(125, 125, every=10).gaps


def test_a_log_of_nothing_but_missing_readings_still_shows_its_window() -> None:
    drawing = drawn(None, None)
    assert (drawing.line, drawing.gaps) == ("", ())
    assert drawing.band_height > 0


@given(st.lists(st.none() | st.floats(-50, 300), min_size=2, max_size=40))
def test_axes_and_band_lie_on_the_drawing(values: Any) -> None:
    drawing = draw_log(log(*values), WINDOW)
    assert drawing is not None
    assert 1 <= len(drawing.value_ticks) <= 6
    assert all(0 <= tick.place <= HEIGHT for tick in drawing.value_ticks)
    assert all(0 <= tick.place <= WIDTH for tick in drawing.time_ticks)
    assert drawing.band_top >= drawing.plot_top
    assert drawing.band_top + drawing.band_height <= drawing.plot_bottom
    assert (drawing.plot_width, drawing.plot_height) == (888, 156)
