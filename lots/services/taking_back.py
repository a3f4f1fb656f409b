"""A receipt, a dicing or an assembly undone: what it made known is withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from lots.domain.balance import Holding, Line, lines_of
from lots.domain.commands import Command
from lots.domain.errors import HeldError
from lots.domain.rules import ORIGINS, STANDS_BESIDE_ORIGIN, STANDS_BESIDE_PARTS
from lots.domain.standings import ADDED
from lots.domain.words import (
    ActionState,
    LineKind,
    LotState,
    UnitOfMeasure,
    UnitState,
    Verb,
)
from lots.models import Event, FutureAction, Hold, Lot, Unit, Wafer
from lots.selectors.plans import holds_set_off
from lots.selectors.uses import Origin, first_use
from lots.services.building_upon import later_events, refuse_corrected, refuse_later
from lots.services.frame import Draft, locked_lots, refuse_stale, refuse_verb
from lots.services.gating import lock_waivers_used
from lots.services.lookups import NAMED_AT_MOST
from lots.services.returning import return_materials, return_parts
from lots.services.reviving import state_before_it_ended
from supplychain.base.errors import ConflictError

BACK = {
    LineKind.BONUS: LineKind.LOSS,
    LineKind.PRODUCED: LineKind.CONSUMED,
    LineKind.CONSUMED: LineKind.PRODUCED,
    LineKind.REJECT: LineKind.BONUS,
}


@dataclass(frozen=True, slots=True)
class _Mistake:
    """The event, the lot it is of and those that gave parts, all locked, and what it made known.

    units: ids, locked. is_birth: the lot itself was made by it.
    """

    event: Event
    own: Lot
    sources: tuple[Lot, ...]
    unit_ids: tuple[int, ...]
    wafer_ids: tuple[int, ...]
    is_birth: bool


def is_origin(event: Event) -> bool:
    """Whether it made things known; a receipt of a shipped lot did not."""
    is_arrival = event.verb == Verb.RECEIVE and event.step_from_id is not None
    return event.verb in ORIGINS and not is_arrival


def take_back(event: Event, command: Command) -> Draft:
    """The correction: units and wafers withdrawn, edges closed as if they never were, parts back.

    A lot that the event made ends without anything, and its plans are cancelled.
    """
    event_id = uuid4()
    mistake = _locked(event, command)
    _refuse_used(mistake)
    lock_waivers_used(event)
    told: dict[str, object] = {}
    if event.verb == Verb.ASSEMBLE:
        return_parts(event, mistake.sources, event_id)
        told = return_materials(event, event_id)
    lines = [line for lot in (mistake.own, *mistake.sources) for line in _lines_back(mistake, lot)]
    _withdraw(mistake)
    return _draft(mistake, event_id, tuple(lines), told)


def _draft(
    mistake: _Mistake, event_id: UUID, lines: tuple[Line, ...], told: Mapping[str, object]
) -> Draft:
    event, own = mistake.event, mistake.own
    named = {"unit_ids": mistake.unit_ids, "wafer_ids": mistake.wafer_ids}
    return Draft(
        Verb.CORRECT,
        own,
        id=event_id,
        lines=lines,
        step_from_id=own.step_id,
        step_to_id=own.step_id,
        payload={
            "verb": event.verb,
            "seq": event.seq,
            "custodian": own.custodian.code,
            **{name: list(ids) for name, ids in named.items() if ids},
            **told,
        },
        touched=(own, *mistake.sources),
        corrects_id=event.pk,
    )


def _locked(event: Event, command: Command) -> _Mistake:
    ids = {event.lot_id, *event.lines.values_list("lot_id", flat=True)}
    lots = locked_lots(ids)
    own = next(lot for lot in lots if lot.pk == event.lot_id)
    sources = tuple(lot for lot in lots if lot.pk != own.pk)
    refuse_stale(own, command)
    refuse_verb([own], Verb.CORRECT)
    refuse_corrected(event)
    refuse_later(event, own, later_events(event, own).exclude(verb__in=STANDS_BESIDE_ORIGIN))
    for lot in sources:
        beside = STANDS_BESIDE_PARTS
        refuse_later(event, lot, later_events(event, lot).exclude(verb__in=beside))
    _refuse_held(event, own)
    units = Unit.objects.select_for_update(no_key=True).filter(created_by=event)
    wafers = Wafer.objects.none()
    is_birth = event.step_from_id is None and ADDED not in event.payload
    if event.verb == Verb.RECEIVE:
        wafers = Wafer.objects.filter(lot=own, is_withdrawn=False)
        if not is_birth:
            wafers = wafers.filter(code__in=event.payload[ADDED])
    return _Mistake(
        event,
        own,
        sources,
        tuple(units.order_by("id").values_list("id", flat=True)),
        tuple(wafers.order_by("id").values_list("id", flat=True)),
        is_birth,
    )


def _refuse_held(event: Event, lot: Lot) -> None:
    """HeldError for a hold on the lot, or part of it, but for what the event itself set off."""
    holds = Hold.objects.filter(lot=lot, released_at=None).order_by("id")
    found = holds.exclude(placed_by__in=holds_set_off(event))
    reasons = list(found.values_list("reason", flat=True)[:NAMED_AT_MOST])
    if reasons:
        raise HeldError(
            f"Lot {lot.code} is on hold ({'; '.join(reasons)}), and event {event.seq} made what is "
            "held. Release the hold first.",
            lot=lot.code,
            holds=reasons,
        )


def _refuse_used(mistake: _Mistake) -> None:
    """ConflictError naming the first use that another app knows of. Dies may have been sorted."""
    event = mistake.event
    is_whole = mistake.is_birth or event.verb == Verb.DICE
    origin = Origin(
        units=Unit.objects.filter(id__in=mistake.unit_ids),
        wafer_ids=mistake.wafer_ids,
        lot=mistake.own if is_whole else None,
        since=event.occurred_at if event.verb == Verb.DICE else None,
    )
    if use := first_use(origin):
        raise ConflictError(
            f"Event {event.seq} is not taken back: {use}. What was used stays; record what "
            "happened instead.",
            seq=event.seq,
        )


def _lines_back(mistake: _Mistake, lot: Lot) -> list[Line]:
    """What came to the lot goes, and what went comes back; the lot is left as that makes it."""
    told: dict[UnitOfMeasure, dict[LineKind, int]] = {}
    for line in mistake.event.lines.filter(lot=lot).order_by("id"):
        kinds = told.setdefault(UnitOfMeasure(line.unit_of_measure), {})
        kinds[LineKind(line.kind)] = line.quantity
    lines: list[Line] = []
    for unit, kinds in told.items():
        back = {BACK[kind]: count for kind, count in kinds.items() if kind in BACK}
        if mistake.event.verb == Verb.RECEIVE:
            back = {LineKind.LOSS: kinds.get(LineKind.BONUS) or kinds[LineKind.GOOD]}
        has = lot.quantity if unit == lot.unit_of_measure else 0
        lines += lines_of(Holding(lot.pk, lot.code, unit, has), back)
    _leave(mistake, lot, lines)
    return lines


def _leave(mistake: _Mistake, lot: Lot, lines: Sequence[Line]) -> None:
    good = {line.unit_of_measure: line.quantity for line in lines if line.kind is LineKind.GOOD}
    if lot is mistake.own and mistake.event.verb == Verb.DICE:
        lot.unit_of_measure, lot.state = UnitOfMeasure.WAFER, LotState.ACTIVE
    elif lot is mistake.own and mistake.is_birth:
        lot.state = LotState.WITHDRAWN
    elif lot.quantity == 0:
        lot.state = state_before_it_ended(lot)
    lot.quantity = good[UnitOfMeasure(lot.unit_of_measure)]


def _withdraw(mistake: _Mistake) -> None:
    units = Unit.objects.filter(id__in=mistake.unit_ids)
    units.update(state=UnitState.WITHDRAWN, lot=None)
    Wafer.objects.filter(id__in=mistake.wafer_ids).update(is_withdrawn=True, is_scrapped=True)
    if mistake.event.verb == Verb.DICE:
        cut = mistake.own.wafers.filter(number__in=mistake.event.payload["wafers"])
        cut.filter(is_diced=True).update(is_diced=False)
    if mistake.is_birth:
        plans = FutureAction.objects.filter(lot=mistake.own, state=ActionState.ARMED)
        plans.update(state=ActionState.CANCELLED, outcome=f"Lot {mistake.own.code} was taken back")
