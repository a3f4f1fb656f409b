"""Yields stored as a full recount says."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from quality.models import COUNTS, SUMS, YieldBook, YieldPart, YieldTotal, YieldWeek
from quality.selectors.counts import PLACE
from quality.services.books import BATCH_ROWS, BOOK, add_to_totals, log_restatement
from quality.services.recount import (
    BOOKS,
    PARTS,
    TOTALS,
    Difference,
    count_all,
    differences,
    forget,
)

LOCKED = (YieldPart, YieldBook, YieldWeek, YieldTotal)
"""In the order in which a worker writes to them."""


@transaction.atomic
def rebuild_yields(*, now: datetime) -> int:
    """Store what a full recount says; how many lot steps and sums were stored otherwise.

    Workers wait meanwhile; pages show what stood. What is owed is left to be counted in its turn,
    and what should have results stands, as it is not of results. A lot step whose figure changes by
    it is logged as a recount.
    """
    tables = ", ".join(model._meta.db_table for model in LOCKED)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
    return _rebuild_parts() + _rebuild_books(now) + _rebuild_totals()


def _rebuild_parts() -> int:
    """Lot steps with a part that differs get all of theirs anew."""
    count_all(PARTS)
    columns = ", ".join((*PLACE, *COUNTS))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE other_part ON COMMIT DROP AS "  # noqa: S608 - our own names
            f"WITH stored AS ({PARTS.stored}) "
            f"SELECT DISTINCT lot_step_id FROM ((TABLE {PARTS.counted} EXCEPT TABLE stored) "
            f"UNION ALL (TABLE stored EXCEPT TABLE {PARTS.counted})) AS row"
        )
        cursor.execute("DELETE FROM quality_yieldpart WHERE lot_step_id IN (TABLE other_part)")
        cursor.execute(
            f"INSERT INTO quality_yieldpart ({columns}) SELECT {columns} FROM {PARTS.counted} "  # noqa: S608
            "WHERE lot_step_id IN (TABLE other_part)"
        )
        cursor.execute("SELECT COUNT(*) FROM other_part")
        changed: int = cursor.fetchone()[0]
        cursor.execute("DROP TABLE other_part")
    forget(PARTS)
    return changed


def _rebuild_books(now: datetime) -> int:
    count_all(BOOKS)
    found = differences(BOOKS)
    forget(BOOKS)
    ids = [one.key[0] for one in found]
    standing = YieldBook.objects.in_bulk(ids, field_name="lot_step_id")
    books = {one.key[0]: _book(one, now) for one in found if one.counted is not None}
    YieldBook.objects.filter(lot_step__in=[pk for pk in ids if pk not in books]).delete()
    YieldBook.objects.bulk_create(
        books.values(),
        batch_size=BATCH_ROWS,
        update_conflicts=True,
        unique_fields=["lot_step"],
        update_fields=[*BOOK[1:], "computed_at"],
    )
    for pk, earlier in standing.items():
        log_restatement(earlier, books.get(pk), is_recount=True)
    return len(found)


def _book(one: Difference, now: datetime) -> YieldBook:
    assert one.counted is not None
    values = dict(zip(BOOK, (*one.key, *one.counted), strict=True))
    return YieldBook(**values, computed_at=now)


def _rebuild_totals() -> int:
    count_all(TOTALS)
    found = differences(TOTALS)
    forget(TOTALS)
    nothing = (0,) * len(SUMS)
    add_to_totals(
        {
            (one.key[:3], one.key[3], one.key[4]): tuple(
                new - old
                for new, old in zip(one.counted or nothing, one.stored or nothing, strict=True)
            )
            for one in found
        }
    )
    return len(found)
