"""What a person can do with a lot on its page: a table of acts over the services of lots.

An act is tried first: carried out, looked at, and rolled back. So the preview says exactly what
the rules say, and a refusal comes before anyone agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from lots.domain.commands import Command, HoldOrder, Selection
from lots.domain.serials import wafer_numbers
from lots.domain.words import LotState, Verb
from lots.models import Event, Hold, Lot
from lots.services import (
    hold_lot,
    locked_lots,
    move_lot,
    release_hold,
    scrap_units,
    ship_lot,
    split_lot,
)
from operations.domain.changes import Change, changes
from operations.domain.quantities import counted
from operations.services.lot_facts import facts_of

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LotAct:
    """One act. done: the sentence afterwards. is_grave: cannot be taken back."""

    verb: Verb
    title: str
    icon: str
    right: str
    done: str
    run: Callable[[Lot, Answers, Command], Event]
    is_grave: bool = False


def _move(lot: Lot, answers: Answers, command: Command) -> Event:
    return move_lot(lot=lot, to_step=answers["to_step"], command=command)


def _hold(lot: Lot, answers: Answers, command: Command) -> Event:
    owner = answers["owner"]
    order = HoldOrder(
        hold_class=answers["hold_class"],
        reason=answers["hold_reason"],
        owner_id=owner.pk if owner else None,
        due_on=answers["due_on"],
    )
    return hold_lot(lot=lot, order=order, command=command)


def _release(lot: Lot, answers: Answers, command: Command) -> Event:
    hold: Hold = answers["hold"]
    assert hold.lot_id == lot.pk, "the form offers holds of this lot only"
    return release_hold(hold=hold, disposition=answers["disposition"], command=command)


def _split(lot: Lot, answers: Answers, command: Command) -> Event:
    return split_lot(
        lot=lot, child_code=answers["child_code"], selection=_selection(answers), command=command
    )


def _scrap(lot: Lot, answers: Answers, command: Command) -> Event:
    return scrap_units(lot=lot, selection=_selection(answers), command=command)


def _ship(lot: Lot, answers: Answers, command: Command) -> Event:
    return ship_lot(lot=lot, to=answers["to"], customer=answers["customer"], command=command)


def _selection(answers: Answers) -> Selection:
    return Selection(
        quantity=answers.get("quantity"),
        wafers=wafer_numbers(answers.get("wafers", "")),
        serials=tuple(answers.get("serials", "").split()),
    )


LOT_ACTS = {
    act.verb: act
    for act in (
        LotAct(Verb.MOVE, "Move", "arrow_forward", "lots.move_lot", "Moved", _move),
        LotAct(Verb.HOLD, "Hold", "front_hand", "lots.hold_lot", "On hold", _hold),
        LotAct(Verb.RELEASE, "Release", "check", "lots.release_lot", "Released", _release),
        LotAct(Verb.SPLIT, "Split", "call_split", "lots.split_lot", "Split", _split),
        LotAct(Verb.SHIP, "Ship", "local_shipping", "lots.ship_lot", "Shipped", _ship),
        LotAct(Verb.SCRAP, "Scrap", "delete", "lots.scrap_lot", "Scrapped", _scrap, is_grave=True),
    )
}


def acts_for(lot: Lot, *, is_held: bool) -> list[LotAct]:
    """Acts that make sense now; the rules still have the last word."""
    return [act for act in LOT_ACTS.values() if _makes_sense(act.verb, lot, is_held=is_held)]


def _makes_sense(verb: Verb, lot: Lot, *, is_held: bool) -> bool:
    if verb is Verb.RELEASE:
        return is_held
    if verb is Verb.HOLD:
        return True
    if verb is Verb.SCRAP and lot.state == LotState.SHIPPED:
        return True
    return lot.state == LotState.ACTIVE


def try_act(
    *, act: LotAct, lots: Sequence[Lot], answers: Answers, command: Command
) -> list[Change]:
    """What the act would change. Nothing is kept; refusals come as they would."""
    with transaction.atomic():
        before = facts_of(lots)
        _run(act, lots, answers, command)
        after = facts_of(lots)
        transaction.set_rollback(True)
    told = changes(before, after)
    return _shipment(lots, answers, told) if act.verb is Verb.SHIP else told


def _shipment(lots: Sequence[Lot], answers: Answers, told: Sequence[Change]) -> list[Change]:
    """Where to, to whom and how much first, whether it differs from before or not."""
    rows = []
    for lot in lots:
        name, to = f"Lot {lot.code}", answers["to"]
        customer = answers["customer"] or lot.customer or "none"
        rows += [
            Change(name, "To", "", f"{to.code}, {to.name}"),
            Change(name, "Customer", lot.customer, customer),
            Change(name, "Leaves", "", counted(lot.quantity, lot.unit_of_measure)),
        ]
    return rows + [change for change in told if change.fact != "Customer"]


@transaction.atomic
def do_act(*, act: LotAct, lots: Sequence[Lot], answers: Answers, command: Command) -> None:
    """Carry it out on all lots or on none."""
    _run(act, lots, answers, command)


def _run(act: LotAct, lots: Sequence[Lot], answers: Answers, command: Command) -> None:
    # All of them before the first event locks the ledger's head, or two bulk acts may deadlock.
    locked_lots(lot.pk for lot in lots)
    for lot in sorted(lots, key=lambda one: one.pk):
        own = replace(command, op_key=f"{command.op_key}:{lot.pk}")
        act.run(lot, answers, own)
