"""A pilot goes ahead; the rest of its lot waits for what it shows."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from lots.domain.commands import Command, HoldOrder, Selection, check_code
from lots.domain.errors import WrongStepError
from lots.domain.words import HoldClass, Verb
from lots.models import Event, Hold, Lot, PilotRun, Step
from lots.services.frame import Draft, once
from lots.services.holding import hold_lot
from lots.services.splitting import split


def send_ahead(
    *, lot: Lot, child_code: str, selection: Selection, until_step_code: str, command: Command
) -> Event:
    """Split off a pilot, and hold the rest for engineering until it has passed the step named.

    Both or neither. Returns the split; the hold is an event of its own, and is released once the
    pilot was reviewed behind the step and nothing stands against it. WrongStepError for a step
    that does not lie ahead; otherwise refused as a split is.
    """
    check_code(child_code)
    wish = {
        "lot": lot.code,
        "child": child_code,
        "until_step": until_step_code,
        **selection.told(),
    }
    with transaction.atomic():
        event = once(
            Verb.SPLIT,
            wish,
            command,
            lambda: _split(lot, child_code, selection, until_step_code, command),
        )
        reason = f"Pilot {child_code} is ahead until {until_step_code}"
        order = HoldOrder(HoldClass.ENGINEERING, reason, owner_id=command.actor_id)
        own = replace(command, op_key=f"send-ahead:{event.pk}", expected_version=None)
        held = hold_lot(lot=lot, order=order, command=own)
        _keep_run(lot, child_code, until_step_code, held)
    return event


def _keep_run(lot: Lot, child_code: str, until_step_code: str, held: Event) -> None:
    """Once, however often the order is repeated."""
    pilot = Lot.objects.get(code=child_code)
    if PilotRun.objects.filter(pilot=pilot).exists():
        return
    until = Step.objects.get(route_version=lot.route_version_id, code=until_step_code)
    hold = Hold.objects.get(placed_by=held)
    PilotRun.objects.create(pilot=pilot, hold=hold, until_step=until)


def _split(
    lot: Lot, child_code: str, selection: Selection, until_step_code: str, command: Command
) -> Draft:
    draft = split(lot, child_code, selection, command, {"until_step": until_step_code})
    ahead = Step.objects.filter(
        route_version=draft.lot.route_version_id, sequence__gt=draft.lot.step.sequence
    )
    if not ahead.filter(code=until_step_code).exists():
        raise WrongStepError(
            f"Step {until_step_code} does not lie ahead of lot {lot.code} at "
            f"{draft.lot.step.code} on {draft.lot.route_version}.",
            lot=lot.code,
            step_to=until_step_code,
        )
    return draft
