from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.domain.bins import MARKS, BinCount, bin_looks, mark_path

BOX = {"left": 0.0, "top": 0.0, "right": 10.0, "bottom": 20.0}


def test_passing_bins_are_plain_and_the_commonest_fail_comes_first() -> None:
    looks = bin_looks(
        [
            BinCount(5, "open", is_pass=False, count=3),
            BinCount(1, "good", is_pass=True, count=90),
            BinCount(6, "", is_pass=False, count=9),
        ]
    )
    assert [(look.style, look.mark) for look in looks.values()] == [
        ("pass", ""),
        ("fail-1", "cross"),
        ("fail-2", "slash"),
    ]
    assert [look.title for look in looks.values()] == ["Bin 1, good", "Bin 6", "Bin 5, open"]


def test_a_die_without_a_bin_has_a_look_too() -> None:
    looks = bin_looks([BinCount(None, "", is_pass=False, count=1)])
    assert looks[None, False].title == "No bin"


@given(st.integers(0, 30))
def test_beyond_the_eighth_failing_bin_all_share_the_last_look(count: int) -> None:
    looks = bin_looks(BinCount(n, "", is_pass=False, count=1) for n in range(count))
    styles = [look.style for look in looks.values()]
    assert len(set(styles)) == min(count, len(MARKS))
    assert len(set(styles[:8])) == len(styles[:8])


@pytest.mark.parametrize("mark", MARKS)
def test_every_mark_is_drawn_inside_its_box(mark: str) -> None:
    path = mark_path(mark, BOX)
    assert path.startswith("M")
    assert "-" not in path


def test_no_mark_draws_nothing() -> None:
    assert mark_path("", BOX) == ""
