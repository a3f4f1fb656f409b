"""Parts, books and totals of a lot step, counted anew and brought to the totals by difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from quality.domain.words import YieldCause
from quality.models import (
    COUNTS,
    SUMS,
    YieldBook,
    YieldPart,
    YieldRestatement,
    YieldTotal,
    YieldWeek,
)
from quality.selectors.counts import PLACE, counted
from quality.sql import statement
from testing.models import LotStep, Restatement
from testing.selectors.coverage import Coverage, coverage_of_lots

BOOK = (
    "lot_step_id", "product_id", "step_code", "week", "is_counted", "revision", "policy",
    "insertion_count", "left_out_count", *COUNTS,
)  # fmt: skip
BATCH_ROWS = 2000
NAMED_MAX = 20

Week = tuple[int, str, date]
Sums = dict[tuple[Week, str, str], tuple[int, ...]]
"""(product, step, week), slice and key → SUMS."""


def write_book(lot_step: LotStep, *, now: datetime) -> YieldBook | None:
    """Count a locked lot step anew; None when nothing of it counts. Call inside a transaction.

    Only the totals of its own product, step and week are touched, by what changed. A figure that
    was stated before and differs is logged.
    """
    earlier = YieldBook.objects.filter(lot_step=lot_step).first()
    before = sums_of(lot_step.pk)
    YieldPart.objects.filter(lot_step=lot_step).delete()
    insert_parts([lot_step.pk])
    book = _book(lot_step, earlier, now)
    add_to_totals(difference(before, sums_of(lot_step.pk)))
    if earlier is not None:
        log_restatement(earlier, book)
    return book


def insert_parts(lot_step_ids: list[int] | None) -> None:
    """Count parts into rows. None: of every lot step."""
    columns = ", ".join((*PLACE, *COUNTS))
    words = f"INSERT INTO {YieldPart._meta.db_table} ({columns})\n"
    with connection.cursor() as cursor:
        cursor.execute(words + statement("yield_parts_v1"), {"lot_step_ids": lot_step_ids})


def sums_of(lot_step_id: int) -> Sums:
    """What the lot step adds to the totals as its rows stand."""
    return totals(counted("yield_totals_v1", [lot_step_id]))


def totals(rows: Iterable[tuple[Any, ...]]) -> Sums:
    """Rows of `yield_totals_v1` by their place."""
    return {(row[:3], row[3], row[4]): row[5:] for row in rows}


def difference(before: Sums, after: Sums) -> Sums:
    """What must be added to come from one to the other; places without a change are left out."""
    nothing = (0,) * len(SUMS)
    changes = {
        place: tuple(
            new - old
            for new, old in zip(after.get(place, nothing), before.get(place, nothing), strict=True)
        )
        for place in before.keys() | after.keys()
    }
    return {place: change for place, change in changes.items() if any(change)}


def add_to_totals(change: Sums) -> None:
    """Add to the totals under the lock of their weeks, taken in order of product, step and week."""
    weeks = locked_weeks(sorted({week for week, _, _ in change}))
    standing = {
        (row.week_id, row.slice, row.slice_key): row
        for row in YieldTotal.objects.filter(
            week__in=weeks.values(), slice_key__in={key for _, _, key in change}
        )
    }
    kept: list[YieldTotal] = []
    gone: list[YieldTotal] = []
    for (week, kind, key), added in change.items():
        row = standing.get((weeks[week], kind, key))
        if row is None:
            row = YieldTotal(week_id=weeks[week], slice=kind, slice_key=key, **_zero())
        for name, count in zip(SUMS, added, strict=True):
            setattr(row, name, getattr(row, name) + count)
        (kept if row.lot_count else gone).append(row)
    YieldTotal.objects.filter(pk__in=[row.pk for row in gone]).delete()
    write_totals(kept)


def write_totals(rows: list[YieldTotal]) -> None:
    """New ones and changed ones."""
    YieldTotal.objects.bulk_create(
        rows,
        batch_size=BATCH_ROWS,
        update_conflicts=True,
        unique_fields=["week", "slice", "slice_key"],
        update_fields=SUMS,
    )


def locked_weeks(places: list[Week]) -> dict[Week, int]:
    """Ids of the weeks, made if absent and locked until the transaction ends."""
    YieldWeek.objects.bulk_create(
        [
            YieldWeek(product_id=product, step_code=step, week=week)
            for product, step, week in places
        ],
        ignore_conflicts=True,
        batch_size=BATCH_ROWS,
    )
    found: dict[Week, int] = {}
    for product, step, week in places:
        row = YieldWeek.objects.select_for_update(no_key=True).get(
            product=product, step_code=step, week=week
        )
        found[product, step, week] = row.pk
    return found


def _zero() -> dict[str, int]:
    return dict.fromkeys(SUMS, 0)


def _book(lot_step: LotStep, earlier: YieldBook | None, now: datetime) -> YieldBook | None:
    values = next(counted("yield_books_v1", [lot_step.pk]), None)
    if values is None:
        YieldBook.objects.filter(lot_step=lot_step).delete()
        return None
    book = YieldBook(**dict(zip(BOOK, values, strict=True)), computed_at=now)
    book.pk = earlier.pk if earlier else None
    book.expected, book.covered, book.expected_noun = _coverage([lot_step])[lot_step.pk]
    book.save()
    return book


Covered = tuple[int | None, int | None, str]


def _coverage(lot_steps: Sequence[LotStep]) -> dict[int, Covered]:
    """Lot step → what should have results, what has, and its noun; asked once a step code."""
    groups: dict[tuple[str, str], list[LotStep]] = defaultdict(list)
    for one in lot_steps:
        groups[one.step.code, one.step.kind].append(one)
    found: dict[int, Covered] = {}
    for (code, kind), members in groups.items():
        covered = coverage_of_lots(code, kind, [one.lot_id for one in members])
        found |= {one.pk: _counted(covered.get(one.lot_id)) for one in members}
    return found


def _counted(coverage: Coverage | None) -> Covered:
    if coverage is None:
        return None, None, ""
    return coverage.expected, coverage.expected - len(coverage.missing), coverage.noun


@transaction.atomic
def restate_coverage(*, lot_ids: list[int]) -> int:
    """Look again at what of the lots should have results, as the ledger moves; how many changed."""
    rows = YieldBook.objects.select_for_update(of=("self",)).filter(lot_step__lot__in=lot_ids)
    books = list(rows.select_related("lot_step__lot", "lot_step__step").order_by("pk"))
    found = _coverage([book.lot_step for book in books])
    changed = []
    for book in books:
        covered = found[book.lot_step_id]
        if covered != (book.expected, book.covered, book.expected_noun):
            book.expected, book.covered, book.expected_noun = covered
            changed.append(book)
    YieldBook.objects.bulk_update(changed, ["expected", "covered", "expected_noun"])
    return len(changed)


def log_restatement(
    earlier: YieldBook, book: YieldBook | None, *, is_recount: bool = False
) -> None:
    """One line where counts, policy or place differ from what was stated."""
    before, after = _stated(earlier), _stated(book)
    told = (*COUNTS, "policy", "place")
    if all(before.get(name) == after.get(name) for name in told):
        return
    cause, reason = (YieldCause.RECOUNT, "") if is_recount else _cause(earlier, book)
    YieldRestatement.objects.create(
        lot_step_id=earlier.lot_step_id,
        product_id=earlier.product_id,
        step_code=earlier.step_code,
        week=earlier.week,
        cause=cause,
        reason=reason,
        before=before,
        after=after,
    )


def _stated(book: YieldBook | None) -> dict[str, Any]:
    if book is None:
        return dict.fromkeys(COUNTS, 0)
    counts: Mapping[str, int] = {name: getattr(book, name) for name in COUNTS}
    place = f"{book.product_id} {book.step_code} {book.week} {book.is_counted}"
    return {**counts, "revision": book.revision, "policy": book.policy, "place": place}


def _cause(earlier: YieldBook, book: YieldBook | None) -> tuple[YieldCause, str]:
    """What changed it, and the words of the files and persons that did."""
    if book is not None and book.revision == earlier.revision:
        is_lot = (book.product_id, book.is_counted) != (earlier.product_id, earlier.is_counted)
        return (YieldCause.LOT, "") if is_lot else (YieldCause.BINS, "")
    rows = Restatement.objects.filter(
        lot_step=earlier.lot_step_id, revision__gt=earlier.revision
    ).select_related("run", "actor")
    words = [
        f"{row.cause}: "
        + ", ".join(filter(None, [row.run.source_name if row.run else "", row.reason]))
        for row in rows.order_by("revision")[:NAMED_MAX]
    ]
    return YieldCause.RESULTS, "; ".join(words)
