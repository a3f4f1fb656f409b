from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.domain.bins import BinCount, bin_looks
from operations.domain.orientation import Orientation
from operations.domain.wafer_drawing import (
    MARGIN_MM,
    RADIUS_MM,
    DieResult,
    DieSize,
    WaferDrawing,
    draw_wafer,
)

SIDE = 2 * (RADIUS_MM + MARGIN_MM)
UNKNOWN = DieSize(None, None)
LOOKS = bin_looks(
    [BinCount(1, "good", is_pass=True, count=2), BinCount(5, "open", is_pass=False, count=1)]
)


def die(x: int, y: int, hard_bin: int = 1) -> DieResult:
    return DieResult(x=x, y=y, hard_bin=hard_bin, is_pass=hard_bin == 1)


def corners(drawing: WaferDrawing) -> list[tuple[float, float, float, float]]:
    """Left, top, width and height of each die drawn."""
    number = r"([\d.-]+)"
    shape = rf"M{number} {number}h{number}v{number}h-{number}z"
    found = [re.findall(shape, layer.area) for layer in drawing.layers]
    return [
        (float(one[0]), float(one[1]), float(one[2]), float(one[3]))
        for group in found
        for one in group
    ]


@given(
    st.sets(st.tuples(st.integers(-200, 200), st.integers(-200, 200)), min_size=1, max_size=60),
    st.sampled_from([UNKNOWN, DieSize(26, 33), DieSize(0.5, 0.5)]),
)
def test_every_die_lies_on_the_drawing(places: Any, size: Any) -> None:
    drawn = corners(draw_wafer([die(x, y) for x, y in places], size, LOOKS))
    assert len(drawn) == len(places)
    assert all(left >= 0 and left + width <= SIDE for left, _, width, _ in drawn)
    assert all(top >= 0 and top + height <= SIDE for _, top, _, height in drawn)


def test_known_dies_are_drawn_true_to_scale() -> None:
    ((_, _, width, height),) = corners(draw_wafer([die(0, 0)], DieSize(26, 33), LOOKS))
    assert (round(width), round(height)) == (24, 31)


def test_dies_that_do_not_fit_are_shrunk_to_the_wafer() -> None:
    row = [die(x, 0) for x in range(40)]
    drawing = draw_wafer(row, DieSize(26, 33), LOOKS)
    assert corners(drawing)[0][2] < 10
    assert drawing.label_size == 0


def test_a_larger_y_is_drawn_lower() -> None:
    upper, lower = corners(draw_wafer([die(0, 0), die(0, 1)], UNKNOWN, LOOKS))
    assert upper[1] < lower[1]


def test_axes_grow_as_the_file_says() -> None:
    lie = Orientation(x="L", y="U")
    first, second = corners(draw_wafer([die(0, 0), die(1, 1)], UNKNOWN, LOOKS, lie))
    assert first[0] > second[0] and first[1] > second[1]


@pytest.mark.parametrize(
    ("flat", "tip"), [("D", (0, 1)), ("U", (0, -1)), ("L", (-1, 0)), ("R", (1, 0))]
)
def test_a_notch_lies_where_the_file_says(flat: str, tip: tuple[int, int]) -> None:
    notch = draw_wafer([die(0, 0)], UNKNOWN, LOOKS, Orientation(flat)).notch
    inner = notch.split("L")[1]
    reach = RADIUS_MM - 5
    assert inner == f"{SIDE / 2 + tip[0] * reach:g} {SIDE / 2 + tip[1] * reach:g}"


def test_no_notch_is_drawn_where_none_is_recorded() -> None:
    assert draw_wafer([die(0, 0)], UNKNOWN, LOOKS).notch == ""


def test_small_maps_gather_the_dies_of_a_bin() -> None:
    drawing = draw_wafer([die(0, 0), die(1, 0), die(2, 0, 5)], UNKNOWN, LOOKS)
    titles = [layer.title for layer in drawing.layers]
    assert titles == ["Bin 5, open: 1 die", "Bin 1, good: 2 dies"]
    assert [bool(layer.marks) for layer in drawing.layers] == [True, False]


def test_a_wafer_without_results_is_an_empty_circle() -> None:
    assert draw_wafer([], UNKNOWN, LOOKS).layers == ()
