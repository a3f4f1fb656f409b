"""What was planned for a lot is done by itself, in the transaction of the event it waited for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from django.contrib.auth.models import Group, User
from django.db import connection, transaction

from lots.domain.commands import Command, HoldOrder
from lots.domain.errors import WrongStepError
from lots.domain.orders import (
    ACTION_KEY,
    FutureActionOrder,
    Named,
    SplitWish,
    action_wish,
    named_things,
)
from lots.domain.words import ActionState, Source, Trigger, Verb
from lots.models import Event, FutureAction, Lot, LotLineage, Step
from lots.services.banking import bank_lot
from lots.services.following import things_there
from lots.services.frame import follow_events
from lots.services.holding import hold_lot
from lots.services.lookups import lot_by_code, product_by_code, released_step
from lots.services.rearming import rearm_actions
from lots.services.splitting import split_lot
from supplychain.base.errors import MissingError, RefusedError, SupplychainError
from supplychain.base.keyed import first_made, made_once

REASON_CHARACTERS_MAX = 200
_ARMED = (Path(__file__).resolve().parent.parent / "sql" / "armed_actions.sql").read_text()


def register() -> None:
    """Have every event looked at for what waited for it, and for what it takes back."""
    follow_events(rearm_actions)
    follow_events(carry_out_actions)


def first_plan(command: Command) -> FutureAction | None:
    """What was planned under the command's key. ConflictError when that was asked otherwise."""
    return first_made(FutureAction.objects.all(), command.op_key, command.asked_sha256)


def plan_action(
    *, order: FutureActionOrder, actor: User | None = None, command: Command | None = None
) -> FutureAction:
    """Arm it: for the lot and what is split off it later, or for every lot of the product.

    A hold or a bank stops each of them once. A split is done once for all of them. command: its
    key is used once; a repeat gets the first answer.

    MissingError for what does not exist; WrongStepError for a step that is not on the lot's route.
    """
    if command is None:
        return _planned(order, actor)
    plans, key, asked = FutureAction.objects.all(), command.op_key, command.asked_sha256
    return made_once(plans, key, asked, lambda: _planned(order, actor))


def _planned(order: FutureActionOrder, actor: User | None) -> FutureAction:
    lot = lot_by_code(order.lot_code) if order.lot_code else None
    return FutureAction.objects.create(
        lot=lot,
        product=product_by_code(order.product_code) if order.product_code else None,
        trigger=order.trigger,
        step=_step(order, lot),
        on_verb=order.on_verb or "",
        verb=order.verb,
        order=dict(order.order),
        reason=order.reason,
        owner_id=order.owner_id,
        created_by=actor,
        is_repeated=order.is_repeated,
    )


def _step(order: FutureActionOrder, lot: Lot | None) -> Step | None:
    if order.trigger is Trigger.EVENT:
        return None
    if lot is None or order.route_code:
        return released_step(order.route_code, order.step_code)
    step = Step.objects.filter(route_version=lot.route_version_id, code=order.step_code).first()
    if step is None:
        raise WrongStepError(
            f"Step {order.step_code} is not on {lot.route_version}, the route of lot {lot.code}.",
            lot=lot.code,
            step=order.step_code,
        )
    return step


@transaction.atomic
def cancel_action(*, action: FutureAction, actor: User | None = None) -> FutureAction:
    """Disarm it. RefusedError when it was carried out, or cancelled, before."""
    now = FutureAction.objects.select_for_update().get(pk=action.pk)
    if now.state != ActionState.ARMED:
        raise RefusedError(
            f"The future action is {now.state}; nothing is left to cancel.", action=now.pk
        )
    now.state = ActionState.CANCELLED
    now.outcome = f"Cancelled by {actor.get_username() if actor else 'the system'}"
    now.save(update_fields=["state", "outcome"])
    return now


def carry_out_actions(event: Event, command: Command) -> None:
    """Carry out what waited for this event. What an action itself sets off sets off no other.

    The writer holds the ledger's head, so no two events carry out one action. An action that is
    refused fails alone: the event stands, and the action says why.
    """
    if command.op_key.startswith(ACTION_KEY):
        return
    jumped = _set_off(event)
    if not jumped:
        return
    actions = FutureAction.objects.select_for_update(of=("self",)).filter(
        id__in=jumped, state=ActionState.ARMED
    )
    for action in actions.order_by("id"):
        _carry_out(action, event, command, jumped[action.pk])


def _set_off(event: Event) -> dict[int, str]:
    """Id of an action that the event sets off → the step that was jumped over, or ""."""
    asked = {
        "lot": event.lot_id,
        "product": event.lot.product_id,
        "step_from": event.step_from_id,
        "step_to": event.step_to_id,
        "verb": str(event.verb),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ARMED, asked)
        return dict(cursor.fetchall())


def _carry_out(action: FutureAction, event: Event, command: Command, jumped: str) -> None:
    if not action.is_repeated:  # what it splits off has no such plan
        action.state = ActionState.DONE
        action.save(update_fields=["state"])
    action.set_off_by = event
    why = f"; {jumped} was jumped over" if jumped else ""
    reason = f"{action.reason[: REASON_CHARACTERS_MAX - len(why)]}{why}"
    try:
        done, missing = _do(action, event, command, reason)
    except SupplychainError as refusal:
        action.outcome, state = refusal.detail, ActionState.FAILED
    else:
        action.event, state = done, ActionState.DONE
        told = f"{done.verb} of lot {event.lot.code}, event {done.seq}{why}"
        action.outcome = f"{told}; {missing} were not there" if missing else told
    action.state = ActionState.ARMED if action.is_repeated else state
    action.save(update_fields=["event", "outcome", "set_off_by", "state"])


def _do(action: FutureAction, event: Event, command: Command, reason: str) -> tuple[Event, Named]:
    """What it did, and what it names that the lot has not any more."""
    named, there = named_things(action.order), things_there(action, event.lot)
    order = there.in_order(action.order)
    return _act(action, order, event, command, reason), named.without(there)


def _act(
    action: FutureAction,
    order: Mapping[str, object],
    event: Event,
    command: Command,
    reason: str,
) -> Event:
    lot, verb = event.lot, Verb(action.verb)
    own = Command(
        op_key=f"{ACTION_KEY}{action.pk}:{event.seq}",
        occurred_at=command.occurred_at,
        source=Source.RULE,
        actor_id=action.created_by_id,
        source_reference=f"future action {action.pk}",
        request_id=command.request_id,
        comment=reason,
    )
    wish = action_wish(verb, order, reason, action.owner_id)
    if isinstance(wish, HoldOrder):
        _refuse_lost_role(wish)
        return hold_lot(lot=lot, order=wish, command=own)
    if isinstance(wish, SplitWish):
        code = wish.child_code or _child_code(lot)
        return split_lot(lot=lot, child_code=code, selection=wish.selection, command=own)
    return bank_lot(lot=lot, command=own)


def _refuse_lost_role(order: HoldOrder) -> None:
    role = order.releasing_role_id
    if role is not None and not Group.objects.filter(pk=role).exists():
        raise MissingError("The role that was to release the hold is gone. Place it by hand.")


def _child_code(lot: Lot) -> str:
    """The next one free of `<lot>.1`, `<lot>.2` and so on."""
    number = LotLineage.objects.filter(parent=lot).count() + 1
    taken = set(Lot.objects.filter(code__startswith=f"{lot.code}.").values_list("code", flat=True))
    while f"{lot.code}.{number}" in taken:
        number += 1
    return f"{lot.code}.{number}"
