"""Saved recall cases, their items and how much of them is still exposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Window

from operations.domain.recalls import IN_RACKS, PLACE_WORDS, Standing, Total
from operations.domain.words import CaseState, Place
from operations.models import RecallCase, RecallItem
from supplychain.base.errors import MissingError

ITEMS_A_PAGE = 100
ROWS_MAX = 500
OPEN = Q(settled_at__isnull=True)


@dataclass(frozen=True, slots=True)
class ItemsWanted:
    """Which items of a case; nothing said means all. q: start of a serial or lot code."""

    ids: Sequence[int] | None = None
    serials: Sequence[str] = ()
    place: str = ""
    rack: str = ""
    is_settled: bool | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Some of the items, and whether more follow."""

    items: list[RecallItem]
    count: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """The largest sums, and how many there are in all."""

    rows: list[Total]
    count: int


def listed_cases() -> QuerySet[RecallCase]:
    """Every case, newest first; no item is read."""
    return RecallCase.objects.select_related("opened_by", "closed_by")


def item_counts(case: RecallCase) -> tuple[int, int]:
    """How many items the case lists, and how many of them are still exposed."""
    counts = case.items.aggregate(listed=Count("id"), left=Count("id", filter=OPEN))
    return counts["listed"], counts["left"]


def open_cases() -> list[RecallCase]:
    """Cases that are still followed, oldest first."""
    return list(RecallCase.objects.filter(state=CaseState.OPEN).order_by("number"))


def case_by_number(number: int) -> RecallCase:
    """The case. MissingError for an unknown number."""
    case = listed_cases().filter(number=number).first()
    if case is None:
        raise MissingError(f"There is no recall R-{number}.", number=number)
    return case


def items_wanted(case: RecallCase, wanted: ItemsWanted) -> QuerySet[RecallItem]:
    """Items of the case that fit, with what a row shows of them."""
    items = case.items.select_related("unit", "lot", "rack", "ultraserver", "settled_by")
    if wanted.ids is not None:
        items = items.filter(pk__in=wanted.ids)
    if wanted.serials:
        items = items.filter(unit__serial__in=wanted.serials)
    if wanted.place:
        items = items.filter(place=wanted.place)
    if wanted.rack:
        items = items.filter(rack__serial=wanted.rack)
    if wanted.is_settled is not None:
        items = items.filter(settled_at__isnull=not wanted.is_settled)
    if wanted.q:
        items = items.filter(
            Q(unit__serial__startswith=wanted.q) | Q(lot__code__startswith=wanted.q)
        )
    return items


def item_page(case: RecallCase, wanted: ItemsWanted, page: int) -> ItemPage:
    """One page of them, from the first listed, with the count of all that fit."""
    items = items_wanted(case, wanted)
    start = (page - 1) * ITEMS_A_PAGE
    rows = list(items.order_by("id")[start : start + ITEMS_A_PAGE + 1])
    return ItemPage(rows[:ITEMS_A_PAGE], items.count(), len(rows) > ITEMS_A_PAGE)


def standings(case: RecallCase) -> list[Standing]:
    """Listed and still open, by place and kind, in order of how far the material got."""
    rows = (
        case.items.order_by()
        .values_list("place", "kind")
        .annotate(listed=Sum("quantity"), left=Sum("quantity", filter=OPEN, default=0))
    )
    order = list(PLACE_WORDS)
    found = [Standing(Place(place), kind, listed, left) for place, kind, listed, left in rows]
    return sorted(found, key=lambda row: (order.index(row.place), row.kind))


def racks_of(case: RecallCase) -> Totals:
    """Open items by rack, most first; note: customers."""
    items = case.items.filter(OPEN, place__in=IN_RACKS)
    rows, count = _largest(items, "rack__serial", "kind", "customer")
    return Totals([Total(rack, kind, left, note) for rack, kind, note, left in rows], count)


def elsewhere_of(case: RecallCase) -> Totals:
    """Open items that are in no rack, by where they are; note: customers."""
    items = case.items.filter(OPEN).exclude(place__in=IN_RACKS)
    rows, count = _largest(items, "where", "kind", "customer")
    return Totals([Total(where, kind, left, note) for where, kind, note, left in rows], count)


def systems_of(case: RecallCase) -> Totals:
    """UltraServers with open items, which would not be complete without them."""
    items = case.items.filter(OPEN, ultraserver__isnull=False)
    rows, count = _largest(items, "ultraserver__serial")
    return Totals([Total(serial, "ultraserver", left) for serial, left in rows], count)


def _largest(items: QuerySet[RecallItem], *names: str) -> tuple[list[tuple[Any, ...]], int]:
    """Values of these and their sum, most first, as many as a page takes; and how many in all."""
    rows = (
        items.order_by()
        .values_list(*names)
        .annotate(left=Sum("quantity"))
        .annotate(in_all=Window(Count("*")))
        .order_by("-left", *names)[:ROWS_MAX]
    )
    found = list(rows)
    return [row[:-1] for row in found], found[0][-1] if found else 0


def joined_since(case: RecallCase) -> int:
    """Items that came onto the list after it was first drawn up."""
    return case.items.filter(joined_seq__gt=F("case__opened_at_seq")).count()
