"""A step that a lot came to, told after a later one was recorded."""

from __future__ import annotations

from lots.domain.commands import Command
from lots.domain.errors import WrongStepError
from lots.domain.words import Verb
from lots.models import Event, Lot, Step
from lots.selectors.placing import place_at
from lots.services.frame import Draft, locked_lot, once
from lots.services.receiving import refuse_foreign_step


def record_late_move(*, lot: Lot, to_step: Step, overtaken_by: Event, command: Command) -> Event:
    """The lot was at the step then; where it stands now stays as it is, whatever stops it today.

    overtaken_by: what placed it after that. No gate and no planned action is asked: the lot has
    gone on. WrongStepError when it is known to have stood at the step already, or the step is not
    on its route.
    """
    wish = {"lot": lot.code, "to_step": to_step.code}
    return once(
        Verb.LATE_MOVE, wish, command, lambda: _late_move(lot, to_step, overtaken_by, command)
    )


def _late_move(lot: Lot, to_step: Step, later: Event, command: Command) -> Draft:
    lot = locked_lot(lot, Verb.LATE_MOVE, command)
    refuse_foreign_step(lot, to_step)
    assert later.occurred_at >= command.occurred_at, "it was overtaken"
    step_from = place_at(lot, command.occurred_at)
    if step_from == to_step:
        raise WrongStepError(
            f"Lot {lot.code} stood at {to_step.code} then already.",
            lot=lot.code,
            step_to=to_step.code,
        )
    return Draft(
        Verb.LATE_MOVE,
        lot,
        step_from_id=step_from.pk if step_from else None,
        step_to_id=to_step.pk,
        payload={"overtaken": True, "overtaken_by": later.seq, "before": {}},
        touched=(lot,),
    )
