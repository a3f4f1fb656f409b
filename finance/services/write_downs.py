"""Write-downs of stock: prepared, approved by another and posted once, or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from finance.domain.days import PostingDay, plant_day, posting_day
from finance.domain.entries import Entry
from finance.domain.legs import Holdings, Leg, imbalance
from finance.domain.write_downs import WriteDownOrder, amount_off, stock_of, write_down
from finance.models import LedgerHead, WriteDown, WriteDownLine
from finance.selectors.facts import Books, books, holdings_of, waiting_lots
from finance.selectors.write_downs import lots_not_posted, lots_posted_after, write_down_by_id
from finance.services.frame import HEAD
from finance.services.posting import SEQ_MAX, locked_follower
from finance.services.writing import append, mark_written_down
from lots.domain.chain import body_sha256
from lots.models import Lot
from supplychain.base.errors import (
    ForbiddenError,
    MissingError,
    RefusedError,
    StaleError,
)
from supplychain.base.keyed import made_once

PREPARE, APPROVE = "finance.add_writedown", "finance.approve_writedown"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a write-down would post now. day: where it would count."""

    day: PostingDay
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A write-down that was not kept: its lines, and what it would post."""

    lines: tuple[WriteDownLine, ...]
    foreseen: Foreseen


@transaction.atomic
def prepare_write_down(*, order: WriteDownOrder, key: str, preparer: User) -> WriteDown:
    """A document that waits for somebody else; the first one again for the same key and order.

    ForbiddenError without the right; ConflictError for a key used otherwise; MissingError for an
    unknown lot; RefusedError for an amount the lot does not carry, or what foresee() refuses.
    """
    documents = WriteDown.objects.all()
    return made_once(documents, key, _sha256(order), lambda: _prepared(order, preparer))


def try_write_down(*, order: WriteDownOrder, preparer: User) -> Tried:
    """What it would be and post, refused as above; nothing is kept."""
    with transaction.atomic():
        document = _prepared(order, preparer)
        tried = Tried(tuple(document.lines.select_related("lot")), foresee(document=document))
        transaction.set_rollback(True)
    return tried


def _prepared(order: WriteDownOrder, preparer: User) -> WriteDown:
    if not preparer.has_perm(PREPARE):
        raise ForbiddenError(f"{preparer} may not prepare write-downs.")
    document = WriteDown.objects.create(
        effective_on=order.effective_on,
        reason=order.reason,
        evidence=order.evidence,
        prepared_by=preparer,
    )
    _add_lines(document, order)
    foresee(document=document)
    return document


@transaction.atomic
def foresee(*, document: WriteDown) -> Foreseen:
    """What its approval would post as things stand; nothing is written.

    RefusedError for a day to come, a lot that waits to be posted or has later lines, and for no
    open period; StaleError when a lot is carried otherwise than when it was prepared.
    """
    return _foreseen(document, books())


@transaction.atomic
def approve_write_down(*, document: WriteDown, approver: User) -> WriteDown:
    """Post it as one transaction, in the first open period on or after its day, and freeze it.

    Approving it again is refused, so that it is posted once. ForbiddenError for its preparer and
    without the right; else as foresee().
    """
    if not approver.has_perm(APPROVE):
        raise ForbiddenError(f"{approver} may not approve write-downs.")
    locked_follower()
    document = _locked(document)
    if document.prepared_by_id == approver.pk:
        raise ForbiddenError("Nobody approves a write-down they prepared. Ask a colleague.")
    if document.approved_at is not None:
        raise RefusedError(f"Write-down {document.pk} was approved before.")
    known, now = books(), timezone.now()
    foreseen = _foreseen(document, known)
    assert not imbalance(foreseen.legs), "a write-down balances"
    append(_entries(document, approver, foreseen, known, now), 1)
    mark_written_down({leg.lot for leg in foreseen.legs})
    document.transaction = LedgerHead.objects.get(name=HEAD).transaction
    document.approved_by, document.approved_at = approver, now
    document.save(update_fields=["approved_by", "approved_at", "transaction"])
    return document


@transaction.atomic
def give_up_write_down(*, document: WriteDown, actor: User) -> None:
    """Take back one that waits. RefusedError once it is approved."""
    if not actor.has_perm(PREPARE):
        raise ForbiddenError(f"{actor} may not give up write-downs.")
    document = _locked(document)
    if document.approved_at is not None:
        raise RefusedError(
            f"Write-down {document.pk} is posted. It is never reversed: what is left is the cost."
        )
    document.delete()


def _locked(document: WriteDown) -> WriteDown:
    if not WriteDown.objects.select_for_update().filter(pk=document.pk).exists():
        raise MissingError(f"There is no write-down {document.pk}.", write_down=document.pk)
    return write_down_by_id(document.pk)


def _sha256(order: WriteDownOrder) -> str:
    lots = [[one.lot, str(one.by), str(one.to)] for one in order.lots]
    return body_sha256(
        {
            "effective_on": order.effective_on.isoformat(),
            "reason": order.reason,
            "evidence": order.evidence,
            "lots": lots,
        }
    )


def _add_lines(document: WriteDown, order: WriteDownOrder) -> None:
    codes = [one.lot for one in order.lots]
    if not codes or len(set(codes)) < len(codes):
        raise RefusedError("Name at least one lot, and each only once.")
    known = {lot.code: lot for lot in Lot.objects.filter(code__in=codes)}
    if missing := sorted(set(codes) - set(known)):
        raise MissingError(f"There is no lot {', '.join(missing)}.", lots=missing)
    holdings = holdings_of(codes)
    lines = []
    for one in order.lots:
        carried = stock_of(holdings.get(one.lot, {}))
        lines.append(
            WriteDownLine(
                write_down=document,
                lot=known[one.lot],
                amount=amount_off(one, carried.amount),
                carried_quantity=carried.quantity,
                carried_amount=carried.amount,
            )
        )
    WriteDownLine.objects.bulk_create(lines)


def _foreseen(document: WriteDown, known: Books) -> Foreseen:
    lines = list(document.lines.select_related("lot").order_by("lot__code"))
    lots = [line.lot.code for line in lines]
    _refuse_unsettled(document, lots, known)
    holdings = holdings_of(lots)
    _refuse_stale(lines, holdings)
    legs = tuple(
        leg
        for line in lines
        for leg in write_down(line.lot.code, holdings[line.lot.code], line.amount)
    )
    return Foreseen(posting_day(document.effective_on, known.periods), legs)


def _refuse_unsettled(document: WriteDown, lots: list[str], known: Books) -> None:
    day = document.effective_on
    if day > plant_day(timezone.now(), known.zone):
        raise RefusedError(f"{day} has not come yet. A write-down counts today or before.")
    if waiting := sorted({*lots_not_posted(lots), *waiting_lots(lots, SEQ_MAX)}):
        raise RefusedError(
            f"Lot {', '.join(waiting)} has events that are not posted yet. Let the poster run, "
            "and settle what is owed.",
            lots=waiting,
        )
    if later := lots_posted_after(lots, day):
        raise RefusedError(
            f"Lot {', '.join(later)} has moved after {day}. Take the day of its last line or a "
            "later one.",
            lots=later,
        )


def _refuse_stale(lines: Sequence[WriteDownLine], holdings: Holdings) -> None:
    for line in lines:
        carried = stock_of(holdings.get(line.lot.code, {}))
        if (carried.quantity, carried.amount) != (line.carried_quantity, line.carried_amount):
            raise StaleError(
                f"Lot {line.lot.code} was carried with {line.carried_quantity} units at "
                f"{line.carried_amount} when this was prepared, and now with {carried.quantity} at "
                f"{carried.amount}. Give this one up and prepare another.",
                lot=line.lot.code,
            )


def _entries(
    document: WriteDown, approver: User, foreseen: Foreseen, known: Books, now: datetime
) -> list[Entry]:
    version, _ = known.on(document.effective_on)
    return [
        Entry(
            seq=line,
            transaction=1,
            line=line,
            kind=leg.kind,
            account=leg.position.account,
            stage=leg.position.stage or None,
            item=leg.position.item,
            lot=leg.lot,
            serial="",
            quantity=0,
            unit_of_measure=leg.position.unit,
            cost_version=version,
            amount=leg.amount,
            currency=known.entity.currency,
            owner=leg.position.owner,
            custodian=leg.position.custodian,
            effective_on=foreseen.day.effective_on,
            recorded_at=now,
            period=foreseen.day.period,
            is_prior_period=foreseen.day.is_prior,
            source_seq=None,
            op_key=f"write-down:{document.pk}:{line}",
            actor=document.prepared_by.get_username(),
            approver=approver.get_username(),
            reverses=None,
            reason=document.reason,
        )
        for line, leg in enumerate(foreseen.legs, start=1)
    ]
