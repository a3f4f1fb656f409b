"""A lot leaves its route to be worked on again, and comes back."""

from __future__ import annotations

from uuid import UUID, uuid4

from lots.domain.balance import lines_of
from lots.domain.commands import Command
from lots.domain.errors import WrongStateError, WrongStepError
from lots.domain.words import Verb
from lots.models import Event, Lot, Step
from lots.services.frame import Draft, holding_of, locked_lot, once, standing_of
from lots.services.gating import refuse_closed_gates, refuse_overtime
from lots.services.lookups import released_step
from lots.services.moving import WORK_FIELDS, stand_at
from lots.services.ordering import refuse_overtaken
from lots.services.removing import listed_reason

REWORK_FIELDS = (*WORK_FIELDS, "route_version", "rework_return_step", "rework_attempt")


def rework_out(
    *, lot: Lot, route_code: str, step_code: str, return_step_code: str, command: Command
) -> Event:
    """The lot goes to a step of a released rework route, to come back at a step of its own.

    The attempt goes up. It comes back where it left or earlier, so that nothing is left out.
    ReasonError unless command.reason is an active reason code for rework.
    """
    wish = {
        "lot": lot.code,
        "route": route_code,
        "step": step_code,
        "return_step": return_step_code,
    }
    return once(
        Verb.REWORK_OUT,
        wish,
        command,
        lambda: _out(lot, released_step(route_code, step_code), return_step_code, command),
    )


def _out(lot: Lot, to_step: Step, return_code: str, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.REWORK_OUT, command)
    refuse_overtaken(lot, command)
    reason = listed_reason(Verb.REWORK_OUT, command.reason)
    if lot.rework_return_step_id is not None:
        raise WrongStateError(
            f"Lot {lot.code} is on rework already, on {lot.route_version}. Bring it back first.",
            lot=lot.code,
        )
    if not to_step.route_version.is_rework:
        raise WrongStepError(
            f"{to_step.route_version} is no rework route. Use reroute to change routes for good.",
            route=str(to_step.route_version),
        )
    return_step = _own_step(lot, lot.step, return_code)
    before, step_from = standing_of(lot, "rework_return_step_id", "rework_attempt"), lot.step
    lot.rework_return_step, lot.rework_attempt = return_step, lot.rework_attempt + 1
    lot.route_version = to_step.route_version
    stand_at(lot, to_step, command.occurred_at)
    payload = {
        "route": str(to_step.route_version),
        "return_step": return_step.code,
        "attempt": lot.rework_attempt,
        "counts_in_yield": reason.counts_in_yield,
    }
    return _draft(uuid4(), Verb.REWORK_OUT, lot, step_from, {**payload, "before": before})


def rework_in(*, lot: Lot, command: Command, to_step_code: str = "") -> Event:
    """The lot comes back to its own route. to_step_code: "" is the step named when it left.

    WrongStateError when it is not on rework; WrongStepError for a step beyond the one named;
    GateError when a gate of the rework route is closed, or it waited too long there.
    """
    wish = {"lot": lot.code, "to_step": to_step_code}
    return once(Verb.REWORK_IN, wish, command, lambda: _in(lot, to_step_code, command))


def _in(lot: Lot, to_step_code: str, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.REWORK_IN, command)
    refuse_overtaken(lot, command)
    if lot.rework_return_step_id is None:
        raise WrongStateError(
            f"Lot {lot.code} is not on rework; it stands on {lot.route_version}.", lot=lot.code
        )
    named = Step.objects.select_related("route_version__route").get(pk=lot.rework_return_step_id)
    to_step = _own_step(lot, named, to_step_code or named.code)
    event_id = uuid4()
    refuse_closed_gates(lot, lot.step, to_step, command, event_id=event_id)
    refuse_overtime(lot, command, event_id=event_id, to_step=to_step)
    before, step_from = standing_of(lot, "rework_return_step_id", "rework_attempt"), lot.step
    lot.rework_return_step, lot.route_version = None, to_step.route_version
    stand_at(lot, to_step, command.occurred_at)
    payload = {"route": str(to_step.route_version), "attempt": lot.rework_attempt}
    return _draft(event_id, Verb.REWORK_IN, lot, step_from, {**payload, "before": before})


def _own_step(lot: Lot, last: Step, code: str) -> Step:
    """The step of this code on the route of `last`, at it or before. WrongStepError otherwise."""
    step = (
        Step.objects.select_related("route_version__route")
        .filter(route_version=last.route_version_id, code=code)
        .first()
    )
    if step is None:
        raise WrongStepError(
            f"Step {code} is not on {last.route_version}, the route of lot {lot.code}.",
            lot=lot.code,
            step_to=code,
        )
    if step.sequence > last.sequence and not last.route_version.is_free:
        raise WrongStepError(
            f"Lot {lot.code} comes back at {last.code} or earlier; {code} would leave steps out.",
            lot=lot.code,
            step_to=code,
        )
    return step


def _draft(
    event_id: UUID, verb: Verb, lot: Lot, step_from: Step, payload: dict[str, object]
) -> Draft:
    return Draft(
        verb,
        lot,
        id=event_id,
        lines=lines_of(holding_of(lot)),
        step_from_id=step_from.pk,
        step_to_id=lot.step_id,
        payload=payload,
        touched=(lot,),
        fields=REWORK_FIELDS,
    )
