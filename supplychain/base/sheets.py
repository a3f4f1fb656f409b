"""Rows as CSV: RFC 4180, for programs as they are, for people's spreadsheets without formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet takes a file of UTF-8 for one of its own old encodings."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A cell out of which a spreadsheet takes no formula; for text, since it marks negatives."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def sheet(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Rows as lines for a spreadsheet: every text made harmless, numbers left alone."""
    return written(
        [harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )


def written(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Rows as lines of CSV, each as soon as it is taken, with every text as it is.

    None is an empty cell; a float has all its digits.
    """
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow(row)
