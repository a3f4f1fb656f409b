"""A mistake is taken back by a new event that undoes the one that was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db.models import Field, Q, QuerySet

from lots.domain.balance import Line, lines_of
from lots.domain.commands import Command
from lots.domain.rules import NEVER_BUILT_UPON, refuse_uncorrectable
from lots.domain.words import LineKind, Verb
from lots.models import Event, Hold, Lot
from lots.services.building_upon import later_events, refuse_corrected, refuse_later
from lots.services.frame import (
    Draft,
    holding_of,
    locked_lot,
    locked_lots,
    once,
    refuse_stale,
    refuse_verb,
)
from lots.services.gating import lock_waivers_used, refuse_unproven
from lots.services.holding import open_hold, refuse_stranger
from lots.services.removing import bring_back
from lots.services.taking_back import is_origin, take_back
from supplychain.base.errors import MalformedError, RefusedError, StaleError

REVERSE = {
    LineKind.SCRAP: LineKind.BONUS,
    LineKind.LOSS: LineKind.BONUS,
    LineKind.BONUS: LineKind.LOSS,
}
DISPOSITION = "placed by mistake"


def correct_event(*, event: Event, command: Command) -> Event:
    """Undo the event by another one that names it; the lot stands as it stood before it.

    Of a receipt, a dicing or an assembly the things that it made known are withdrawn, and parts
    go back to their lots. A reason is required. RefusedError for a verb that is not undone;
    ConflictError, naming the later events that build on it, the first use of what would be
    withdrawn, or the correction made before; HeldError while that is on hold; ForbiddenError for
    a hold that only a role may release.
    """
    if not command.reason.strip():
        raise MalformedError("A correction needs a reason.", field="reason")
    wish = {"event": str(event.pk)}
    return once(Verb.CORRECT, wish, command, lambda: _correct(event, command))


def _correct(event: Event, command: Command) -> Draft:
    verb = Verb(event.verb)
    refuse_uncorrectable(event.seq, verb)
    if is_origin(event):
        return take_back(event, command)
    if verb is Verb.HOLD:
        return _lift(event, command)
    lot = locked_lot(event.lot, Verb.CORRECT, command)
    refuse_corrected(event)
    refuse_later(event, lot, _builds_upon(event, lot))
    lock_waivers_used(event)
    step_from_id, event_id = lot.step_id, uuid4()
    lines = _reverse_lines(event, lot)
    purpose, fields = lot.purpose, _restore(lot, event)
    refuse_unproven(lot, purpose, command, event_id=event_id)
    return Draft(
        Verb.CORRECT,
        lot,
        id=event_id,
        lines=lines,
        step_from_id=step_from_id,
        step_to_id=lot.step_id,
        payload={"verb": verb, "seq": event.seq, "custodian": lot.custodian.code},
        touched=(lot,),
        fields=fields,
        corrects_id=event.pk,
    )


def _lift(event: Event, command: Command) -> Draft:
    """A hold that never was, also where a split took it on to another lot since, which is told.

    StaleError when one does so meanwhile.
    """
    hold = Hold.objects.get(placed_by=event)
    lots = locked_lots({event.lot_id, hold.lot_id})
    lot = next(one for one in lots if one.pk == event.lot_id)
    refuse_stale(lot, command)
    refuse_verb([lot], Verb.CORRECT)
    refuse_corrected(event)
    hold, event_id = open_hold(hold), uuid4()
    if hold.lot_id not in {one.pk for one in lots}:
        raise StaleError("The hold went on to another lot meanwhile. Read it again.", hold=hold.pk)
    refuse_stranger(hold, command)
    hold.released_at, hold.disposition = command.occurred_at, DISPOSITION
    hold.released_by_id = event_id
    hold.save(update_fields=["released_at", "disposition", "released_by"])
    return Draft(
        Verb.CORRECT,
        lot,
        id=event_id,
        lines=tuple(line for one in lots if one.pk != lot.pk for line in lines_of(holding_of(one))),
        step_from_id=lot.step_id,
        step_to_id=lot.step_id,
        payload={"verb": Verb.HOLD, "seq": event.seq, "custodian": lot.custodian.code},
        touched=tuple(lots),
        corrects_id=event.pk,
    )


def _builds_upon(event: Event, lot: Lot) -> QuerySet[Event]:
    """Later events of the lot that started from what this one left, and still stand.

    A shipment may name the customer as an amendment does: then each builds upon the other.
    """
    later = later_events(event, lot)
    if event.verb == Verb.LATE_MOVE:
        return later.none()
    if event.verb == Verb.AMEND:
        named = Q(verb=Verb.SHIP) & ~Q(payload__customer="")
        is_of_customer = "customer" in event.payload.get("after", {})
        return later.filter(Q(verb=Verb.AMEND) | named if is_of_customer else Q(verb=Verb.AMEND))
    found = ~Q(verb__in=NEVER_BUILT_UPON) & ~Q(verb=Verb.REISSUE, lot=lot)
    if event.verb == Verb.SHIP and "customer" in event.payload.get("before", {}):
        found |= Q(verb=Verb.AMEND, payload__after__has_key="customer")
    return later.filter(found)


def _reverse_lines(event: Event, lot: Lot) -> tuple[Line, ...]:
    """What went comes back, what came goes; none for an event without quantities."""
    stated = list(event.lines.filter(lot=lot))
    if not stated:
        return ()
    changes: dict[LineKind, int] = {}
    for line in stated:
        kind = REVERSE.get(LineKind(line.kind))
        if kind is not None:
            changes[kind] = changes.get(kind, 0) + line.quantity
    lines = lines_of(holding_of(lot), changes)
    lot.quantity = lines[-1].quantity
    return lines


def _restore(lot: Lot, event: Event) -> tuple[str, ...]:
    """Bring back what the event changed beside quantities; names of the fields to save."""
    before = event.payload.get("before")
    if not isinstance(before, Mapping):
        raise RefusedError(
            f"Event {event.seq} was recorded before corrections were kept. Record what undoes it.",
            seq=event.seq,
        )
    fields = {name: _column(name) for name in before}
    for name, field in fields.items():
        setattr(lot, name, field.to_python(before[name]))
    if event.verb in {Verb.SCRAP, Verb.LOSS, Verb.TRACK_OUT}:
        for row in [event.payload, *event.payload.get("losses", [])]:
            bring_back(wafer_ids=row.get("wafer_ids", []), unit_ids=row.get("unit_ids", []))
    return tuple(field.name for field in fields.values())


def _column(name: str) -> Field[Any, Any]:
    field = Lot._meta.get_field(name)
    assert isinstance(field, Field), "a lot's own column"
    return field
