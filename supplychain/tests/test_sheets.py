from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from supplychain.base.sheets import harmless, sheet, written


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_becomes_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "SRV4-0000", "a=1", "2026-03-02"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_lines_are_those_of_rfc_4180() -> None:
    rows: list[list[object]] = [
        ["a", "b, c", 'say "so"', "two\nlines"],
        [0.1 + 0.2, -3, None, True],
    ]
    lines = list(written(rows))
    assert lines[0] == 'a,"b, c","say ""so""","two\nlines"\r\n'
    assert lines[1] == "0.30000000000000004,-3,,True\r\n"


def test_a_sheet_takes_formulas_out_of_texts_and_leaves_numbers_alone() -> None:
    row = ["=1+1", "-7", -7, -0.5, None, "plain"]
    assert list(sheet([row])) == ["'=1+1,'-7,-7,-0.5,,plain\r\n"]
    assert list(written([row])) == ["=1+1,-7,-7,-0.5,,plain\r\n"]


def test_a_row_is_a_line_as_soon_as_it_is_taken() -> None:
    def rows() -> Iterator[list[str]]:
        yield ["first"]
        raise AssertionError

    assert next(sheet(rows())) == "first\r\n"


def test_pages_and_addresses_write_sheets_in_no_other_way() -> None:
    folders = [path for name in ("api", "views") for path in settings.BASE_DIR.glob(f"*/{name}")]
    files: list[Path] = [path for folder in folders for path in folder.rglob("*.py")]
    assert [path.name for path in files if "csv.writer" in path.read_text()] == []
    assert len(files) > 100
