"""Tables that people open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

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


def written(rows: Iterable[list[str]]) -> Iterator[str]:
    """Rows as lines of CSV, each as soon as it is taken."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow(row)
