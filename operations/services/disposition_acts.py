"""What a person can do about held material: kinds to propose, and steps of what was proposed.

What is proposed is tried first: proposed, carried out, looked at, and rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from lots.domain.commands import Command
from operations.domain.changes import Change, Facts, changes
from operations.selectors.dispositions import CARRY_OUT, PROPOSE, SIGN
from operations.services.lot_facts import facts_of
from quality.domain.dispositions import DispositionOrder
from quality.domain.words import DispositionKind, DispositionStep
from quality.models import Disposition, Issue
from quality.services import (
    carry_out_disposition,
    do_effects,
    propose_disposition,
    refuse_disposition,
    sign_disposition,
    withdraw_disposition,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind as pages offer it."""

    kind: DispositionKind
    title: str
    icon: str


OFFERS = {
    offer.kind.value: offer
    for offer in (
        Offer(DispositionKind.USE_AS_IS, "Use as is", "check"),
        Offer(DispositionKind.RETEST, "Retest", "replay"),
        Offer(DispositionKind.REWORK, "Rework", "autorenew"),
        Offer(DispositionKind.SCRAP, "Scrap", "delete"),
        Offer(DispositionKind.RETURN, "Return to vendor", "local_shipping"),
    )
}


@dataclass(frozen=True, slots=True)
class DispositionAct:
    """One step. form: what it asks. is_tried: the page shows what carrying out would change."""

    name: str
    title: str
    icon: str
    right: str
    form: str
    done: str
    run: Callable[[Disposition, Command, str], Disposition]
    is_tried: bool = False
    is_main: bool = False


def _sign(row: Disposition, command: Command, words: str) -> Disposition:
    return sign_disposition(disposition=row, command=command, note=words)


def _refuse(row: Disposition, command: Command, words: str) -> Disposition:
    return refuse_disposition(disposition=row, command=command, reason=words)


def _withdraw(row: Disposition, command: Command, words: str) -> Disposition:
    return withdraw_disposition(disposition=row, command=command, reason=words)


def _carry_out(row: Disposition, command: Command, _: str) -> Disposition:
    return carry_out_disposition(disposition=row, command=command)


DISPOSITION_ACTS = {
    act.name: act
    for act in (
        DispositionAct(DispositionStep.SIGN, "Sign", "draw", SIGN, "note", "Signed", _sign,
                       is_tried=True, is_main=True),
        DispositionAct(DispositionStep.REFUSE, "Refuse", "block", SIGN, "reason", "Refused",
                       _refuse),
        DispositionAct(DispositionStep.CARRY_OUT, "Carry out", "task_alt", CARRY_OUT, "none",
                       "Carried out", _carry_out, is_tried=True, is_main=True),
        DispositionAct(DispositionStep.WITHDRAW, "Withdraw", "undo", PROPOSE, "reason",
                       "Withdrawn", _withdraw),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """What carrying it out would change, and the roles that sign before."""

    changes: Sequence[Change]
    roles: Sequence[str]


@transaction.atomic
def try_proposal(*, issue: Issue, order: DispositionOrder, command: Command) -> Trial:
    """Propose and carry out, and take both back. Refusals come as they would."""
    row = propose_disposition(issue=issue, order=order, command=command)
    roles = list(row.signatures.order_by("id").values_list("role__name", flat=True))
    trial = Trial(_tried(row, command), roles)
    transaction.set_rollback(True)
    return trial


@transaction.atomic
def try_carrying_out(*, disposition: Disposition, command: Command) -> Trial:
    """Carry it out, whoever signed so far, and take it back. Refusals come as they would."""
    trial = Trial(_tried(disposition, command), ())
    transaction.set_rollback(True)
    return trial


def _tried(row: Disposition, command: Command) -> list[Change]:
    before: Facts = facts_of([row.lot])
    do_effects(disposition=row, command=command)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return changes(before, facts_of([row.lot]))
