"""A split and a move of one lot that came the wrong way round: parts are put where they were."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from django.db.models import QuerySet

from intake.domain.errors import PassedOverError
from intake.feeds.lookups import lot_by_code, step_of
from intake.feeds.wip_rows import words_of
from lots.domain.commands import Command
from lots.domain.errors import WrongStepError
from lots.domain.words import LineageKind, LotState, Verb
from lots.models import Event, Lot, LotLineage, Step
from lots.selectors.placing import place_at, placing_events
from lots.services import locked_lots, move_lot, record_late_move
from supplychain.base.errors import RefusedError

LATE_SPLIT, LATE_MOVE = "late-split", "late-move"


def bring_back(lot: Lot, child_code: str, later: Event, command: Command) -> None:
    """The part stays where the lot stood when it was split, though the lot went on since.

    RefusedError where that is at another company.
    """
    step = place_at(lot, command.occurred_at)
    if later.verb in {Verb.SHIP, Verb.RECEIVE} or step is None:
        raise RefusedError(
            f"It came late: lot {lot.code} went on by {later.verb} since. Split it by hand, or "
            "drop the row.",
            lot=lot.code,
        )
    child = lot_by_code(child_code)
    if child.step_id != step.pk:
        _put(child, step, command, LATE_SPLIT)


def move_late(lot: Lot, step_code: str, later: Event, command: Command) -> str:
    """Record where the lot was, though it went on since; what a person is told of it.

    PassedOverError when that is known already, or is no step of its route.
    """
    parts = parts_split_since(lot, command)
    try:
        step = step_of(lot, step_code)
        record_late_move(lot=lot, to_step=step, overtaken_by=later, command=command)
    except WrongStepError as error:
        raise PassedOverError(f"{words_of(lot, later)} {error.detail}", lot=lot.code) from error
    take_along(parts, step_code, command)
    return f"{words_of(lot, later)} It is kept at its time; the lot stays where it is."


def parts_split_since(lot: Lot, command: Command) -> list[Lot]:
    """What was split off the lot, and off its parts, after the command and before they went on.

    They are locked together with the lot, as whoever takes several lots does.
    """
    found: list[Lot] = []
    parents = [lot]
    while parents:
        parents = [part for parent in parents for part in _split_before_next(parent, command)]
        found += parents
    if found:
        locked_lots([lot.pk, *(part.pk for part in found)])
    return found


def _split_before_next(parent: Lot, command: Command) -> list[Lot]:
    links = LotLineage.objects.filter(
        parent=parent, kind=LineageKind.SPLIT, event__occurred_at__gte=command.occurred_at
    )
    following = _placed_after(parent, command).order_by("occurred_at", "seq").first()
    if following is not None:
        links = links.filter(event__occurred_at__lt=following.occurred_at)
    return [link.child for link in links.select_related("child__step")]


def _placed_after(lot: Lot, command: Command) -> QuerySet[Event]:
    """What placed the lot since; where a late split put it was only what was known then."""
    later = placing_events(lot).filter(occurred_at__gt=command.occurred_at)
    return later.exclude(op_key__endswith=_key_end(lot, LATE_SPLIT))


def take_along(parts: Sequence[Lot], step_code: str, command: Command) -> None:
    """They were still in the lot when it went to the step; what has gone on since was there."""
    for part in parts:
        step = step_of(part, step_code)
        later = _placed_after(part, command).order_by("-occurred_at", "-seq").first()
        if later is None and part.state != LotState.ACTIVE:
            later = Event.objects.filter(lines__lot=part).latest("seq")
        if later is not None:
            _tell(part, step, later, command)
        elif part.step_id != step.pk:
            _put(part, step, command, LATE_MOVE)


def _tell(part: Lot, step: Step, later: Event, command: Command) -> None:
    order = _of_part(part, command, LATE_MOVE)
    with suppress(WrongStepError):  # it was known to be there
        record_late_move(lot=part, to_step=step, overtaken_by=later, command=order)


def _put(part: Lot, step: Step, command: Command, reason: str) -> None:
    move_lot(lot=part, to_step=step, command=_of_part(part, command, reason))


def _of_part(part: Lot, command: Command, reason: str) -> Command:
    """Not before a late split has put the part where it was thought to be."""
    put = placing_events(part).filter(op_key__endswith=_key_end(part, LATE_SPLIT)).last()
    return replace(
        command,
        op_key=f"{command.op_key}{_key_end(part, reason)}",
        occurred_at=max(command.occurred_at, put.occurred_at) if put else command.occurred_at,
        reason=command.reason or reason,
    )


def _key_end(part: Lot, reason: str) -> str:
    return f":{reason}:{part.pk}"
