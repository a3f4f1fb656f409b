from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.domain.serials import (
    die_serial,
    next_child_code,
    serial_list,
    wafer_code,
    wafer_numbers,
    wafer_text,
)
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


@pytest.mark.parametrize(
    ("text", "serials"),
    [
        ("", ()),
        ("A1, B2\nC3", ("A1", "B2", "C3")),
        ("M1-008..M1-011", ("M1-008", "M1-009", "M1-010", "M1-011")),
        ("P9..P11 X", ("P9", "P10", "P11", "X")),
        ("A1, A2;A3\nA4  A5", ("A1", "A2", "A3", "A4", "A5")),
        ("P9 to P11; X", ("P9", "P10", "P11", "X")),
        ("P9 .. P10, T3 \u2013 T4", ("P9", "P10", "T3", "T4")),
        ("P9\u2026P10", ("P9", "P10")),
        ("TO-1 TOP", ("TO-1", "TOP")),
        ("7..7", ("7",)),
    ],
)
def test_serials_are_read_as_people_write_them(text: str, serials: tuple[str, ...]) -> None:
    assert serial_list(text) == serials


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A5..A2", "does not rise"),
        ("A1..A99999", "does not rise, or names over"),
        ("A1..B2", "differ in their last number only"),
        ("A5..", "without its two ends"),
        ("..A5", "without its two ends"),
        ("A..B", "differ in their last number only"),
        ("A1..B", "differ in their last number only"),
        ("A1..A9000 B1..B9000", "at most 10,000"),
    ],
)
def test_range_that_means_nothing_is_refused(text: str, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        serial_list(text)


@pytest.mark.parametrize(
    ("known", "mark", "code"),
    [
        ([], "", "W1.1"),
        (["W1.1", "W1.3", "W1.P", "W1.1.7", "W10.9"], "", "W1.4"),
        (["W1.01", "W1.09"], "", "W1.10"),
        (["W1.001"], "", "W1.002"),
        (["W1.1"], "P", "W1.P"),
        (["W1.P"], "P", "W1.P2"),
        (["W1.P", "W1.P2"], "P", "W1.P3"),
    ],
)
def test_a_part_of_a_lot_gets_the_next_free_code(known: list[str], mark: str, code: str) -> None:
    assert next_child_code("W1", known, mark) == code


def test_a_code_that_would_be_too_long_is_not_suggested() -> None:
    assert next_child_code("W" * 62, []) == f"{'W' * 62}.1"
    assert next_child_code("W" * 63, []) == ""
