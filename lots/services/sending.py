"""A pilot goes ahead; the rest of its lot waits for what it shows."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction

from lots.domain.commands import Command, HoldOrder, Selection, check_code
from lots.domain.errors import WrongStepError
from lots.domain.words import HoldClass, Verb
from lots.models import Event, Lot, Step
from lots.services.frame import Draft, once
from lots.services.holding import hold_lot
from lots.services.splitting import split


def send_ahead(
    *, lot: Lot, child_code: str, selection: Selection, until_step_code: str, command: Command
) -> Event:
    """Split off a pilot, and hold the rest for engineering until it has passed the step named.

    Both or neither. Returns the split; the hold is an event of its own. WrongStepError for a step
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
        hold_lot(lot=lot, order=order, command=own)
    return event


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
