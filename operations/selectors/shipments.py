"""Where a lot is under way to."""

from __future__ import annotations

from lots.domain.words import Verb
from lots.models import Event, Lot, Supplier


def last_destination(lot: Lot) -> Supplier | None:
    """Where the lot was last shipped to; None when it never was."""
    shipped = Event.objects.filter(lot=lot, verb=Verb.SHIP).order_by("-seq").first()
    if shipped is None:
        return None
    return Supplier.objects.filter(code=shipped.payload["to"]).first()
