from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from operations.domain.fallout_drawing import draw_fallout
from testing.domain.faults import Fallout


def test_lost_and_allowed_stand_on_one_scale() -> None:
    drawing = draw_fallout(Fallout(100, 10, 0.05))
    assert (drawing.lost, drawing.allowed) == (80.0, 40.0)
    assert drawing.title == "10 of 100 units lost, 5 allowed"


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(0, 1))
def test_the_bar_passes_the_line_only_where_too_many_are_lost(
    failed: int, others: int, ratio_max: float
) -> None:
    fallout = Fallout(failed + others, failed, ratio_max)
    drawing = draw_fallout(fallout)
    assert 0 <= drawing.lost <= drawing.width and 0 < drawing.allowed <= drawing.width
    assert (drawing.lost > drawing.allowed) <= fallout.is_exceeded
