"""Units in service and planned, as two lines."""

from __future__ import annotations

from operations.domain.plan_drawing import HEIGHT, MARGIN, WIDTH, PlanPoint, draw_plan


def test_lines_run_from_edge_to_edge_and_the_actual_stops_where_it_is_known() -> None:
    drawing = draw_plan(
        [PlanPoint("2027-01", 2, 1), PlanPoint("2027-02", 4, 3), PlanPoint("2027-03", 8, None)]
    )
    assert drawing.planned == f"M{MARGIN} 51.0L120.0 36.0L{WIDTH - MARGIN} {MARGIN}"
    assert [mark.title for mark in drawing.marks] == [
        "2027-01: 1 of 2 planned", "2027-02: 3 of 4 planned",
    ]  # fmt: skip
    assert drawing.actual.count("L") == 1
    assert drawing.highest == 8


def test_nothing_is_an_empty_picture() -> None:
    assert (draw_plan([]).planned, draw_plan([]).marks) == ("", ())


def test_what_is_below_nothing_is_drawn_at_the_bottom() -> None:
    (mark,) = draw_plan([PlanPoint("2027-01", 0, -1)]).marks
    assert mark.y == HEIGHT - MARGIN
