"""A lot that had nothing left has something again."""

from __future__ import annotations

from lots.domain.words import LotState, Verb
from lots.models import Event, EventLine, Lot

_WAYS = {Verb.RECEIVE: LotState.ACTIVE, Verb.UNBANK: LotState.ACTIVE,
         Verb.BANK: LotState.BANKED, Verb.SHIP: LotState.SHIPPED}  # fmt: skip


def state_before_it_ended(lot: Lot) -> LotState:
    """As the last of what sent it on its way left it; a part of a lot began as that stood."""
    events, before = Event.objects.exclude(corrections__verb=Verb.CORRECT), lot.pk
    ways = events.filter(verb__in=_WAYS)
    last = ways.filter(lot=before).order_by("-seq").first()
    while last is None:
        born = EventLine.objects.filter(lot=before).order_by("id").select_related("event")[0].event
        if born.lot_id == before:
            return LotState.ACTIVE
        before = born.lot_id
        last = ways.filter(lot=before, seq__lt=born.seq).order_by("-seq").first()
    return _WAYS[Verb(last.verb)]
