"""A line of JSON says what COPY's text said."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from finance.domain.entries import COLUMNS
from finance.domain.lines import BARE, json_line

ESCAPES = {
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def copied(text: str) -> str:
    """As PostgreSQL's COPY writes a text."""
    return "".join(ESCAPES.get(sign, sign) for sign in text)


@given(st.lists(texts, min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_any_text_comes_back_as_it_was(values: list[str]) -> None:
    given_row = dict(zip(COLUMNS, values, strict=True)) | dict.fromkeys(BARE, "7")
    line = "\t".join(map(copied, given_row.values())) + "\n"
    found = json_line(line.encode())
    assert found.endswith(b"}\n")
    assert found.count(b"\n") == 1
    assert json.loads(found) == given_row | dict.fromkeys(BARE, 7)


def test_nothing_and_flags_stay_bare() -> None:
    row = dict.fromkeys(COLUMNS, "") | dict.fromkeys(BARE, "null")
    found = json.loads(json_line(("\t".join(row.values()) + "\n").encode()))
    assert {found[name] for name in BARE} == {None}
