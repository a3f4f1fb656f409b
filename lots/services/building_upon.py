"""What stands in the way of a correction: an earlier one, and what happened since."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from lots.domain.rules import CORRECTABLE
from lots.domain.words import Verb
from lots.models import Event, EventLine, Lot
from lots.services.lookups import NAMED_AT_MOST
from supplychain.base.errors import BuiltUponError, ConflictError


def refuse_corrected(event: Event) -> None:
    """ConflictError when the event was corrected before."""
    earlier = event.corrections.filter(verb=Verb.CORRECT).first()
    if earlier is not None:
        raise ConflictError(
            f"Event {event.seq} was corrected by event {earlier.seq}.",
            seq=event.seq,
            corrected_by=earlier.seq,
        )


def later_events(event: Event, lot: Lot) -> QuerySet[Event]:
    """Events of the lot, or that changed its quantity, after this one; those corrected apart."""
    shared = EventLine.objects.filter(lot=lot, event__seq__gt=event.seq).values("event")
    return Event.objects.filter(Q(lot=lot) | Q(id__in=shared), seq__gt=event.seq).exclude(
        corrections__verb=Verb.CORRECT
    )


def refuse_later(event: Event, lot: Lot, later: QuerySet[Event]) -> None:
    """ConflictError naming the first of these events, and what to do about them."""
    found = list(later.order_by("seq").values_list("seq", "verb"))
    if found:
        named = ", ".join(f"{seq} {verb}" for seq, verb in found[:NAMED_AT_MOST])
        raise BuiltUponError(
            f"Later events of lot {lot.code} build on event {event.seq}: {named}. "
            f"{_advice([verb for _, verb in found])}",
            seq=event.seq,
            later=[seq for seq, _ in found[:NAMED_AT_MOST]],
        )


def _advice(verbs: Collection[str]) -> str:
    kept = next((verb for verb in verbs if Verb(verb) not in CORRECTABLE), None)
    if kept is None:
        return "Correct those first, the last one before the others."
    return f"A {kept} is not corrected, so this stands too. Record what happened instead."
