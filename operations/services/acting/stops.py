"""Acts by which a lot is stopped, let go or described anew."""

from __future__ import annotations

from typing import Any

from lots.domain.commands import Command, HoldOrder
from lots.domain.orders import AmendOrder
from lots.domain.words import HoldScope, LotPurpose, Verb
from lots.models import Event, Hold, Lot
from lots.services import amend_lot, hold_lot, release_hold
from operations.services.acting.frame import FACTS, Answers, LotAct

UNITS = {HoldScope.UNIT, HoldScope.BIN}


def _hold(lot: Lot, answers: Answers, command: Command) -> Event:
    owner, role = answers["owner"], answers["releasing_role"]
    scope = answers.get("scope", HoldScope.LOT)
    order = HoldOrder(
        hold_class=answers["hold_class"],
        reason=answers["hold_reason"],
        owner_id=owner.pk if owner else None,
        due_on=answers["due_on"],
        scope=scope,
        wafers=answers["wafers"] if scope is HoldScope.WAFER else (),
        serials=tuple(answers["serials"]) if scope in UNITS else (),
        bin_number=answers["bin_number"] if scope is HoldScope.BIN else None,
        releasing_role_id=role.pk if role else None,
    )
    return hold_lot(lot=lot, order=order, command=command)


def _release(lot: Lot, answers: Answers, command: Command) -> Event:
    hold: Hold = answers["hold"]
    assert hold.lot_id == lot.pk, "the form offers holds of this lot only"
    return release_hold(hold=hold, disposition=answers["disposition"], command=command)


def _amend(lot: Lot, answers: Answers, command: Command) -> Event:
    asked: dict[str, Any] = {
        "is_hot": answers["is_hot"],
        "due_on": answers["due_on"] or "",
        "customer": answers["customer"],
        "purpose": LotPurpose(answers["purpose"]),
    }
    changed = {name: value for name, value in asked.items() if name in answers["changed"]}
    return amend_lot(lot=lot, order=AmendOrder(**changed), command=command)


STOPS_ACTS = (
    LotAct(Verb.HOLD, "Hold", "front_hand", "lots.hold_lot", "On hold", _hold),
    LotAct(Verb.RELEASE, "Release", "check", "lots.release_lot", "Released", _release),
    LotAct(Verb.AMEND, "Change facts", "edit_note", "lots.amend_lot", "Changed", _amend, FACTS),
)
