from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from operations.domain.bins import BinCount, bin_looks
from operations.domain.wafer_drawing import (
    MARGIN_MM,
    RADIUS_MM,
    DieResult,
    DieSize,
    draw_wafer,
)

SIDE = 2 * (RADIUS_MM + MARGIN_MM)
UNKNOWN = DieSize(None, None)
LOOKS = bin_looks(
    [BinCount(1, "good", is_pass=True, count=2), BinCount(5, "open", is_pass=False, count=1)]
)


def die(x: int, y: int, hard_bin: int = 1, **rest: Any) -> DieResult:
    fields: dict[str, Any] = {"soft_bin": None, "attempt_count": 1, "site": None, **rest}
    return DieResult(x=x, y=y, hard_bin=hard_bin, is_pass=hard_bin == 1, **fields)


@given(
    st.sets(st.tuples(st.integers(-200, 200), st.integers(-200, 200)), min_size=1, max_size=60),
    st.sampled_from([UNKNOWN, DieSize(26, 33), DieSize(0.5, 0.5)]),
)
def test_every_die_lies_on_the_drawing(places: Any, size: Any) -> None:
    drawing = draw_wafer([die(x, y) for x, y in places], size, LOOKS)
    assert all(one.left >= 0 and one.left + one.width <= SIDE for one in drawing.dies)
    assert all(one.top >= 0 and one.top + one.height <= SIDE for one in drawing.dies)


def test_known_dies_are_drawn_true_to_scale() -> None:
    (one,) = draw_wafer([die(0, 0)], DieSize(26, 33), LOOKS).dies
    assert (round(one.width), round(one.height)) == (24, 31)


def test_dies_that_do_not_fit_are_shrunk_to_the_wafer() -> None:
    row = [die(x, 0) for x in range(40)]
    drawing = draw_wafer(row, DieSize(26, 33), LOOKS)
    assert drawing.dies[0].width < 10
    assert drawing.label_size == 0


def test_a_larger_y_is_drawn_lower() -> None:
    upper, lower = draw_wafer([die(0, 0), die(0, 1)], UNKNOWN, LOOKS).dies
    assert upper.top < lower.top


def test_a_failing_die_shows_its_bin_and_a_passing_one_does_not() -> None:
    good, bad = draw_wafer([die(0, 0), die(1, 0, 5)], DieSize(26, 33), LOOKS).dies
    assert (good.label, bad.label) == ("", "5")


def test_the_tooltip_says_what_is_known_of_the_die() -> None:
    marked = die(3, -2, 5, soft_bin=51, site=2, attempt_count=3)
    (one,) = draw_wafer([marked], UNKNOWN, LOOKS).dies
    expected = "X 3, Y -2 · Bin 5, open · fail · soft bin 51 · site 2 · 3 attempts"
    assert one.title == expected


def test_small_maps_gather_the_dies_of_a_bin() -> None:
    drawing = draw_wafer([die(0, 0), die(1, 0), die(2, 0, 5)], UNKNOWN, LOOKS)
    titles = [layer.title for layer in drawing.layers]
    assert titles == ["Bin 5, open: 1 die", "Bin 1, good: 2 dies"]
    assert [bool(layer.marks) for layer in drawing.layers] == [True, False]


def test_a_wafer_without_results_is_an_empty_circle() -> None:
    drawing = draw_wafer([], UNKNOWN, LOOKS)
    assert (drawing.dies, drawing.layers, drawing.label_size) == ((), (), 0)
