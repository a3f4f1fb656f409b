from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lots.domain.wafers import Placing, gross_die_count, placed_dies


def test_large_die_of_the_trade_gives_sixty_four() -> None:
    assert gross_die_count(26, 33) == 64


def test_die_larger_than_the_wafer_gives_none() -> None:
    assert gross_die_count(300, 300) == 0


@given(st.floats(5, 60), st.floats(5, 60))
def test_dies_never_cover_more_than_the_wafer(width: float, height: float) -> None:
    assert gross_die_count(width, height) * width * height <= 3.1416 * 147**2


def test_placed_dies_lie_within_the_usable_radius_and_do_not_overlap() -> None:
    placing = Placing(10.0, 8.0, scribe_mm=0.1, edge_mm=3.0)
    dies = placed_dies(placing)
    for die in dies:
        corners = [(die.x_mm + dx, die.y_mm + dy) for dx in (0.0, 10.0) for dy in (0.0, 8.0)]
        assert all(x * x + y * y <= placing.radius_mm**2 + 1e-9 for x, y in corners)
    pairs = {(round(die.x_mm / 10.1, 6), round(die.y_mm / 8.1, 6)) for die in dies}
    assert len(pairs) == len(dies)


def test_scribe_lines_and_edge_cost_dies() -> None:
    plain = len(placed_dies(Placing(5.0, 5.0)))
    assert len(placed_dies(Placing(5.0, 5.0, scribe_mm=0.2))) < plain
    assert len(placed_dies(Placing(5.0, 5.0, edge_mm=10.0))) < plain
    assert len(placed_dies(Placing(5.0, 5.0, diameter_mm=200.0))) < plain


def test_a_die_larger_than_the_wafer_is_not_placed() -> None:
    assert placed_dies(Placing(290.0, 290.0)) == ()
