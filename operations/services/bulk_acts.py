"""What can be done with many lots at once: a table over the orders that the API takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lots.api.orders import ORDERS
from lots.domain.commands import Command, Selection
from lots.domain.errors import WrongStateError
from lots.domain.words import Verb
from lots.models import Event, Lot
from lots.selectors import open_holds
from lots.services import release_hold, scrap_units
from supplychain.base.errors import MalformedError

Asked = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BulkAct:
    """One act on many. run: on one lot of them. is_grave: cannot be taken back."""

    verb: Verb
    title: str
    icon: str
    right: str
    run: Callable[[Lot, Asked, Command], Event]
    is_grave: bool = False


def _order(verb: Verb) -> Callable[[Lot, Asked, Command], Event]:
    """As the API does it."""

    def run(lot: Lot, asked: Asked, command: Command) -> Event:
        return ORDERS[verb].carry_out(lot, dict(asked), command)

    return run


def _release(lot: Lot, asked: Asked, command: Command) -> Event:
    """Every open hold of the lot, or those of one class; the last event stands for them."""
    holds = open_holds(lot)
    if asked.get("hold_class"):
        holds = holds.filter(hold_class=asked["hold_class"])
    events: list[Event] = []
    for hold in holds.select_related("lot"):
        own = replace(
            command,
            op_key=f"{command.op_key}:{hold.pk}",
            expected_version=None if events else command.expected_version,
        )
        events.append(release_hold(hold=hold, disposition=asked["disposition"], command=own))
    if not events:
        raise WrongStateError(f"Lot {lot.code} has no such hold open.", lot=lot.code)
    return events[-1]


def _scrap(lot: Lot, asked: Asked, command: Command) -> Event:
    """The whole lot."""
    if not lot.quantity:
        raise WrongStateError(f"Lot {lot.code} is empty.", lot=lot.code)
    return scrap_units(lot=lot, selection=Selection(quantity=lot.quantity), command=command)


BULK_ACTS: dict[str, BulkAct] = {
    act.verb: act
    for act in (
        BulkAct(Verb.TRACK_IN, "Track in", "login", "lots.track_lot", _order(Verb.TRACK_IN)),
        BulkAct(Verb.TRACK_OUT, "Track out", "logout", "lots.track_lot", _order(Verb.TRACK_OUT)),
        BulkAct(Verb.HOLD, "Hold", "front_hand", "lots.hold_lot", _order(Verb.HOLD)),
        BulkAct(Verb.RELEASE, "Release", "check", "lots.release_lot", _release),
        BulkAct(Verb.MOVE, "Move", "arrow_forward", "lots.move_lot", _order(Verb.MOVE)),
        BulkAct(Verb.BANK, "Bank", "inventory_2", "lots.bank_lot", _order(Verb.BANK)),
        BulkAct(
            Verb.UNBANK, "Take out of bank", "inventory_2", "lots.bank_lot", _order(Verb.UNBANK)
        ),
        BulkAct(Verb.AMEND, "Change facts", "edit_note", "lots.amend_lot", _order(Verb.AMEND)),
        BulkAct(Verb.SHIP, "Ship", "local_shipping", "lots.ship_lot", _order(Verb.SHIP)),
        BulkAct(Verb.SCRAP, "Scrap", "delete", "lots.scrap_lot", _scrap, is_grave=True),
    )
}


def wish_of(verb: str, answers: Mapping[str, Any], occurred_at: str) -> Asked:
    """The stored answers, checked as the API checks a body. MalformedError when they do not fit.

    occurred_at: of what the answers themselves do not date back.
    """
    if verb not in ORDERS or verb in {Verb.RELEASE, Verb.SCRAP}:
        return answers
    body = {"occurred_at": occurred_at, **answers, "verb": verb}
    serializer = ORDERS[verb].serializer(data=body)
    if not serializer.is_valid():
        field, errors = next(iter(serializer.errors.items()))
        raise MalformedError(f"{field}: {errors[0]}", field=str(field))
    checked: Asked = serializer.validated_data
    return checked
