"""Material review up to the last signature: propose, sign, refuse, withdraw."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from lots.domain.commands import Command, Selection
from lots.models import Lot
from lots.services import locked_lots
from lots.services.lookups import lot_by_code
from lots.services.selecting import chosen
from quality.domain.dispositions import (
    REASON_CHARACTERS_MAX,
    DispositionOrder,
    RoleRule,
    is_stopped,
    roles_needed,
    state_after,
)
from quality.domain.words import (
    OPEN_STATES,
    DispositionKind,
    DispositionState,
    DispositionStep,
    IssueEventKind,
)
from quality.models import Disposition, Issue, RequiredSignature, Signature
from quality.selectors.dispositions import held_parts, undecided
from quality.services.disposition_frame import (
    Asked,
    answered_before,
    asked_of,
    end,
    locked_disposition,
    remember,
    standing_of,
)
from quality.services.history import locked
from supplychain.base.errors import ForbiddenError, MalformedError, RefusedError


@transaction.atomic
def propose_disposition(*, issue: Issue, order: DispositionOrder, command: Command) -> Disposition:
    """Propose what becomes of material on hold for the issue; whoever owns nothing takes it.

    RefusedError for a closed issue, for material that is not on hold for it or waits for another
    disposition, and where no role is named to sign. QuantityError for what the lot does not have.
    """
    (lot,) = locked_lots([lot_by_code(order.lot).pk])
    row = locked(issue)
    asked = asked_of(command, {"propose": row.number, **asdict(order)})
    if earlier := answered_before(asked):
        return earlier
    _refuse_undecidable(row, lot, order)
    quantity = quantity_of(lot, order)
    disposition = Disposition.objects.create(
        issue=row,
        kind=order.kind,
        lot=lot,
        wafers=list(order.wafers),
        serials=list(order.serials),
        quantity=quantity,
        details=order.details(),
        standing=asdict(standing_of(lot)),
        reason=order.reason.strip(),
        proposed_by_id=asked.actor_id,
        proposed_at=command.occurred_at,
    )
    _ask_for_signatures(disposition, lot)
    row.owner_id = row.owner_id or asked.actor_id
    note = f"{disposition} of lot {lot.code}, quantity {quantity}. {disposition.reason}"
    remember(row, disposition, IssueEventKind.PROPOSED, asked, note)
    return disposition


def _refuse_undecidable(issue: Issue, lot: Lot, order: DispositionOrder) -> None:
    if issue.state not in OPEN_STATES:
        raise RefusedError(f"{issue.number} is {issue.state}; reopen it first.", state=issue.state)
    other = undecided(issue).filter(lot=lot).first()
    if other is not None:
        raise RefusedError(
            f"{other.number} ({other.kind}, {other.state}) on lot {lot.code} is not carried out. "
            "Carry it out or withdraw it first.",
            disposition=other.number,
        )
    refuse_unless_stopped(issue, lot, order)


def refuse_unless_stopped(issue: Issue, lot: Lot, order: DispositionOrder) -> None:
    """RefusedError unless holds for the issue stop all of the material."""
    if not is_stopped(order.wafers, order.serials, held_parts(issue, lot)):
        what = f"Lot {lot.code}" if not (order.wafers or order.serials) else "All that is named"
        raise RefusedError(
            f"{what} is not on hold for {issue.number}. Hold it first, with a reason that begins "
            f"with {issue.number}.",
            lot=lot.code,
            issue=issue.number,
        )


def selection_of(lot: Lot, order: DispositionOrder) -> Selection:
    """The material as lots take it. RefusedError for a lot with nothing left."""
    if order.wafers or order.serials:
        return Selection(wafers=order.wafers, serials=order.serials)
    if not lot.quantity:
        raise RefusedError(f"Lot {lot.code} has nothing left to decide on.", lot=lot.code)
    return Selection(quantity=lot.quantity)


def quantity_of(lot: Lot, order: DispositionOrder) -> int:
    """How many good units are meant. QuantityError or PartError for what is not there."""
    return chosen(lot, selection_of(lot, order)).quantity


def _ask_for_signatures(disposition: Disposition, lot: Lot) -> None:
    rows = RequiredSignature.objects.filter(kind=disposition.kind).order_by("id")
    rules = [RoleRule(row.role_id, row.above_quantity, row.unit_of_measure) for row in rows]
    roles = roles_needed(rules, disposition.quantity, lot.unit_of_measure)
    if not roles:
        raise RefusedError(
            f"No role is named to sign {DispositionKind(disposition.kind)}. Name one under "
            "Required signatures in the admin.",
            kind=str(disposition.kind),
        )
    Signature.objects.bulk_create(
        Signature(disposition=disposition, role_id=role) for role in roles
    )


@transaction.atomic
def sign_disposition(*, disposition: Disposition, command: Command, note: str = "") -> Disposition:
    """Sign for a role of one's own; the last signature makes it ready to be carried out.

    ForbiddenError for who proposed it, signed it before, or is in no role that it waits for.
    """
    issue, row = locked_disposition(disposition)
    asked = asked_of(command, {"sign": row.number, "note": note})
    if earlier := answered_before(asked):
        return earlier
    after = state_after(DispositionStep.SIGN, DispositionState(row.state), row.number)
    signature = _own_signature(row, asked)
    _give(signature, asked, text_of("note", note))
    if not row.signatures.filter(person=None).exists():
        row.state = after
        row.save(update_fields=["state"])
    words = f"{row.number} for {signature.role.name}. {signature.note}".strip()
    remember(issue, row, IssueEventKind.SIGNED, asked, words)
    return row


@transaction.atomic
def refuse_disposition(*, disposition: Disposition, command: Command, reason: str) -> Disposition:
    """End it by a role that was asked to sign; refusals as for a signature."""
    issue, row = locked_disposition(disposition)
    asked = asked_of(command, {"refuse": row.number, "reason": reason})
    if earlier := answered_before(asked):
        return earlier
    after = state_after(DispositionStep.REFUSE, DispositionState(row.state), row.number)
    signature = _own_signature(row, asked)
    why = text_of("reason", reason, is_required=True)
    _give(signature, asked, why, is_refusal=True)
    row.state = after
    end(row, asked, why)
    words = f"{row.number} by {signature.role.name}. {why}"
    remember(issue, row, IssueEventKind.REFUSED, asked, words)
    return row


@transaction.atomic
def withdraw_disposition(*, disposition: Disposition, command: Command, reason: str) -> Disposition:
    """Give it up before it is carried out: by who proposed it, or may carry it out."""
    issue, row = locked_disposition(disposition)
    asked = asked_of(command, {"withdraw": row.number, "reason": reason})
    if earlier := answered_before(asked):
        return earlier
    row.state = state_after(DispositionStep.WITHDRAW, DispositionState(row.state), row.number)
    may = asked.actor().has_perm("quality.carry_out_disposition")
    if row.proposed_by_id != asked.actor_id and not may:
        raise ForbiddenError(f"Only who proposed {row.number}, or may carry it out, withdraws it.")
    why = text_of("reason", reason, is_required=True)
    end(row, asked, why)
    remember(issue, row, IssueEventKind.WITHDRAWN, asked, f"{row.number}. {why}")
    return row


def _own_signature(row: Disposition, asked: Asked) -> Signature:
    """The first signature still asked for that the actor may give."""
    if row.proposed_by_id == asked.actor_id:
        raise ForbiddenError(f"You proposed {row.number}. Others sign it.", disposition=row.number)
    signatures = list(
        Signature.objects.select_for_update(of=("self",))
        .select_related("role")
        .filter(disposition=row)
        .order_by("id")
    )
    if any(one.person_id == asked.actor_id for one in signatures):
        raise ForbiddenError(
            f"You signed {row.number} before. Someone else signs for the roles left.",
            disposition=row.number,
        )
    own = set(asked.actor().groups.values_list("id", flat=True))
    for one in signatures:
        if one.person_id is None and one.role_id in own:
            return one
    left = ", ".join(one.role.name for one in signatures if one.person_id is None)
    raise ForbiddenError(
        f"{row.number} waits for {left}; you are in no such role.", disposition=row.number
    )


def _give(signature: Signature, asked: Asked, note: str, *, is_refusal: bool = False) -> None:
    at: datetime = asked.command.occurred_at
    signature.person_id, signature.signed_at = asked.actor_id, at
    signature.note, signature.is_refusal = note, is_refusal
    signature.save(update_fields=["person", "signed_at", "note", "is_refusal"])


def text_of(name: str, text: str, *, is_required: bool = False) -> str:
    """The text without blanks around. MalformedError for one that is too long, or empty where

    it is required.
    """
    words = text.strip()
    if is_required and not words:
        raise MalformedError(f"Say why: {name} is empty.", field=name)
    if len(words) > REASON_CHARACTERS_MAX or "\0" in words:
        raise MalformedError(
            f"{name} is longer than {REASON_CHARACTERS_MAX} characters, or no text.", field=name
        )
    return words
