"""What an assembly that never was had taken goes back to the lots that gave it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, QuerySet

from lots.domain.words import LineKind, UnitState
from lots.models import Event, Genealogy, Lot, MaterialUse
from lots.selectors.materials import uses_of
from supplychain.base.errors import ConflictError


def return_parts(event: Event, sources: Sequence[Lot], event_id: UUID) -> None:
    """Close the edges that the assembly opened when they began: it never was.

    ConflictError when parts are in another lot than gave them by now.
    """
    edges = Genealogy.objects.filter(opened_by=event)
    assert not edges.filter(valid_to__isnull=False).exists(), "a swap is a later event of the lot"
    _refuse_moved(event, edges.filter(child__state=UnitState.GOOD), sources)
    edges.update(valid_to=F("valid_from"), closed_by_id=event_id)


def _refuse_moved(event: Event, edges: QuerySet[Genealogy], sources: Sequence[Lot]) -> None:
    """The quantity that comes back to a lot must be parts that are in it."""
    there = Counter(edges.values_list("child__lot_id", flat=True))
    there.update(dict(uses_of(event).values_list("lot_id", "quantity")))
    given = event.lines.filter(kind=LineKind.CONSUMED).values_list("lot_id", "quantity")
    for lot_id, quantity in given.order_by("id"):
        if there[lot_id] != quantity:
            code = next(lot.code for lot in sources if lot.pk == lot_id)
            raise ConflictError(
                f"Lot {code} gave {quantity} to event {event.seq}, and {there[lot_id]} of them are "
                "of this lot now: a split took the others along, and is not taken back. Swap the "
                "parts that are wrong, or scrap what was built.",
                seq=event.seq,
                lot=code,
            )


def return_materials(event: Event, event_id: UUID) -> dict[str, object]:
    """Tell of each lot of material that nothing of it was used; what the event keeps of that."""
    uses = list(uses_of(event).select_related("lot"))
    MaterialUse.objects.bulk_create(
        MaterialUse(event=event, lot=use.lot, quantity=0, retold_by_id=event_id, replaces=use)
        for use in uses
    )
    if not uses:
        return {}
    return {"materials": {use.lot.code: 0 for use in uses}, "since": event.occurred_at.isoformat()}
