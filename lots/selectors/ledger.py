"""The event ledger, read by seq."""

from __future__ import annotations

from django.db.models import QuerySet

from lots.models import Event, EventLine, LedgerHead, Lot

BATCH_MAX = 1000


def head_seq() -> int:
    """The last seq given out; 0 for an empty ledger. Everything up to it is committed."""
    return LedgerHead.objects.values_list("seq", flat=True).first() or 0


def events_after(seq: int, limit: int = BATCH_MAX) -> QuerySet[Event]:
    """The next events after seq, in order, without gaps; lines prefetched."""
    return (
        Event.objects.filter(seq__gt=seq)
        .select_related("lot", "step_from", "step_to")
        .prefetch_related("lines")
        .order_by("seq")[:limit]
    )


def events_of_lot(lot: Lot) -> QuerySet[Event]:
    """What happened to the lot, newest first, also as a source or target of another lot's event."""
    return (
        Event.objects.filter(pk__in=EventLine.objects.filter(lot=lot).values("event_id"))
        .union(Event.objects.filter(lot=lot))
        .order_by("-seq")
    )
