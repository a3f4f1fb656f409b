"""A lot goes to another step."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from lots.domain.balance import lines_of
from lots.domain.commands import Command, check_quantity
from lots.domain.errors import WrongStateError, WrongStepError
from lots.domain.words import Verb
from lots.models import Event, Lot, Step
from lots.services.frame import Draft, holding_of, locked_lot, once, standing_of
from lots.services.gating import refuse_closed_gates, refuse_overtime
from lots.services.ordering import refuse_order, refuse_overtaken
from lots.services.receiving import refuse_foreign_step

WORK_FIELDS = ("tracked_in_at", "equipment", "waiting_since")


def move_lot(
    *, lot: Lot, to_step: Step, command: Command, reported_quantity: int | None = None
) -> Event:
    """Bring the lot to a step of its route. reported_quantity: the vendor's count, kept as told.

    HeldError for a later step while a hold is open; WrongStepError back without a reason;
    OvertakenError for what happened before it came to its step; WrongStateError for a later step
    while tracked in; GateError past a closed gate, and on from a
    step where it waited too long and no work began.
    """
    if reported_quantity is not None:
        check_quantity("reported_quantity", reported_quantity)
    wish = {"lot": lot.code, "to_step": to_step.code, "reported_quantity": reported_quantity}
    return once(Verb.MOVE, wish, command, lambda: _move(lot, to_step, command, reported_quantity))


def _move(lot: Lot, to_step: Step, command: Command, reported_quantity: int | None) -> Draft:
    lot = locked_lot(lot, Verb.MOVE, command)
    refuse_overtaken(lot, command)
    refuse_foreign_step(lot, to_step)
    if to_step.pk == lot.step_id:
        raise WrongStepError(
            f"Lot {lot.code} is at {to_step.code} already.", lot=lot.code, step_to=to_step.code
        )
    refuse_order(lot, to_step, command.reason)
    _refuse_leaving_work(lot, to_step)
    event_id, before, step_from = uuid4(), standing_of(lot), lot.step
    refuse_closed_gates(lot, step_from, to_step, command, event_id=event_id)
    refuse_overtime(lot, command, event_id=event_id, to_step=to_step)
    stand_at(lot, to_step, command.occurred_at)
    return Draft(
        Verb.MOVE,
        lot,
        id=event_id,
        lines=lines_of(holding_of(lot)),
        step_from_id=step_from.pk,
        step_to_id=to_step.pk,
        reported_quantity=reported_quantity,
        payload={"before": before},
        touched=(lot,),
        fields=WORK_FIELDS,
    )


def _refuse_leaving_work(lot: Lot, to_step: Step) -> None:
    if lot.tracked_in_at is not None and to_step.sequence > lot.step.sequence:
        raise WrongStateError(
            f"Lot {lot.code} is being worked on at {lot.step.code}. Track it out instead.",
            lot=lot.code,
            step=lot.step.code,
        )


def stand_at(lot: Lot, step: Step, at: datetime) -> None:
    """Project the step; the lot waits there to be tracked in."""
    lot.step, lot.step_entered_at, lot.waiting_since = step, at, None
    lot.tracked_in_at, lot.equipment = None, ""
