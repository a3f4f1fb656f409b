"""Every yield counted from the results at once, beside what was kept as they came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from quality.models import COUNTS, SUMS
from quality.selectors.counts import PLACE
from quality.services.books import BOOK
from quality.sql import statement

FIGURE_COUNTS = ("tested", "first_passed", "final_passed", "retested", "recovered")


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of row: what it is called, what tells rows apart, and what is counted.

    source: statement that counts it. stored: the rows as kept, with the same columns.
    """

    noun: str
    source: str
    key: tuple[str, ...]
    counts: tuple[str, ...]
    stored: str

    @property
    def counted(self) -> str:
        """The temporary table."""
        return f"counted_{self.noun}"

    @property
    def columns(self) -> str:
        """Names, those of the key first."""
        return ", ".join((*self.key, *self.counts))


NOT_OWED = "lot_step_id NOT IN (SELECT lot_step_id FROM quality_owedyield)"
PARTS = Table(
    "part", "yield_parts_v1", PLACE, COUNTS,
    f"SELECT {', '.join((*PLACE, *COUNTS))} FROM quality_yieldpart WHERE {NOT_OWED}",  # noqa: S608
)  # fmt: skip
BOOKS = Table(
    "book", "yield_books_v1", ("lot_step_id",), BOOK[1:],
    f"SELECT {', '.join(BOOK)} FROM quality_yieldbook WHERE {NOT_OWED}",  # noqa: S608
)  # fmt: skip
TOTALS = Table(
    "total", "yield_totals_v1", ("product_id", "step_code", "week", "slice", "slice_key"), SUMS,
    "SELECT place.product_id, place.step_code, place.week, total.slice, total.slice_key, "  # noqa: S608
    f"{', '.join(f'total.{name}' for name in SUMS)} "
    "FROM quality_yieldtotal AS total JOIN quality_yieldweek AS place ON place.id = total.week_id",
)  # fmt: skip
FIGURES = Table(
    "figure", "yield_figures_v1", ("lot_step_id", "scope", "scope_key"), FIGURE_COUNTS,
    f"SELECT lot_step_id, scope, scope_key, {', '.join(FIGURE_COUNTS)} "  # noqa: S608
    f"FROM quality_yieldfigure WHERE is_current AND {NOT_OWED}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that a full recount does not confirm. counted, stored: None for no such row."""

    table: Table
    key: tuple[Any, ...]
    counted: tuple[Any, ...] | None
    stored: tuple[Any, ...] | None

    def __str__(self) -> str:
        pairs = zip(self.table.key, self.key, strict=True)
        place = ", ".join(f"{name} {value}" for name, value in pairs if value not in (None, ""))
        if self.counted is None:
            return f"{self.table.noun} of {place}: stored, but nothing counts there"
        if self.stored is None:
            return f"{self.table.noun} of {place}: counted, but not stored"
        told = zip(self.table.counts, self.counted, self.stored, strict=True)
        parts = [f"{name} is {new}, stored {old}" for name, new, old in told if new != old]
        return f"{self.table.noun} of {place}: {'; '.join(parts)}"


@transaction.atomic
def recount_differences() -> list[Difference]:
    """All that is stored otherwise than a full recount says, of lot steps that nothing is owed.

    Parts are counted from the results; books, totals and current figures follow from the parts.
    """
    found: list[Difference] = []
    for table in (PARTS, BOOKS, TOTALS, FIGURES):
        count_all(table)
        found += differences(table)
        forget(table)
    return found


def count_all(table: Table) -> None:
    """Count it for every lot step into a temporary table of this transaction."""
    owed = f"WHERE {NOT_OWED}" if "lot_step_id" in table.key else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {table.counted} ON COMMIT DROP AS "  # noqa: S608
            f"SELECT {table.columns} FROM ({statement(table.source)}) "
            f"AS row ({table.columns}) {owed}",
            {"lot_step_ids": None},
        )


def differences(table: Table) -> list[Difference]:
    """What was counted beside what is stored."""
    counted = _rows(f"TABLE {table.counted} EXCEPT ({table.stored})", table)
    stored = _rows(f"({table.stored}) EXCEPT TABLE {table.counted}", table)
    return [
        Difference(table, key, counted.get(key), stored.get(key))
        for key in sorted(counted.keys() | stored.keys(), key=repr)
    ]


def forget(table: Table) -> None:
    """Drop what was counted."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {table.counted}")


def _rows(query: str, table: Table) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    width = len(table.key)
    return {row[:width]: row[width:] for row in rows}
