from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lots.domain.wafers import gross_die_count


def test_large_die_of_the_trade_gives_sixty_four() -> None:
    assert gross_die_count(26, 33) == 64


def test_die_larger_than_the_wafer_gives_none() -> None:
    assert gross_die_count(300, 300) == 0


@given(st.floats(5, 60), st.floats(5, 60))
def test_dies_never_cover_more_than_the_wafer(width: float, height: float) -> None:
    assert gross_die_count(width, height) * width * height <= 3.1416 * 147**2
