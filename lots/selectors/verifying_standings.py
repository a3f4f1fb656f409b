"""Where lots stand, since when and as what, held against what their ledger tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from lots.domain.standings import Place, Standing, Standings, Told
from lots.domain.verifying import Fault
from lots.domain.words import LineKind, LotState, Verb
from lots.models import Event, EventLine, Lot, Step
from lots.selectors.ledger import LIMIT_MAX


def standings() -> Standings:
    """Before the first event."""
    steps = Step.objects.values_list("id", "route_version_id", "code")
    return Standings({pk: Place(version, code) for pk, version, code in steps})


def told_of(events: Sequence[Event]) -> Iterator[Told]:
    """What each of these events says, those that they correct being read at once."""
    undone = Event.objects.in_bulk(
        [one.corrects_id for one in events if one.verb == Verb.CORRECT and one.corrects_id]
    )
    for event in events:
        undoes = undone.get(event.corrects_id) if event.corrects_id else None
        yield _told(event, event.lines.all(), _told(undoes, ()) if undoes else None)


def _told(event: Event, lines: Iterable[EventLine], corrected: Told | None = None) -> Told:
    good = [one.quantity for one in lines if _is_good(one, event)]
    return Told(
        verb=Verb(event.verb),
        lot_id=event.lot_id,
        occurred_at=event.occurred_at,
        step_from_id=event.step_from_id,
        step_to_id=event.step_to_id,
        payload=event.payload,
        others=frozenset(one.lot_id for one in lines if one.lot_id != event.lot_id),
        is_empty=good == [0],
        corrected=corrected,
    )


def _is_good(line: EventLine, event: Event) -> bool:
    return line.lot_id == event.lot_id and line.kind == LineKind.GOOD


def standing_fault(told: Standings, seen: Mapping[int, int]) -> Fault | None:
    """The first lot that stands otherwise than its ledger tells. seen: lot → its last seq."""
    lots = Lot.objects.select_related("step", "product", "bill__product").order_by("id")
    for lot in lots.iterator(chunk_size=LIMIT_MAX):
        seq, tells = seen.get(lot.pk, 0), told.of.get(lot.pk)
        if tells is None:
            return Fault(seq, f"lot {lot.code} is there, and no event tells of it")
        if what := tells.difference(_says(lot)):
            return Fault(seq, f"lot {lot.code} says {what}")
        if lot.route_version_id != lot.step.route_version_id:
            return Fault(seq, f"lot {lot.code} says another route than its step is of")
    return None


def _says(lot: Lot) -> Standing:
    return Standing(
        step_id=lot.step_id,
        step_entered_at=lot.step_entered_at,
        started_at=lot.started_at,
        waiting_since=lot.waiting_since,
        tracked_in_at=lot.tracked_in_at,
        equipment=lot.equipment,
        rework_return_step_id=lot.rework_return_step_id,
        rework_attempt=lot.rework_attempt,
        is_pilot=lot.is_pilot,
        is_withdrawn=lot.state == LotState.WITHDRAWN,
        kind=lot.kind,
        product=lot.product.code,
        bill=str(lot.bill or ""),
    )
