"""A lot goes to another step."""

from __future__ import annotations

from lots.domain.balance import lines_of
from lots.domain.commands import Command, check_quantity
from lots.domain.errors import WrongStepError
from lots.domain.rules import Place, refuse_move
from lots.domain.words import Verb
from lots.models import Event, Lot, Step
from lots.selectors.lots import hold_reasons
from lots.services.frame import Draft, holding_of, locked_lot, once
from lots.services.receiving import refuse_foreign_step


def move_lot(
    *, lot: Lot, to_step: Step, command: Command, reported_quantity: int | None = None
) -> Event:
    """Bring the lot to a step of its route. reported_quantity: the vendor's count, kept as told.

    HeldError for a later step while a hold is open; WrongStepError back without a reason.
    """
    if reported_quantity is not None:
        check_quantity("reported_quantity", reported_quantity)
    wish = {"lot": lot.code, "to_step": to_step.code, "reported_quantity": reported_quantity}
    return once(Verb.MOVE, wish, command, lambda: _move(lot, to_step, command, reported_quantity))


def _move(lot: Lot, to_step: Step, command: Command, reported_quantity: int | None) -> Draft:
    lot = locked_lot(lot, Verb.MOVE, command)
    refuse_foreign_step(lot, to_step)
    _refuse_order(lot, to_step, command.reason)
    step_from_id = lot.step_id
    lot.step, lot.step_entered_at = to_step, command.occurred_at
    return Draft(
        Verb.MOVE,
        lot,
        lines=lines_of(holding_of(lot)),
        step_from_id=step_from_id,
        step_to_id=to_step.pk,
        reported_quantity=reported_quantity,
        touched=(lot,),
    )


def _refuse_order(lot: Lot, to_step: Step, reason: str) -> None:
    if to_step.pk == lot.step_id:
        raise WrongStepError(
            f"Lot {lot.code} is at {to_step.code} already.", lot=lot.code, step_to=to_step.code
        )
    if not lot.route_version.is_free:
        start = Place(lot.step.code, lot.step.sequence)
        end = Place(to_step.code, to_step.sequence)
        refuse_move(lot.code, start, end, hold_reasons([lot.pk]).get(lot.pk, []), reason)
