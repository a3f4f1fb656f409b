"""Lines of an invoice as a table of CSV: read and checked row by row."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

from finance.domain.invoices import LINES_MAX, LineOrder
from finance.domain.tables import Fault, exact_number, header, no_csv, plain
from supplychain.base.errors import MalformedError

NEEDED = ("lot", "quantity", "unit_price")
COLUMNS = (*NEEDED, "item", "work")
QUANTITY_DIGITS_MAX = 12


@dataclass(frozen=True, slots=True)
class InvoiceTable:
    """What was read. Every row of the table is in one or the other."""

    lines: list[LineOrder]
    faults: list[Fault]


def read_lines(text: str) -> InvoiceTable:
    """The rows of a CSV; without a header they are lot, quantity, unit_price and, if
    any, item and work.

    MalformedError for one that is no table of lines at all.
    """
    reader = csv.reader(plain(text), strict=True)
    table, names = InvoiceTable([], []), list(COLUMNS)
    try:
        for cells in reader:
            words = [cell.strip() for cell in cells]
            if not any(words):
                continue
            if not (table.lines or table.faults) and words[0] in COLUMNS:
                names = header(words, NEEDED, COLUMNS)
                continue
            _take(table, reader.line_num, names, words)
    except csv.Error as error:
        raise no_csv(reader.line_num, error) from error
    return table


def _take(table: InvoiceTable, row: int, names: Sequence[str], words: Sequence[str]) -> None:
    if len(table.lines) + len(table.faults) >= LINES_MAX:
        raise MalformedError(f"An invoice has at most {LINES_MAX:,} lines here. Enter it in parts.")
    try:
        table.lines.append(_line(names, words))
    except ValueError as error:
        table.faults.append(Fault(row, str(error)))


def _line(names: Sequence[str], words: Sequence[str]) -> LineOrder:
    if not len(NEEDED) <= len(words) <= len(names):
        raise ValueError(f"It has {len(words)} cells. Write {', '.join(names)}.")
    cells = dict(zip(names, words, strict=False))
    if missing := [name for name in NEEDED if not cells.get(name)]:
        raise ValueError(f"It has no {', '.join(missing)}.")
    quantity = cells["quantity"]
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) <= QUANTITY_DIGITS_MAX):
        raise ValueError(f"quantity {quantity!r} is no whole number of units.")
    price = exact_number(cells["unit_price"], "unit_price")
    said = cells.get("item", ""), cells.get("work", "")
    return LineOrder(cells["lot"], int(quantity), price, *said)
