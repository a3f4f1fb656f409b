"""What a player of the storm may wish for a hot lot, as the API is asked and as a page is."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lots.domain.rules import CORRECTABLE
from lots.domain.words import LotState, Verb
from lots.models import Event, Hold, Lot, Step, Supplier

REWORK = "STORM-RW"
QUANTITY_MAX = 3
REASONS = {Verb.SCRAP: "handling", Verb.LOSS: "missing", Verb.BONUS: "found"}
SIGNS = {"scrap": -1, "loss": -1, "bonus": 1}


@dataclass(frozen=True, slots=True)
class Wish:
    """One verb as the API is asked, and as a page is. change: to the units of the hot lots.

    lot: another than the hot lot it was thought of for. page: another than the lot's own for the
    verb. has_page: false where the page asks for test results first; then the API is asked.
    """

    verb: Verb
    body: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    change: int = 0
    lot: Lot | None = None
    page: str = ""
    has_page: bool = True


Turn = Callable[[random.Random, Lot], Wish | None]


def few(chance: random.Random) -> int:
    return chance.randint(1, QUANTITY_MAX)


def change_quantity(chance: random.Random, lot: Lot) -> Wish:
    """Scrap, loss or bonus of a few units."""
    verb = chance.choice(list(REASONS))
    quantity = few(chance)
    asked = {"quantity": quantity, "reason": REASONS[verb]}
    return Wish(verb, asked, asked, SIGNS[verb] * quantity)


def stop(chance: random.Random, lot: Lot) -> Wish | None:
    """Hold the lot, or release what holds it."""
    hold = Hold.objects.filter(lot=lot, released_at=None).first()
    if hold is not None:
        asked = {"hold": hold.pk, "disposition": "go on"}
        return Wish(Verb.RELEASE, asked, asked)
    if chance.random() < 0.3:
        asked = {"hold_class": "quality", "hold_reason": "storm"}
        return Wish(Verb.HOLD, asked, {**asked, "scope": "lot"})
    return None


def part(chance: random.Random, lot: Lot) -> Wish:
    """Split some off, or take a child back."""
    children = Lot.objects.filter(
        code__startswith=f"{lot.code}.", state=LotState.ACTIVE, quantity__gt=0
    )
    child = children.filter(step=lot.step_id).first() or children.first()
    if child is not None and chance.random() < 0.7:
        return Wish(Verb.MERGE, {"lots": [child.code]}, {"lots": child.code})
    code, quantity = f"{lot.code}.{uuid.uuid4().hex[:8]}", few(chance)
    return Wish(
        Verb.SPLIT,
        {"child": code, "quantity": quantity},
        {"child_code": code, "quantity": quantity},
    )


def go(chance: random.Random, lot: Lot) -> Wish | None:
    """To any step of its route, back with a reason."""
    steps = Step.objects.filter(route_version=lot.route_version_id).exclude(pk=lot.step_id)
    step = chance.choice(list(steps) or [None])
    if step is None:
        return None
    return Wish(
        Verb.MOVE,
        {"to_step": step.code, "reason": "again"},
        {"to_step": step.pk, "reason": "again"},
    )


def work(chance: random.Random, lot: Lot) -> Wish:
    """In, or out with a few scrapped."""
    if lot.tracked_in_at is None:
        return Wish(Verb.TRACK_IN, {"equipment": "T-01"}, {"equipment": "T-01"})
    lost = chance.randint(0, QUANTITY_MAX)
    steps = Step.objects.filter(
        route_version=lot.route_version_id, sequence__gt=lot.step.sequence
    ).order_by("sequence")
    to = steps.first()
    losses = [{"quantity": lost, "reason": "handling", "kind": "scrap"}] if lost else []
    answers = {"what_1": lost, "reason_1": "scrap:handling"} if lost else {}
    return Wish(
        Verb.TRACK_OUT,
        {"losses": losses},
        {"to_step": to.pk if to else "", **answers},
        -lost,
    )


def park(chance: random.Random, lot: Lot) -> Wish:
    """Into the bank, or out of it."""
    return Wish(Verb.UNBANK if lot.state == LotState.BANKED else Verb.BANK)


def travel(chance: random.Random, lot: Lot) -> Wish | None:
    """Away to a vendor, now and then, and back at once."""
    if lot.state == LotState.SHIPPED:
        asked = {"custodian": "ODM1", "counted_quantity": lot.quantity}
        at = Supplier.objects.get(code="ODM1")
        return Wish(
            Verb.RECEIVE,
            {**asked, "to_step": lot.step.code},
            {**asked, "custodian": at.pk, "to_step": lot.step_id},
        )
    if chance.random() < 0.5:
        to = Supplier.objects.get(code="OSAT1")
        return Wish(Verb.SHIP, {"to": to.code}, {"to": to.pk})
    return None


def mend(chance: random.Random, lot: Lot) -> Wish | None:
    """Out to rework, or back from it."""
    if lot.rework_return_step is not None:
        step = lot.rework_return_step
        return Wish(Verb.REWORK_IN, {"to_step": ""}, {"to_step": step.pk})
    if lot.state != LotState.ACTIVE:
        return None
    at = Step.objects.get(route_version__route__code=REWORK, code="LOOK")
    body = {"route": REWORK, "step": "LOOK", "return_step": lot.step.code, "reason": "contact"}
    answers = {"at_step": at.pk, "return_step": lot.step_id, "reason": "contact"}
    return Wish(Verb.REWORK_OUT, body, answers)


def correct(chance: random.Random, lot: Lot) -> Wish | None:
    """Undo the lot's last event that can be undone."""
    event = Event.objects.filter(lot=lot).order_by("-seq").first()
    is_birth = event is not None and event.verb == Verb.RECEIVE and event.step_from_id is None
    if event is None or is_birth or event.verb not in CORRECTABLE:
        return None
    lines = event.lines.filter(kind__in=SIGNS)
    change = sum(SIGNS[line.kind] * line.quantity for line in lines)
    asked = {"seq": event.seq, "reason": "mistake"}
    return Wish(Verb.CORRECT, asked, {"event": event.pk, "reason": "mistake"}, -change)


TURNS: Sequence[Turn] = (
    change_quantity,
    change_quantity,
    stop,
    stop,
    part,
    part,
    go,
    work,
    work,
    park,
    travel,
    travel,
    mend,
    correct,
)
