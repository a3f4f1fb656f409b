"""Write-downs, and what stands in the way of one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Count, QuerySet, Sum

from finance.models import LedgerEntry, WriteDown
from finance.selectors.documents import document_by_id


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
    return document_by_id(write_downs(), pk, "write-down")


def lots_posted_after(lots: Collection[str], day: date) -> list[str]:
    """Those of the lots with a line of the ledger that counts on a later day."""
    rows = LedgerEntry.objects.filter(lot__code__in=lots, effective_on__gt=day)
    return sorted({code for code in rows.values_list("lot__code", flat=True) if code})
