"""Acts on what has not happened yet, and on what did not happen as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count

from lots.domain.bins import Bins
from lots.domain.commands import Command
from lots.domain.orders import ACTION_VERBS, FutureActionOrder, Reissue, ReissueOrder
from lots.domain.words import ActionState, BinKind, Trigger, UnitState, Verb
from lots.models import Event, FutureAction, Lot, MaterialUse, Unit
from lots.selectors import parts_of, uses_of
from lots.services import (
    cancel_action,
    correct_event,
    first_plan,
    plan_action,
    reissue_material,
    swap_part,
)
from operations.domain.changes import Facts
from operations.domain.quantities import counted
from operations.services.acting.frame import FACTS, Answers, LotAct, lot_facts
from supplychain.base.errors import ForbiddenError, RefusedError

PLAN, UNPLAN = "plan", "unplan"
PLANNED_RIGHTS = {
    Verb.HOLD: "lots.hold_lot",
    Verb.BANK: "lots.bank_lot",
    Verb.SPLIT: "lots.split_lot",
}


def plannable_by(person: User) -> list[Verb]:
    """What the person may plan: nothing that the person may not do."""
    return [verb for verb in ACTION_VERBS if person.has_perm(PLANNED_RIGHTS[verb])]


def _plan(lot: Lot, answers: Answers, command: Command) -> FutureAction:
    trigger, step = Trigger(answers["trigger"]), answers["step"]
    owner, verb, actor = answers["owner"], Verb(answers["future_verb"]), _actor(command)
    if actor is None or verb not in plannable_by(actor):
        raise ForbiddenError(
            f"Your role may not {verb} lots, now or later. Ask somebody who may to plan it."
        )
    order = FutureActionOrder(
        trigger=trigger,
        verb=verb,
        reason=answers["reason"],
        lot_code=lot.code,
        step_code=step.code if step and trigger is not Trigger.EVENT else "",
        on_verb=Verb(answers["on_verb"]) if trigger is Trigger.EVENT else None,
        order=_wish(answers),
        owner_id=owner.pk if owner else None,
    )
    if earlier := first_plan(command):
        return earlier
    _refuse_planned(lot, order)
    return plan_action(order=order, actor=actor, command=command)


def hold_bin(bins: Bins) -> int | None:
    """The one hard bin that these are; None where they are others or several."""
    (low, high), *more = bins.spans
    return low if bins.kind is BinKind.HARD and low == high and not more else None


def _wish(answers: Answers) -> dict[str, Any]:
    bins: Bins | None = answers.get("bins")
    if answers["future_verb"] == Verb.HOLD:
        due_on, role = answers["due_on"], answers["releasing_role"]
        return {
            "hold_class": str(answers["hold_class"]),
            **({"due_on": due_on.isoformat()} if due_on else {}),
            **({"releasing_role": role.pk} if role else {}),
            **_named(answers, "wafers", "serials"),
            **({"bin_number": hold_bin(bins)} if bins else {}),
        }
    if answers["future_verb"] != Verb.SPLIT:
        return {}
    if bins:
        return {"bins": bins.numbers, "bin_kind": str(bins.kind)}
    return _named(answers, "quantity", "wafers", "serials")


def _named(answers: Answers, *names: str) -> dict[str, Any]:
    given = {name: answers.get(name) for name in names}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in given.items()
        if value
    }


def _refuse_planned(lot: Lot, order: FutureActionOrder) -> None:
    """A form sent twice plans once."""
    same = lot.future_actions.filter(
        state=ActionState.ARMED,
        trigger=order.trigger,
        verb=order.verb,
        reason=order.reason,
        on_verb=order.on_verb or "",
        order=dict(order.order),
    )
    code = order.step_code
    if same.filter(step__code=code).exists() if code else same.exists():
        raise RefusedError(f"Lot {lot.code} has this planned already. Say another reason.")


def _unplan(_: Lot, answers: Answers, command: Command) -> FutureAction:
    return cancel_action(action=answers["action"], actor=_actor(command))


def _actor(command: Command) -> User | None:
    return User.objects.filter(pk=command.actor_id or 0).first()


def _correct(lot: Lot, answers: Answers, command: Command) -> Event:
    event: Event = answers["event"]
    assert event.lot_id == lot.pk, "the form offers events of this lot only"
    return correct_event(event=event, command=command)


def _corrected(lots: Sequence[Lot], answers: Answers) -> Facts:
    """The lots whose quantity the event changed, too, and what it made known."""
    event: Event = answers["event"]
    concerned = Lot.objects.filter(lines__event=event).distinct()
    units = Unit.objects.filter(created_by=event).order_by("kind", "state")
    made = units.values_list("kind", "state").annotate(count=Count("id"))
    words = [f"{counted(count, kind)} {UnitState(state)}" for kind, state, count in made]
    told = {f"Event {event.seq}": {"Made known": ", ".join(words)}} if words else {}
    return {**told, **lot_facts([*lots, *concerned], answers)}


def _reissue(lot: Lot, answers: Answers, command: Command) -> Event:
    use: MaterialUse = answers["use"]
    assert use.event.lot_id == lot.pk, "the form offers assemblies of this lot only"
    quantity = answers["quantity"] or use.quantity
    change = Reissue(use.lot.code, answers["issued_from"].code, quantity)
    order = ReissueOrder((change,), answers["is_exchange"])
    return reissue_material(event=use.event, order=order, command=command)


def _materials(lots: Sequence[Lot], answers: Answers) -> Facts:
    """The lots concerned, and from which the assembly took its material."""
    event: Event = answers["use"].event
    told = {
        f"Of lot {use.lot.code}": counted(use.quantity, use.lot.unit_of_measure)
        for use in uses_of(event).select_related("lot")
    }
    return {f"Assembly {event.seq}": told, **lot_facts(lots, answers)}


def _swap(_: Lot, answers: Answers, command: Command) -> Event:
    return swap_part(
        parent=answers["parent"],
        position=answers["position"],
        new_serial=answers["new_serial"],
        command=command,
        returned_lot_code=answers["returned_lot_code"],
    )


def _parts(_: Sequence[Lot], answers: Answers) -> Facts:
    """What is built into the unit, and where its old and new part stand."""
    parent: Unit = answers["parent"]
    nodes = [node for node in parts_of(parent) if node.depth == 1]
    places = {f"Part at {node.edge.position}": node.unit.serial for node in nodes}
    return {parent.serial: places}


PLANS = (
    LotAct(PLAN, "Plan an action", "event_upcoming", "lots.hold_lot", "Planned", _plan, FACTS),
    LotAct(UNPLAN, "Cancel a planned action", "event_busy", "lots.hold_lot", "Cancelled",
           _unplan, FACTS),
    LotAct(Verb.CORRECT, "Correct an event", "history", "lots.correct_event", "Corrected",
           _correct, FACTS, facts=_corrected),
    LotAct(Verb.REISSUE, "Tell material anew", "published_with_changes", "lots.correct_event",
           "Material told anew", _reissue, FACTS, facts=_materials),
)  # fmt: skip
SWAP = LotAct(Verb.SWAP, "Swap a part", "swap_horiz", "lots.swap_unit", "Swapped", _swap,
              facts=_parts)  # fmt: skip
