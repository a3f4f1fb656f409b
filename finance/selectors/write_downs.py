"""Write-downs, and what stands in the way of one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Count, Max, QuerySet, Sum

from finance.models import Follower, LedgerEntry, Period, WriteDown
from lots.models import Event
from supplychain.base.errors import MissingError


def write_downs() -> QuerySet[WriteDown]:
    """All of them, the newest first."""
    return WriteDown.objects.select_related("prepared_by", "approved_by").prefetch_related(
        "lines__lot"
    )


def listed_write_downs() -> QuerySet[WriteDown]:
    """The same without their lines: how many lots, and off how much. lot_count, amount: of all."""
    listed = WriteDown.objects.select_related("prepared_by", "approved_by")
    return listed.annotate(lot_count=Count("lines"), amount=Sum("lines__amount")).order_by("-id")


def write_down_by_id(pk: int) -> WriteDown:
    """MissingError for an unknown one."""
    found = write_downs().filter(pk=pk).first()
    if found is None:
        raise MissingError(f"There is no write-down {pk}.", write_down=pk)
    return found


def waiting_write_downs(period: Period) -> QuerySet[WriteDown]:
    """Those that count by the period's end and wait for approval."""
    return WriteDown.objects.filter(approved_at__isnull=True, effective_on__lte=period.ends_on)


def lots_not_posted(lots: Collection[str]) -> list[str]:
    """Those of the lots with an event that the poster has not come to."""
    seq = Follower.objects.aggregate(seq=Max("seq"))["seq"] or 0
    later = Event.objects.filter(seq__gt=seq)
    own = later.filter(lot__code__in=lots).values_list("lot__code", flat=True)
    lines = later.filter(lines__lot__code__in=lots).values_list("lines__lot__code", flat=True)
    return sorted({*own, *lines} & set(lots))


def lots_posted_after(lots: Collection[str], day: date) -> list[str]:
    """Those of the lots with a line of the ledger that counts on a later day."""
    rows = LedgerEntry.objects.filter(lot__code__in=lots, effective_on__gt=day)
    return sorted({code for code in rows.values_list("lot__code", flat=True) if code})
