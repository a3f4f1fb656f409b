"""Stops on a lot, and their release."""

from __future__ import annotations

from dataclasses import asdict
from uuid import uuid4

from lots.domain.commands import Command, HoldOrder
from lots.domain.errors import WrongStateError
from lots.domain.words import Verb
from lots.models import Event, Hold, Lot
from lots.services.frame import Draft, locked_lot, once
from supplychain.base.errors import MalformedError

DISPOSITION_CHARACTERS_MAX = 200


def hold_lot(*, lot: Lot, order: HoldOrder, command: Command) -> Event:
    """Stop the lot; allowed in every state, so that what was shipped can be searched too."""
    wish = {"lot": lot.code, **asdict(order)}
    return once(Verb.HOLD, wish, command, lambda: _hold(lot, order, command))


def _hold(lot: Lot, order: HoldOrder, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.HOLD, command)
    event_id = uuid4()
    hold = Hold.objects.create(
        lot=lot,
        hold_class=order.hold_class,
        reason=order.reason,
        owner_id=order.owner_id,
        due_on=order.due_on,
        placed_at=command.occurred_at,
        placed_by_id=event_id,
    )
    return Draft(
        Verb.HOLD,
        lot,
        id=event_id,
        step_from_id=lot.step_id,
        payload={"hold": hold.pk, "hold_class": order.hold_class, "reason": order.reason},
        touched=(lot,),
    )


def release_hold(*, hold: Hold, disposition: str, command: Command) -> Event:
    """Lift one hold with the decision taken. WrongStateError when it was released before."""
    if not disposition.strip() or len(disposition) > DISPOSITION_CHARACTERS_MAX:
        raise MalformedError(
            f"Say the disposition, in at most {DISPOSITION_CHARACTERS_MAX} characters.",
            field="disposition",
        )
    wish = {"hold": hold.pk, "disposition": disposition}
    return once(Verb.RELEASE, wish, command, lambda: _release(hold, disposition, command))


def _release(hold: Hold, disposition: str, command: Command) -> Draft:
    lot = locked_lot(hold.lot, Verb.RELEASE, command)
    hold = Hold.objects.select_for_update().get(pk=hold.pk)
    if hold.released_at is not None:
        raise WrongStateError(
            f"The hold on lot {lot.code} ({hold.reason}) was released before.",
            lot=lot.code,
            hold=hold.pk,
        )
    event_id = uuid4()
    hold.released_at = command.occurred_at
    hold.disposition, hold.released_by_id = disposition, event_id
    hold.save(update_fields=["released_at", "disposition", "released_by"])
    return Draft(
        Verb.RELEASE,
        lot,
        id=event_id,
        step_from_id=lot.step_id,
        payload={"hold": hold.pk, "disposition": disposition},
        touched=(lot,),
    )
