"""What a person can do with picked holds, to all of them or to none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction

from lots.domain.commands import Command
from lots.models import Event, Hold
from lots.services import assign_hold, date_hold, first_answer, locked_lots, release_hold


@dataclass(frozen=True, slots=True)
class HoldsAct:
    """One act. done: the sentence afterwards."""

    name: str
    title: str
    icon: str
    right: str
    done: str
    run: Callable[[Hold, Mapping[str, Any], Command], object]


def _release(hold: Hold, answers: Mapping[str, Any], command: Command) -> object:
    own = replace(command, op_key=f"{command.op_key}:{hold.pk}")
    return release_hold(hold=hold, disposition=answers["disposition"], command=own)


def _assign(hold: Hold, answers: Mapping[str, Any], _: Command) -> object:
    return assign_hold(hold=hold, owner=answers["owner"])


def _date(hold: Hold, answers: Mapping[str, Any], _: Command) -> object:
    return date_hold(hold=hold, due_on=answers["due_on"])


HOLDS_ACTS = {
    act.name: act
    for act in (
        HoldsAct("release", "Release", "check", "lots.release_lot", "Released", _release),
        HoldsAct("date", "Move due day", "event", "lots.hold_lot", "Due day moved", _date),
        HoldsAct("assign", "Assign owner", "assignment_ind", "lots.hold_lot", "Assigned", _assign),
    )
}


@transaction.atomic
def act_on_holds(
    *, act: HoldsAct, holds: Sequence[Hold], answers: Mapping[str, Any], command: Command
) -> None:
    """Do it to all; the first refusal takes all back."""
    locked_lots(hold.lot_id for hold in holds)
    for hold in sorted(holds, key=lambda one: one.pk):
        act.run(hold, answers, command)


def were_done(*, hold_ids: Sequence[int], op_key: str, asked_sha256: str) -> list[Event]:
    """Releases made under this key before, asked in the same words; none unless all were.

    ConflictError when the key was used for other words.
    """
    found = [first_answer(f"{op_key}:{pk}", asked_sha256) for pk in sorted(set(hold_ids))]
    return [event for event in found if event] if all(found) else []


def try_on_holds(
    *, act: HoldsAct, holds: Sequence[Hold], answers: Mapping[str, Any], command: Command
) -> None:
    """The same, taken back; refusals come as they would."""
    with transaction.atomic():
        act_on_holds(act=act, holds=holds, answers=answers, command=command)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
