from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.domain.serials import die_serial, wafer_code, wafer_numbers, wafer_text
from supplychain.base.errors import MalformedError


@given(st.sets(st.integers(1, 99)))
def test_wafers_written_are_wafers_read(numbers: set[int]) -> None:
    assert wafer_numbers(wafer_text(tuple(numbers))) == tuple(sorted(numbers))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("", ()), (" ", ()), ("7", (7,)), ("1-5, 7", (1, 2, 3, 4, 5, 7)), ("3 - 4,3", (3, 4))],
)
def test_wafer_text_is_read(text: str, numbers: tuple[int, ...]) -> None:
    assert wafer_numbers(text) == numbers


@pytest.mark.parametrize("text", ["five", "1-", "0", "5-3", "1,,2", "-2", "1-2-3", "100", "1;2"])
def test_what_names_no_wafers_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        wafer_numbers(text)


def test_codes_and_serials_follow_one_rule() -> None:
    assert wafer_code("A7", 3) == "A7-03"
    assert die_serial("A7-03", -2, 11) == "A7-03:-2:11"
