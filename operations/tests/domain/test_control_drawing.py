"""Lots on a chart with limits."""

from __future__ import annotations

import pytest

from operations.domain.control_drawing import Axes, ControlPoint, draw_control, figure


def test_points_run_from_left_to_right_and_higher_values_higher() -> None:
    drawing = draw_control(
        [ControlPoint("A", "/a", 0.5, low=0.4), ControlPoint("B", "/b", 0.9, low=0.4)],
        0.7,
        as_percent=True,
    )
    first, second = drawing.marks
    assert first.x < second.x
    assert first.y > second.y
    assert drawing.low.startswith("M52.0 ")
    assert drawing.high == ""
    assert drawing.middle
    assert len(drawing.ticks) == 3


def test_a_signal_is_a_triangle_with_its_words() -> None:
    drawing = draw_control([ControlPoint("A", "/a", 3, signal="rule 1")], None, as_percent=False)
    (mark,) = drawing.marks
    assert mark.shape
    assert mark.title == "A: 3, rule 1"
    assert drawing.middle == ""


@pytest.mark.parametrize("value", [0.0, 5.0, -2.0])
def test_a_flat_line_lies_in_the_middle(value: float) -> None:
    drawing = draw_control([ControlPoint("A", "/a", value)] * 2, None, as_percent=False)
    assert drawing.marks[0].y == pytest.approx((12 + 220 - 22) / 2)


def test_the_axis_of_sums_begins_at_nothing() -> None:
    sums = [ControlPoint("A", "/a", 0.0), ControlPoint("B", "/b", 4.0)]
    assert draw_control(sums, None, as_percent=False).ticks[0].text == "0"
    both = [ControlPoint("A", "/a", -2.0), ControlPoint("B", "/b", 2.0)]
    assert draw_control(both, None, as_percent=False).ticks[0].text == "-2.2"


def test_the_axis_of_ratios_ends_at_all() -> None:
    shares = [ControlPoint("A", "/a", 0.2), ControlPoint("B", "/b", 1.0)]
    assert draw_control(shares, None, as_percent=True).ticks[-1].text == "100.0 %"


def test_no_points_draw_nothing() -> None:
    drawing = draw_control([], None, as_percent=True)
    assert (drawing.line, drawing.marks) == ("", ())


def test_figures_are_written_by_their_kind() -> None:
    assert figure(0.915, as_percent=True) == "91.5 %"
    assert figure(0.012345, as_percent=False) == "0.01235"


def test_a_lot_left_out_is_a_ring_apart_from_the_line() -> None:
    points = [
        ControlPoint("A", "/a", 1),
        ControlPoint("B", "/b", 9, signal="left out: oven fault", is_left_out=True),
        ControlPoint("C", "/c", 2),
    ]
    drawing = draw_control(points, None, as_percent=False)
    assert drawing.line.count("L") == 1
    ring = drawing.marks[1]
    assert (ring.shape, ring.is_left_out) == ("", True)
    assert ring.title == "B: 9, left out: oven fault"


def test_a_lot_without_a_value_keeps_its_place() -> None:
    points = [ControlPoint("A", "/a", None), ControlPoint("B", "/b", 2)]
    drawing = draw_control(points, None, as_percent=False)
    (mark,) = drawing.marks
    assert mark.x == 720 - 12


@pytest.mark.parametrize(("first_phase", "path"), [(0, ""), (1, "M380.0 12.0V198.0"), (2, "")])
def test_the_first_phase_ends_at_an_upright_line(first_phase: int, path: str) -> None:
    points = [ControlPoint("A", "/a", 1), ControlPoint("B", "/b", 2)]
    drawing = draw_control(points, None, as_percent=False, first_phase=first_phase)
    assert drawing.split == path


def test_a_limit_that_is_the_same_for_all_runs_from_edge_to_edge() -> None:
    drawing = draw_control([ControlPoint("A", "", 5.0, high=6.0)], None, as_percent=False)
    assert drawing.high.startswith("M52.0 ")
    assert drawing.high.endswith("H708.0")


def test_what_is_not_joined_stands_away_from_the_edges_with_its_interval() -> None:
    points = [ControlPoint("1", "", 0.5, span=(0.2, 0.8)), ControlPoint("2", "", 0.6)]
    drawing = draw_control(points, None, as_percent=True, is_joined=False)
    first, second = drawing.marks
    assert drawing.line == ""
    assert 52 < first.x < second.x < 708
    assert first.whisker.startswith(f"M{first.x - 4} ")
    assert second.whisker == ""
    assert drawing.names == ()
    assert (drawing.top, drawing.tall) == (0, 220)


def test_points_are_named_as_far_as_there_is_room_the_last_one_always() -> None:
    points = [ControlPoint(f"LOT-{place:04}", "", place) for place in range(60)]
    drawing = draw_control(points, None, as_percent=False, axes=Axes("Yield", "Lots"))
    assert drawing.names[-1].text == "LOT-0059"
    assert 4 < len(drawing.names) < 12
    assert all(one.x + 8 * 3.3 <= 720 for one in drawing.names)
    assert drawing.top < 0
    assert drawing.tall > drawing.height
    assert drawing.foot < drawing.height
    assert draw_control([], None, as_percent=True, axes=Axes("", "")).names == ()
