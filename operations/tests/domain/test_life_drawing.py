from __future__ import annotations

from operations.domain.life_drawing import Lines, draw_life


def test_a_curve_goes_from_edge_to_edge() -> None:
    drawing = draw_life([(0.0, 100.0), (24.0, 90.0)])
    assert drawing.line.startswith(f"M{drawing.left} ")
    assert f"L{drawing.right} " in drawing.line
    assert (drawing.steps, drawing.level, drawing.upright) == ("", "", "")
    assert [tick.text for tick in drawing.columns] == ["0 h", "12 h", "24 h"]


def test_stairs_stay_level_until_the_next_place() -> None:
    drawing = draw_life([], [(0.0, 100.0), (12.0, 99.0), (24.0, 99.0)])
    assert drawing.steps.count("H") == drawing.steps.count("V") == 2
    assert len(drawing.dots) == 3


def test_level_and_upright_widen_the_axes() -> None:
    drawing = draw_life([(0.0, 5.0), (10.0, 5.0)], lines=Lines(level=10.0, upright=20.0))
    assert drawing.upright.startswith(f"M{drawing.right} ")
    assert drawing.level


def test_nothing_at_all_has_axes() -> None:
    drawing = draw_life([])
    assert (drawing.line, [tick.text for tick in drawing.rows]) == ("", ["0", "0.5", "1"])


def test_large_figures_are_whole() -> None:
    assert draw_life([(0.0, 0.0), (1.0, 1e6)]).rows[-1].text == "1,000,000"


def test_a_flat_line_lies_in_the_middle() -> None:
    rows = [tick.text for tick in draw_life([(0.0, 0.0), (1.0, 0.0)]).rows]
    assert rows == ["0", "0.25", "0.5"]
    assert float(draw_life([(0.0, 50.0), (1.0, 50.0)]).rows[1].text) == 50
