"""A split and a move of one lot that came the wrong way round: parts are put where they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from intake.feeds.lookups import lot_by_code, step_of
from intake.feeds.wip_rows import overtaken_by
from lots.domain.commands import Command
from lots.domain.words import LineageKind, LotState, Verb
from lots.models import Event, Lot, LotLineage, Step
from lots.selectors.placing import placing_events
from lots.services import locked_lots, move_lot
from supplychain.base.errors import RefusedError

LATE_SPLIT, LATE_MOVE = "late-split", "late-move"


def bring_back(lot: Lot, child_code: str, later: Event, command: Command) -> None:
    """The part stays where the lot stood when it was split, though the lot went on since.

    RefusedError where that is at another company.
    """
    before = placing_events(lot).filter(occurred_at__lte=command.occurred_at)
    last = before.order_by("-occurred_at", "-seq").first()
    step = last.step_to if last else later.step_from
    if later.verb in {Verb.SHIP, Verb.RECEIVE} or step is None:
        raise RefusedError(
            f"It came late: lot {lot.code} went on by {later.verb} since. Split it by hand, or "
            "drop the row.",
            lot=lot.code,
        )
    child = lot_by_code(child_code)
    if child.step_id != step.pk:
        _put(child, step, command, LATE_SPLIT)


def parts_split_since(lot: Lot, command: Command) -> list[Lot]:
    """What was split off the lot after the command happened and still stands beside it.

    They are locked together with it, as whoever takes several lots does.
    """
    found: list[Lot] = []
    parents = [lot.pk]
    while parents:
        links = LotLineage.objects.filter(
            parent__in=parents,
            kind=LineageKind.SPLIT,
            event__occurred_at__gte=command.occurred_at,
            child__step=lot.step_id,
            child__state=LotState.ACTIVE,
            child__quantity__gt=0,
        ).select_related("child")
        parts = [link.child for link in links if overtaken_by(link.child, command) is None]
        parents = [part.pk for part in parts]
        found += parts
    if found:
        locked_lots([lot.pk, *(part.pk for part in found)])
    return found


def take_along(parts: Sequence[Lot], step_code: str, command: Command) -> None:
    """They were still in the lot when it went to the step."""
    for part in parts:
        _put(part, step_of(part, step_code), command, LATE_MOVE)


def _put(part: Lot, step: Step, command: Command, reason: str) -> None:
    key = f"{command.op_key}:{reason}:{part.pk}"
    put = replace(command, op_key=key, reason=command.reason or reason)
    move_lot(lot=part, to_step=step, command=put)
