"""The life of a document: prepared, looked at, approved by another and posted once, or given up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import astuple, dataclass, field
from datetime import date, datetime
from typing import Generic

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from finance.domain.days import PostingDay, plant_day
from finance.domain.entries import Entry
from finance.domain.legs import Leg, imbalance
from finance.domain.queries import SEQ_MAX
from finance.domain.told import Told, refuse_unseen, told
from finance.models import LedgerHead
from finance.models.documents import AnyDocument, Document
from finance.selectors.documents import document_by_id, lots_not_posted
from finance.selectors.facts import Books, books, waiting_lots
from finance.selectors.told import document_rows
from finance.services.frame import HEAD
from finance.services.posting import locked_follower
from finance.services.writing import append
from supplychain.base.errors import ForbiddenError, RefusedError
from supplychain.base.keyed import made_once


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a document would post now. day: where it would count."""

    day: PostingDay
    legs: tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Trade(Generic[AnyDocument]):
    """How one kind of document differs from others.

    rows: all of them, with their people. called: as in "write-down", and how its op_keys begin.
    prepare, approve: rights. never_reversed: what to do once it is posted. foreseen: what one
    would post, or why it cannot be. once_posted: what is written beside, in the same transaction.
    """

    rows: QuerySet[AnyDocument]
    called: str
    prepare: str
    approve: str
    never_reversed: str
    foreseen: Callable[[AnyDocument, Books], Foreseen]
    once_posted: Callable[[AnyDocument], None] = field(default=lambda _document: None)


def prepared_once(
    trade: Trade[AnyDocument],
    make: Callable[[], AnyDocument],
    *,
    key: str,
    asked_sha256: str,
    preparer: User,
) -> AnyDocument:
    """A document that waits for somebody else; the first one again for the same key and content.

    make: it and its lines. ForbiddenError without the right; ConflictError for a key used
    otherwise; else what make() and foresee() refuse.
    """

    def made() -> AnyDocument:
        return tried(trade, make, preparer=preparer)[0]

    return made_once(trade.rows.all(), key, asked_sha256, made)


def tried(
    trade: Trade[AnyDocument], make: Callable[[], AnyDocument], *, preparer: User
) -> tuple[AnyDocument, Foreseen]:
    """What it would be and post, refused as above. It is kept, unless the transaction is undone."""
    if not preparer.has_perm(trade.prepare):
        raise ForbiddenError(f"{preparer} may not prepare {trade.called}s.")
    document = make()
    return document, foreseen_of(trade, document)


@transaction.atomic
def foreseen_of(trade: Trade[AnyDocument], document: AnyDocument) -> Foreseen:
    """What its approval would post as things stand; nothing is written."""
    return trade.foreseen(document, books())


def told_document(document: Document, foreseen: Foreseen) -> Told:
    """What its page shows: what it says, and what it would post."""
    own, *lines = document_rows(document)
    legs = [
        (leg.kind, *astuple(leg.position), leg.lot, leg.quantity, leg.amount)
        for leg in foreseen.legs
    ]
    return told(own, [astuple(foreseen.day), *lines, *legs])


@transaction.atomic
def approved(
    trade: Trade[AnyDocument], document: AnyDocument, *, approver: User, seen: str | None = None
) -> AnyDocument:
    """Post it as one transaction, in the first open period on or after its day, and freeze it.

    Approving it again is refused, so that it is posted once. ForbiddenError for its preparer and
    without the right; StaleError when it, or what it would post, is not what was seen; else as
    foreseen_of().
    """
    if not approver.has_perm(trade.approve):
        raise ForbiddenError(f"{approver} may not approve {trade.called}s.")
    locked_follower()
    document = _locked(trade, document)
    if document.prepared_by_id == approver.pk:
        raise ForbiddenError(f"Nobody approves a {trade.called} they prepared. Ask a colleague.")
    if document.approved_at is not None:
        raise RefusedError(f"{document} was approved before.")
    known, now = books(), timezone.now()
    foreseen = trade.foreseen(document, known)
    refuse_unseen(seen, told_document(document, foreseen))
    assert foreseen.legs and not imbalance(foreseen.legs), f"a {trade.called} posts and balances"
    append(_entries(trade.called, document, approver, foreseen, known, now), 1)
    document.transaction = LedgerHead.objects.get(name=HEAD).transaction
    document.approved_by, document.approved_at = approver, now
    document.save(update_fields=["approved_by", "approved_at", "transaction"])
    trade.once_posted(document)
    return document


@transaction.atomic
def given_up(trade: Trade[AnyDocument], document: AnyDocument, *, actor: User) -> None:
    """Take back one that waits. RefusedError once it is approved."""
    if not actor.has_perm(trade.prepare):
        raise ForbiddenError(f"{actor} may not give up {trade.called}s.")
    document = _locked(trade, document)
    if document.approved_at is not None:
        raise RefusedError(f"{document} is posted. {trade.never_reversed}")
    document.delete()


def refuse_unsettled(called: str, day: date, lots: Collection[str], known: Books) -> None:
    """RefusedError for a day to come, and for lots with events that are not posted."""
    if day > plant_day(timezone.now(), known.zone):
        raise RefusedError(f"{day} has not come yet. A {called} counts today or before.")
    if waiting := sorted({*lots_not_posted(lots), *waiting_lots(lots, SEQ_MAX)}):
        raise RefusedError(
            f"Lot {', '.join(waiting)} has events that are not posted yet. Let the poster run, "
            "and settle what is owed.",
            lots=waiting,
        )


def _locked(trade: Trade[AnyDocument], document: AnyDocument) -> AnyDocument:
    rows = trade.rows.select_for_update(of=("self",))
    return document_by_id(rows, document.pk, trade.called)


def _entries(
    called: str,
    document: AnyDocument,
    approver: User,
    foreseen: Foreseen,
    known: Books,
    now: datetime,
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
            lot=leg.lot or None,
            serial="",
            quantity=leg.quantity,
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
            op_key=f"{called}:{document.pk}:{line}",
            actor=document.prepared_by.get_username(),
            approver=approver.get_username(),
            reverses=None,
            reason=document.said,
        )
        for line, leg in enumerate(foreseen.legs, start=1)
    ]
