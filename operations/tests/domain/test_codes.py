"""Bars and dots read back from what is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.domain.barcodes import START_B, STOP, WIDTHS, bar_path, code_128, full_width
from operations.domain.datamatrix import (
    SIZES,
    check_words,
    codeword_places,
    data_matrix,
    dot_path,
)

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
LATIN = st.text(st.characters(max_codepoint=255), min_size=1, max_size=64)


def read_bars(widths: tuple[int, ...]) -> str:
    symbols = [tuple(widths[at : at + 6]) for at in range(0, len(widths) - 7, 6)]
    known = {tuple(int(width) for width in word): value for value, word in enumerate(WIDTHS)}
    start, *values, check = (known[symbol] for symbol in symbols)
    assert start == START_B
    assert "".join(map(str, widths[-7:])) == WIDTHS[STOP]
    assert (start + sum(place * value for place, value in enumerate(values, 1))) % 103 == check
    return "".join(chr(value + 32) for value in values)


def read_dots(text: str) -> str:
    """Modules → codewords by the walk of the standard → text, after a look at the check words."""
    matrix = data_matrix(text)
    size = next(size for size in SIZES if size.modules == len(matrix))
    side = size.mapped // size.regions
    words = [0] * (size.data + size.check)
    for (row, column), (word, bit) in codeword_places(size.mapped).items():
        y, x = row + 2 * (row // side) + 1, column + 2 * (column // side) + 1
        if word >= 0 and matrix[y][x]:
            words[word] |= 128 >> bit
    assert check_words(words[: size.data], size.check) == words[size.data :]
    return read_words(words[: size.data])


def read_words(words: list[int]) -> str:
    text, shift = "", 0
    for word in words:
        if word == 129 and not shift:
            break
        if word == 235:
            shift = 128
        elif word >= 130 and not shift:
            text += f"{word - 130:02d}"
        else:
            text, shift = text + chr(word - 1 + shift), 0
    return text


@given(PRINTABLE)
def test_bars_say_what_was_asked(text: str) -> None:
    assert read_bars(code_128(text)) == text


def test_every_symbol_of_code_128_is_eleven_modules_wide_and_like_no_other() -> None:
    assert {sum(map(int, word)) for word in WIDTHS[:STOP]} == {11}
    assert len(set(WIDTHS)) == 107


@pytest.mark.parametrize("text", ["", "Wafer é", "a\tb"])
def test_text_beyond_set_b_has_no_bars(text: str) -> None:
    assert code_128(text) == ()


def test_bars_are_drawn_between_quiet_zones() -> None:
    widths = code_128("A")
    assert bar_path(widths, 50).startswith("M10 0h2v50h-2zM13 0h1v50")
    assert full_width(widths) == 4 * 11 + 2 + 20


@given(LATIN)
def test_dots_say_what_was_asked(text: str) -> None:
    assert read_dots(text) == text


@pytest.mark.parametrize("size", SIZES)
def test_every_size_has_a_place_for_every_bit(size: object) -> None:
    places = codeword_places(size.mapped)  # type: ignore[attr-defined]
    words = {word for word, _ in places.values() if word >= 0}
    assert words == set(range(size.data + size.check))  # type: ignore[attr-defined]
    assert len({place for place in places if min(place) >= 0}) == len(places)


def test_each_size_is_chosen_when_it_is_full() -> None:
    for size in SIZES:
        assert len(data_matrix("A" * size.data)) == size.modules


@pytest.mark.parametrize("text", ["", "日本", "A" * 145])
def test_text_that_dots_cannot_say_gives_none(text: str) -> None:
    assert data_matrix(text) == ()


def test_the_worked_example_of_the_standard() -> None:
    assert check_words([142, 164, 186], 5) == [114, 25, 5, 88, 102]
    assert [len(data_matrix("123456")), len(data_matrix("1234567"))] == [10, 12]


def test_dots_are_unit_squares_inside_the_quiet_zone() -> None:
    assert dot_path(((True, False), (False, True))) == "M2 2h1v1h-1zM3 3h1v1h-1z"
