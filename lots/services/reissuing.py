"""Material of an assembly told anew: other lots gave it than those that were named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from lots.domain.balance import Line, lines_of
from lots.domain.commands import Command
from lots.domain.errors import BillError, WrongStateError
from lots.domain.materials import held_since
from lots.domain.orders import ReissueOrder
from lots.domain.rules import (
    refuse_exchange_not_told,
    refuse_material_not_told,
    refuse_unless_allowed,
)
from lots.domain.words import LineageKind, LineKind, LotState, Verb
from lots.models import Event, EventLine, Lot, LotLineage, MaterialUse
from lots.selectors.materials import changes_of, uses_of
from lots.services.building_upon import refuse_corrected
from lots.services.frame import (
    Draft,
    holding_of,
    locked_lots,
    once,
    refuse_stale,
    refuse_verb,
    set_quantity,
)
from lots.services.gating import refuse_unfit_to_use
from lots.services.holding import refuse_walking_round
from lots.services.materials import lots_by_code, refuse_named_units
from lots.services.removing import listed_reason
from lots.services.reviving import state_before_it_ended
from supplychain.base.errors import MalformedError, RefusedError


@dataclass(frozen=True, slots=True)
class _Retold:
    """The assembly, what was told of it last, and all lots concerned, locked, by code.

    since: from when on it counts. revived: how lots lived again that had nothing left.
    """

    assembly: Event
    built: Lot
    uses: Mapping[str, MaterialUse]
    lots: Mapping[str, Lot]
    order: ReissueOrder
    since: datetime
    revived: dict[str, dict[str, object]] = field(default_factory=dict)


def reissue_material(*, event: Event, order: ReissueOrder, command: Command) -> Event:
    """Say from which lots the assembly took its parts without serials; the event is its lot's.

    The count goes back to the lot that was named, which lives again where it was used up, and is
    taken from the other. An exchange counts from when it happened; any other from when the lot that
    was named is told to have given the parts: the assembly, or an exchange that never was. Then a
    hold placed meanwhile does not stop it: the hold then stops what was built. ForbiddenError for
    who may not release such a hold, which would stop what was built no more.
    RefusedError for an event that named no material; QuantityError for more than it took, or than
    the other lot has; BillError for another product; PartError where units have serials;
    WrongStateError for a lot that is not at hand, or was not there yet; ReasonError.
    """
    wish = {"event": str(event.pk), **asdict(order)}
    return once(Verb.REISSUE, wish, command, lambda: _reissue(event, order, command))


def _reissue(event: Event, order: ReissueOrder, command: Command) -> Draft:
    event_id = uuid4()
    retold = _locked(event, order, command)
    listed_reason(Verb.REISSUE, command.reason)
    refuse_exchange_not_told(command.reason, order.is_exchange)
    _refuse_unlike(retold)
    concerned = order.returned if order.is_exchange else retold.lots
    refuse_walking_round([retold.lots[code] for code in concerned], command)
    for lot in sorted((retold.lots[code] for code in order.issued), key=lambda lot: lot.pk):
        _refuse_unusable(retold, lot, command, event_id)
    lines = _returned(retold) + _issued(retold)
    now = _tell(retold, event_id)
    touched = {lot.pk: lot for lot in (retold.built, *retold.lots.values())}
    return Draft(
        Verb.REISSUE,
        retold.built,
        id=event_id,
        lines=tuple(lines),
        step_from_id=retold.built.step_id,
        payload={
            "assembly": event.seq,
            "is_exchange": order.is_exchange,
            "since": retold.since.isoformat(),
            "changes": [asdict(change) for change in order.changes],
            "materials": now,
            "revived": retold.revived,
        },
        touched=tuple(touched.values()),
    )


def _locked(event: Event, order: ReissueOrder, command: Command) -> _Retold:
    if event.verb != Verb.ASSEMBLE or not event.materials.exists():
        raise RefusedError(
            f"Event {event.seq} named no lots of parts without serials. Choose the assembly that "
            "did.",
            seq=event.seq,
        )
    if command.occurred_at < event.occurred_at:
        raise MalformedError(
            f"Event {event.seq} happened at {event.occurred_at:%Y-%m-%d %H:%M} UTC, and is told "
            "anew before that. Check the time.",
            field="occurred_at",
        )
    named = lots_by_code({*order.returned, *order.issued})
    found = {lot.pk: lot for lot in locked_lots([event.lot_id, *named.values()])}
    refuse_stale(found[event.lot_id], command)
    refuse_corrected(event)
    uses = {use.lot.code: use for use in uses_of(event).select_related("lot")}
    told = {code: use.quantity for code, use in uses.items()}
    for code, quantity in order.returned.items():
        refuse_material_not_told(event.seq, told, code, quantity)
    return _Retold(
        assembly=event,
        built=found[event.lot_id],
        uses=uses,
        lots={code: found[pk] for code, pk in named.items()},
        order=order,
        since=_since(event, order, command),
    )


def _since(event: Event, order: ReissueOrder, command: Command) -> datetime:
    since = event.occurred_at
    for code, quantity in order.returned.items():
        held = held_since(changes_of(event, code), quantity)
        if order.is_exchange and command.occurred_at < held:
            raise MalformedError(
                f"By {held:%Y-%m-%d %H:%M} UTC lot {code} had given {quantity} of them, and not "
                "all the time before. An exchange of these is later. Check the time.",
                field="occurred_at",
            )
        since = max(since, held)
    return command.occurred_at if order.is_exchange else since


def _refuse_unlike(retold: _Retold) -> None:
    for change in retold.order.changes:
        old, new = retold.lots[change.returned_to], retold.lots[change.issued_from]
        if old.product_id != new.product_id:
            raise BillError(
                f"Lot {old.code} holds {old.product}, {new.code} holds {new.product}. Tell like "
                "for like.",
                lot=new.code,
            )
        state = old.state if old.quantity else state_before_it_ended(old)
        if retold.order.is_exchange and state == LotState.SHIPPED:
            raise WrongStateError(
                f"Lot {old.code} is shipped; what is taken out cannot return to it. Receive it "
                "first.",
                lot=old.code,
                state=state,
            )


def _refuse_unusable(retold: _Retold, lot: Lot, command: Command, event_id: UUID) -> None:
    """Parts used now pass holds and gates; those used before passed what stood then."""
    refuse_named_units([lot])
    if retold.order.is_exchange:
        refuse_verb([lot], Verb.ASSEMBLE)
        refuse_unfit_to_use(lot, command, event_id=event_id)
    else:
        refuse_unless_allowed(lot.code, LotState(lot.state), Verb.ASSEMBLE)
    born = EventLine.objects.filter(lot=lot).order_by("id").select_related("event")[0].event
    if born.occurred_at > retold.since:
        raise WrongStateError(
            f"Lot {lot.code} is there since {born.occurred_at:%Y-%m-%d %H:%M} UTC, after parts "
            f"were used at {retold.since:%Y-%m-%d %H:%M} UTC. Name the lot that they were in then.",
            lot=lot.code,
        )


def _returned(retold: _Retold) -> list[Line]:
    lines: list[Line] = []
    for code, quantity in retold.order.returned.items():
        lot = retold.lots[code]
        lines += lines_of(holding_of(lot), {LineKind.PRODUCED: quantity})
        if lot.quantity == 0:
            lot.state = state_before_it_ended(lot)
            retold.revived[code] = {
                "state": lot.state,
                "step": lot.step_id,
                "custodian": lot.custodian.code,
            }
        lot.quantity += quantity
    return lines


def _issued(retold: _Retold) -> list[Line]:
    lines: list[Line] = []
    for code, quantity in retold.order.issued.items():
        lot = retold.lots[code]
        lines += lines_of(holding_of(lot), {LineKind.CONSUMED: quantity})
        set_quantity(lot, Verb.REISSUE, lot.quantity - quantity)
    return lines


def _tell(retold: _Retold, event_id: UUID) -> dict[str, int]:
    """A new row for each lot whose use changes. Lot → what the assembly took of it in all."""
    changes = {code: -quantity for code, quantity in retold.order.returned.items()}
    changes.update(retold.order.issued)
    rows = {}
    for code, change in changes.items():
        before = retold.uses.get(code)
        if before is None:
            LotLineage.objects.create(
                parent=retold.lots[code],
                child=retold.built,
                kind=LineageKind.ASSEMBLE,
                event_id=event_id,
            )
        rows[code] = MaterialUse(
            event=retold.assembly,
            lot=retold.lots[code],
            quantity=change + (before.quantity if before else 0),
            retold_by_id=event_id,
            replaces=before,
        )
    MaterialUse.objects.bulk_create(rows.values())
    return {code: row.quantity for code, row in rows.items()}
