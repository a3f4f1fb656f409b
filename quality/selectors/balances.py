"""What a vendor counted beside what the ledger says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lots.domain.words import LineKind
from lots.models import Event, EventLine


@dataclass(frozen=True, slots=True)
class Reported:
    """One event with a vendor's count. ours: the balance at occurred_at, late rows too."""

    event: Event
    ours: int

    @property
    def difference(self) -> int:
        """Reported minus ours."""
        assert self.event.reported_quantity is not None
        return self.event.reported_quantity - self.ours


@dataclass(frozen=True, slots=True)
class _Change:
    """Good units of one lot before and after one event, in one unit of measure."""

    event: Event
    unit_of_measure: str
    before: int = 0
    after: int = 0


def reported_counts(lot_ids: Sequence[int]) -> dict[int, list[Reported]]:
    """Lot → its events with a vendor's count, lowest seq first; those corrected since left out.

    A scrap or split reported late, but dated before the count, belongs into the balance there.
    """
    changes = _changes(lot_ids)
    counted = (
        Event.objects.filter(lot__in=lot_ids, reported_quantity__isnull=False, corrections=None)
        .select_related("lot", "step_from", "step_to")
        .order_by("seq")
    )
    found: dict[int, list[Reported]] = defaultdict(list)
    for event in counted:
        of_lot = changes[event.lot_id]
        for own in (change for change in of_lot if change.event.seq == event.seq):
            found[event.lot_id].append(Reported(event, own.after + _late(of_lot, own)))
    return dict(found)


def _changes(lot_ids: Sequence[int]) -> dict[int, list[_Change]]:
    """Lot → every change of its good quantity."""
    rows = EventLine.objects.filter(lot__in=lot_ids, kind__in=[LineKind.IN, LineKind.GOOD])
    sums: dict[tuple[int, int, str], _Change] = {}
    for line in rows.select_related("event").order_by("event__seq", "id"):
        key = (line.lot_id, line.event.seq, line.unit_of_measure)
        change = sums.get(key, _Change(line.event, line.unit_of_measure))
        sums[key] = (
            replace(change, before=line.quantity)
            if line.kind == LineKind.IN
            else replace(change, after=line.quantity)
        )
    found: dict[int, list[_Change]] = defaultdict(list)
    for (lot_id, _, _), change in sums.items():
        found[lot_id].append(change)
    return found


def _late(changes: Sequence[_Change], counted: _Change) -> int:
    """Net change by events that were recorded after the count but happened before it."""
    return sum(
        change.after - change.before
        for change in changes
        if change.unit_of_measure == counted.unit_of_measure
        and change.event.seq > counted.event.seq
        and change.event.occurred_at < counted.event.occurred_at
    )
