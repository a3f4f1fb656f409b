"""Saved recall cases, their items and how much of them is still exposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, Sum

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


def listed_cases() -> QuerySet[RecallCase]:
    """Cases with listed_count and open_count, newest first."""
    return RecallCase.objects.select_related("opened_by", "closed_by").annotate(
        listed_count=Count("items"), open_count=Count("items", filter=Q(items__settled_at=None))
    )


def open_cases() -> list[RecallCase]:
    """Cases that are still followed, oldest first."""
    return list(RecallCase.objects.filter(state=CaseState.OPEN).order_by("number"))


def case_by_number(number: int) -> RecallCase:
    """The case with its counts. MissingError for an unknown number."""
    case = listed_cases().filter(number=number).first()
    if case is None:
        raise MissingError(f"There is no recall R-{number}.", number=number)
    return case


def items_wanted(case: RecallCase, wanted: ItemsWanted) -> QuerySet[RecallItem]:
    """Items of the case that fit, with what a row shows of them."""
    items = case.items.select_related("unit", "lot", "rack", "ultraserver", "settled_by")
    if wanted.ids is not None:
        items = items.filter(pk__in=wanted.ids)
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


def racks_of(case: RecallCase) -> list[Total]:
    """Open items by rack, most first; note: customers."""
    rows = (
        case.items.filter(OPEN, place__in=IN_RACKS)
        .order_by()
        .values_list("rack__serial", "kind", "customer")
        .annotate(left=Sum("quantity"))
        .order_by("-left", "rack__serial", "kind", "customer")[:ROWS_MAX]
    )
    return [Total(rack, kind, left, customer) for rack, kind, customer, left in rows]


def elsewhere_of(case: RecallCase) -> list[Total]:
    """Open items that are in no rack, by where they are; note: customers."""
    rows = (
        case.items.filter(OPEN)
        .exclude(place__in=IN_RACKS)
        .order_by()
        .values_list("where", "kind", "customer")
        .annotate(left=Sum("quantity"))
        .order_by("-left", "where", "kind", "customer")[:ROWS_MAX]
    )
    return [Total(where, kind, left, customer) for where, kind, customer, left in rows]


def systems_of(case: RecallCase) -> list[Total]:
    """UltraServers with open items, which would not be complete without them."""
    rows = (
        case.items.filter(OPEN, ultraserver__isnull=False)
        .order_by()
        .values_list("ultraserver__serial")
        .annotate(left=Sum("quantity"))
        .order_by("-left", "ultraserver__serial")[:ROWS_MAX]
    )
    return [Total(serial, "ultraserver", left) for serial, left in rows]


def joined_since(case: RecallCase) -> int:
    """Items that came onto the list after it was first drawn up."""
    return case.items.filter(joined_seq__gt=F("case__opened_at_seq")).count()
