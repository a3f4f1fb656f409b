from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.domain.serials import number_ranges, wafer_numbers
from operations.domain.stops import stopped_words


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (("lot", [], 0, None), ""),
        (("wafer", ["1", "2", "3", "7"], 4, None), "wafers 1-3, 7"),
        (("wafer", ["2"], 1, None), "wafer 2"),
        (("wafer", ["W7Q1-X", "4"], 2, None), "wafers 4, W7Q1-X"),
        (("unit", ["A", "B"], 2, None), "units A, B"),
        (("unit", list("ABCDEFGH"), 1200, None), "units A, B, C, D, E, F and 1,194 more"),
        (("bin", ["A"], 1, 5), "bin 5: 1 unit, A"),
        (("bin", ["A", "B"], 12, 5), "bin 5: 12 units, A, B and 10 more"),
    ],
)
def test_a_hold_says_what_it_stops(asked: tuple[str, list[str], int, int], words: str) -> None:
    assert stopped_words(*asked) == words


@given(st.sets(st.integers(1, 60), min_size=1))
def test_ranges_are_read_back_as_they_are_said(numbers: set[int]) -> None:
    said = number_ranges([str(number) for number in numbers])
    assert wafer_numbers(said) == tuple(sorted(numbers))
