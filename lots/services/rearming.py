"""A plan that a mistake set off waits again once the mistake is corrected."""

from __future__ import annotations

from lots.domain.commands import Command
from lots.domain.orders import ACTION_KEY
from lots.domain.words import ActionState, Source, Verb
from lots.models import Event, FutureAction
from lots.selectors.plans import holds_set_off
from lots.services.correcting import correct_event


def rearm_actions(event: Event, command: Command) -> None:
    """After a correction: arm again what the corrected event set off, and lift the holds it placed.

    A hold that was released since stays released.
    """
    if event.verb != Verb.CORRECT or event.corrects is None:
        return
    mistake = event.corrects
    for done in list(holds_set_off(mistake)):
        undo = Command(
            op_key=f"{ACTION_KEY}undo:{done.seq}:{event.seq}",
            occurred_at=command.occurred_at,
            source=Source.RULE,
            actor_id=command.actor_id,
            request_id=command.request_id,
            reason=command.reason,
            comment=f"Event {mistake.seq}, which set it off, was corrected by event {event.seq}.",
        )
        correct_event(event=done, command=undo)
    actions = FutureAction.objects.filter(
        set_off_by=mistake, state__in=[ActionState.DONE, ActionState.FAILED]
    )
    actions.update(
        state=ActionState.ARMED,
        event=None,
        set_off_by=None,
        outcome=f"Armed again: event {mistake.seq} was corrected by event {event.seq}",
    )
