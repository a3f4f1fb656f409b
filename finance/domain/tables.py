"""Tables of CSV as people upload them: the columns checked, the rows one by one."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import StringIO

from supplychain.base.errors import MalformedError

PLACES = 6

Cells = dict[str, str | None]
"""By column. None for a cell that is missing; cells too many stand under None."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be taken. row: the line it ends on, the header is 1."""

    row: int
    reason: str


def table_rows(
    text: str, needed: Sequence[str], columns: Sequence[str]
) -> Iterator[tuple[int, Cells]]:
    """The rows of a CSV with a header, each with the line it ends on.

    MalformedError for one that is no such table at all, once the first row is asked for.
    """
    reader = csv.DictReader(plain(text))
    try:
        given = [name.strip() for name in reader.fieldnames or []]
        reader.fieldnames = header(given, needed, columns)
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise no_csv(reader.reader.line_num, error) from error


def plain(text: str) -> StringIO:
    """The text to be read as CSV. MalformedError for a null character."""
    if "\0" in text:
        raise MalformedError("The table contains a null character. Save it as CSV in UTF-8.")
    return StringIO(text.removeprefix("\ufeff"), newline="")


def header(given: Sequence[str], needed: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The columns. MalformedError for one that is missing, unknown, or there twice."""
    if missing := [name for name in needed if name not in given]:
        raise MalformedError(f"The table has no column {', '.join(missing)}.", columns=missing)
    if unknown := [name for name in given if name not in columns]:
        raise MalformedError(f"Nobody reads column {', '.join(unknown)}.", columns=unknown)
    if len(set(given)) < len(given):
        raise MalformedError("The table has a column twice.")
    return list(given)


def no_csv(row: int, error: csv.Error) -> MalformedError:
    """What the reader found, in words."""
    return MalformedError(f"Row {row} is no CSV: {error}.")


def exact_number(word: str, name: str) -> Decimal:
    """Exact: what does not fit six decimals is refused, not rounded. ValueError for no number."""
    try:
        number = Decimal(word)
    except InvalidOperation:
        raise ValueError(f"{name} {word!r} is no number.") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -PLACES:
        raise ValueError(f"{name} {word!r} has more than six decimals, or is no number.")
    return number
