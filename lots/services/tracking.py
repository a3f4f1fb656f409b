"""Work at a step: a lot is tracked in, worked on, and tracked out with what came of it."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

from lots.domain.balance import lines_of
from lots.domain.commands import Command, check_text
from lots.domain.errors import WrongStateError, WrongStepError
from lots.domain.orders import Loss, TrackOutOrder
from lots.domain.words import LineKind, LotState, Verb
from lots.models import Event, Lot, Step
from lots.services.adjusting import refuse_nameless
from lots.services.frame import (
    Draft,
    holding_of,
    locked_lot,
    once,
    plain_values,
    standing_of,
)
from lots.services.gating import refuse_closed_gates, refuse_overtime
from lots.services.moving import WORK_FIELDS, stand_at
from lots.services.ordering import refuse_order, refuse_overtaken
from lots.services.removing import listed_reason, remove_units


def track_in(*, lot: Lot, command: Command, equipment: str = "") -> Event:
    """Work on the lot begins at the step where it stands.

    HeldError under a hold; WrongStateError when it is tracked in already; GateError when it waited
    longer than the step allows and no waiver lets it through.
    """
    check_text("equipment", equipment, 64)
    wish = {"lot": lot.code, "equipment": equipment}
    return once(Verb.TRACK_IN, wish, command, lambda: _track_in(lot, equipment, command))


def _track_in(lot: Lot, equipment: str, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.TRACK_IN, command)
    refuse_overtaken(lot, command)
    event_id = uuid4()
    refuse_overtime(lot, command, event_id=event_id, begins=True)
    before = plain_values(lot, *WORK_FIELDS)
    lot.tracked_in_at, lot.equipment = command.occurred_at, equipment
    return Draft(
        Verb.TRACK_IN,
        lot,
        id=event_id,
        lines=lines_of(holding_of(lot)),
        step_from_id=lot.step_id,
        payload={"equipment": equipment, "before": before},
        touched=(lot,),
        fields=WORK_FIELDS,
    )


def track_out(*, lot: Lot, order: TrackOutOrder, command: Command) -> Event:
    """Work is done: what was lost is taken out, the good rest goes on to the next step at once.

    At a step done by a supplier no track-in is needed. At the last step of a route the lot stays.
    ReasonError for a loss or bonus without a listed reason; otherwise refused as a move is.
    """
    wish = {"lot": lot.code, **order.told()}
    return once(Verb.TRACK_OUT, wish, command, lambda: _track_out(lot, order, command))


def _track_out(lot: Lot, order: TrackOutOrder, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.TRACK_OUT, command)
    refuse_overtaken(lot, command)
    _refuse_not_at_work(lot)
    to_step = _destination(lot, order.to_step_code)
    refuse_order(lot, to_step, command.reason)
    event_id, before, step_from, holding = uuid4(), standing_of(lot), lot.step, holding_of(lot)
    refuse_overtime(lot, command, event_id=event_id)
    losses = [_lost(lot, loss) for loss in order.losses]
    bonus_counts = _bonus_counts(lot, order)
    changes = Counter({LineKind(str(row["kind"])): 0 for row in losses})
    for row in losses:
        changes[LineKind(str(row["kind"]))] += int(str(row["quantity"]))
    lines = lines_of(holding, {**changes, LineKind.BONUS: order.bonus})
    lot.quantity += order.bonus
    _go_on(lot, to_step, command, event_id)
    return Draft(
        Verb.TRACK_OUT,
        lot,
        id=event_id,
        lines=lines,
        step_from_id=step_from.pk,
        step_to_id=lot.step_id,
        payload={
            "losses": losses,
            "bonus": order.bonus,
            "bonus_reason": order.bonus_reason,
            "bonus_counts_in_yield": bonus_counts,
            "before": before,
        },
        touched=(lot,),
        fields=WORK_FIELDS,
    )


def _refuse_not_at_work(lot: Lot) -> None:
    if lot.tracked_in_at is None and not lot.step.is_outsourced:
        raise WrongStateError(
            f"Lot {lot.code} is not tracked in at {lot.step.code}. Track it in first.",
            lot=lot.code,
            step=lot.step.code,
        )


def _destination(lot: Lot, code: str) -> Step:
    """The step named, or the next one of the route; the last step leads nowhere."""
    steps = Step.objects.select_related("route_version__route").filter(
        route_version=lot.route_version_id
    )
    if not code:
        later = steps.filter(sequence__gt=lot.step.sequence).order_by("sequence")
        return later.first() or lot.step
    found = steps.filter(code=code).first()
    if found is None:
        raise WrongStepError(
            f"Step {code} is not on {lot.route_version}, the route of lot {lot.code}.",
            lot=lot.code,
            step_to=code,
        )
    return found


def _lost(lot: Lot, loss: Loss) -> dict[str, object]:
    """Take it out of the lot, and tell it as the event keeps it."""
    verb = Verb.LOSS if loss.kind is LineKind.LOSS else Verb.SCRAP
    reason = listed_reason(verb, loss.reason)
    removed = remove_units(lot, loss.selection, loss.kind, reason)
    lot.quantity -= removed.quantity
    return {
        "kind": loss.kind,
        "reason": loss.reason,
        "quantity": removed.quantity,
        "counts_in_yield": reason.counts_in_yield,
        **removed.told(),
    }


def _bonus_counts(lot: Lot, order: TrackOutOrder) -> bool:
    """Whether what was found raises the yield; refused where the lot is kept by its names."""
    if not order.bonus:
        return False
    refuse_nameless(lot)
    return listed_reason(Verb.BONUS, order.bonus_reason).counts_in_yield


def _go_on(lot: Lot, to_step: Step, command: Command, event_id: UUID) -> None:
    """A lot of which nothing is left stays where it ended."""
    if lot.quantity == 0:
        lot.state, lot.tracked_in_at, lot.equipment = LotState.SCRAPPED, None, ""
        return
    refuse_closed_gates(lot, lot.step, to_step, command, event_id=event_id)
    stand_at(lot, to_step, command.occurred_at)
