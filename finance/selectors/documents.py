"""Documents of every kind: those that wait, and what stands in the way of one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Max, QuerySet

from finance.models import Follower, Invoice, Period, Revaluation, WriteDown
from finance.models.documents import AnyDocument
from lots.models import Event
from supplychain.base.errors import MissingError

KINDS: tuple[QuerySet[Any], ...] = (
    WriteDown.objects.all(),
    Invoice.objects.all(),
    Revaluation.objects.all(),
)
"""All documents, kind by kind."""


def document_by_id(rows: QuerySet[AnyDocument], pk: int, called: str) -> AnyDocument:
    """MissingError for one that is not among the rows. called: as in "write-down"."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise MissingError(f"There is no {called} {pk}.", **{called.replace("-", "_"): pk})
    return found


def waiting_documents(period: Period) -> list[QuerySet[Any]]:
    """Of each kind, those that count by the period's end and wait for approval."""
    return [
        rows.filter(approved_at__isnull=True, effective_on__lte=period.ends_on) for rows in KINDS
    ]


def lots_not_posted(lots: Collection[str]) -> list[str]:
    """Those of the lots with an event that the poster has not come to."""
    seq = Follower.objects.aggregate(seq=Max("seq"))["seq"] or 0
    later = Event.objects.filter(seq__gt=seq)
    own = later.filter(lot__code__in=lots).values_list("lot__code", flat=True)
    lines = later.filter(lines__lot__code__in=lots).values_list("lines__lot__code", flat=True)
    return sorted({*own, *lines} & set(lots))
