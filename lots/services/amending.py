"""What a lot says of itself, and the route it follows, changed on purpose."""

from __future__ import annotations

from dataclasses import asdict
from uuid import uuid4

from lots.domain.balance import lines_of
from lots.domain.commands import Command
from lots.domain.errors import WrongStateError, WrongStepError
from lots.domain.orders import AmendOrder
from lots.domain.words import Verb, VersionState
from lots.models import Event, Lot, RouteVersion, Step
from lots.services.frame import (
    Draft,
    holding_of,
    locked_lot,
    once,
    plain_values,
    standing_of,
)
from lots.services.gating import refuse_closed_gates, refuse_overtime, refuse_unproven
from lots.services.moving import WORK_FIELDS, stand_at
from lots.services.ordering import refuse_overtaken
from supplychain.base.errors import MalformedError, RefusedError


def amend_lot(*, lot: Lot, order: AmendOrder, command: Command) -> Event:
    """Change priority, due day, customer or purpose. A new purpose needs a reason.

    RefusedError when the lot says all that already; GateError for an engineering lot that is to
    count as production, past a gate that it did not meet.
    """
    if order.purpose is not None and not command.reason.strip():
        raise MalformedError("A new purpose needs a reason.", field="reason")
    wish = {"lot": lot.code, **asdict(order)}
    return once(Verb.AMEND, wish, command, lambda: _amend(lot, order, command))


def _amend(lot: Lot, order: AmendOrder, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.AMEND, command)
    wanted = {name: value for name, value in order.wanted().items() if getattr(lot, name) != value}
    if not wanted:
        raise RefusedError(f"Lot {lot.code} says all that already.", lot=lot.code)
    before, event_id, purpose = plain_values(lot, *wanted), uuid4(), lot.purpose
    for name, value in wanted.items():
        setattr(lot, name, value)
    refuse_unproven(lot, purpose, command, event_id=event_id)
    return Draft(
        Verb.AMEND,
        lot,
        id=event_id,
        step_from_id=lot.step_id,
        payload={"before": before, "after": plain_values(lot, *wanted)},
        touched=(lot,),
        fields=tuple(wanted),
    )


def reroute_lot(
    *, lot: Lot, to_version: RouteVersion, to_step_code: str, command: Command
) -> Event:
    """Move the lot to a step of another released route version. A reason is required.

    WrongStateError on rework; WrongStepError for a version that is not released, is for rework,
    or has no such step; HeldError under a hold; GateError past a closed gate, of either
    route, and from a step where it waited too long.
    """
    if not command.reason.strip():
        raise MalformedError("A change of route needs a reason.", field="reason")
    wish = {"lot": lot.code, "to_version": str(to_version), "to_step": to_step_code}
    return once(
        Verb.REROUTE, wish, command, lambda: _reroute(lot, to_version, to_step_code, command)
    )


def _reroute(lot: Lot, version: RouteVersion, code: str, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.REROUTE, command)
    refuse_overtaken(lot, command)
    if lot.rework_return_step_id is not None:
        raise WrongStateError(
            f"Lot {lot.code} is on rework. Bring it back to its route first.", lot=lot.code
        )
    to_step = _released_step(lot, version, code)
    event_id = uuid4()
    refuse_closed_gates(lot, lot.step, to_step, command, event_id=event_id)
    refuse_overtime(lot, command, event_id=event_id, to_step=to_step)
    before, step_from, old = standing_of(lot), lot.step, lot.route_version
    waited_since = lot.waits_since if to_step.code == lot.step.code else None
    lot.route_version = to_step.route_version
    stand_at(lot, to_step, command.occurred_at)
    lot.waiting_since = waited_since
    return Draft(
        Verb.REROUTE,
        lot,
        id=event_id,
        lines=lines_of(holding_of(lot)),
        step_from_id=step_from.pk,
        step_to_id=to_step.pk,
        payload={"from": str(old), "to": str(to_step.route_version), "before": before},
        touched=(lot,),
        fields=("route_version", *WORK_FIELDS),
    )


def _released_step(lot: Lot, version: RouteVersion, code: str) -> Step:
    now = RouteVersion.objects.select_related("route").get(pk=version.pk)
    if now.state != VersionState.RELEASED or now.is_rework:
        fault = "is for rework" if now.is_rework else f"is {now.state}"
        raise WrongStepError(f"{now} {fault}; no lot is moved to it for good.", route=str(now))
    if now.pk == lot.route_version_id:
        raise WrongStepError(f"Lot {lot.code} is on {now} already. Use move.", lot=lot.code)
    step = Step.objects.select_related("route_version__route").filter(route_version=now, code=code)
    found = step.first()
    if found is None:
        raise WrongStepError(f"There is no step {code} on {now}.", step_to=code)
    return found
