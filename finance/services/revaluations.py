"""Revaluations of stock: prepared, approved by another and posted once, or given up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from django.contrib.auth.models import User
from django.db import transaction

from finance.domain.days import posting_day
from finance.domain.facts import Book
from finance.domain.revaluations import (
    RevaluationOrder,
    StockLine,
    lots_by_supplier,
    off_standard,
    reasons_left_out,
    revaluable,
    revalue_stock,
)
from finance.domain.words import LeftOutReason
from finance.models import Revaluation, RevaluationLine
from finance.selectors.costs import cost_version
from finance.selectors.facts import Books, books
from finance.selectors.lots_then import vendors_now
from finance.selectors.revaluations import (
    lots_apart,
    order_of,
    revaluations,
    stock_in,
    stock_lines,
)
from finance.services.documents import (
    Foreseen,
    Trade,
    approved,
    foreseen_of,
    given_up,
    prepared_once,
    refuse_unsettled,
)
from lots.domain.chain import body_sha256
from supplychain.base.errors import ForbiddenError, RefusedError, StaleError

PREPARE, APPROVE = "finance.add_revaluation", "finance.approve_revaluation"
ROWS_AT_ONCE = 2000
NAMED_MAX = 10
CHANGED = {
    LeftOutReason.NOT_POSTED: (
        RefusedError,
        "have events that are not posted yet. Let the poster run, and settle what is owed.",
    ),
    LeftOutReason.MOVED_LATER: (
        StaleError,
        "have moved after the day since this was prepared. Give it up and prepare another.",
    ),
    LeftOutReason.WRITTEN_DOWN: (
        StaleError,
        "were written down since this was prepared. Give it up and prepare another.",
    ),
}
"""Why a lot that was to be revalued is left out by now → what is said of it."""


@dataclass(frozen=True, slots=True)
class TriedRevaluation:
    """A revaluation that was not kept: its lines, those left out too, and what it would post."""

    lines: tuple[StockLine, ...]
    foreseen: Foreseen


@transaction.atomic
def prepare_revaluation(*, order: RevaluationOrder, key: str, preparer: User) -> Revaluation:
    """A document that waits for somebody else; the first one again for the same key and order.

    ForbiddenError without the right; ConflictError for a key used otherwise; else as
    try_revaluation().
    """
    return prepared_once(
        REVALUATIONS,
        lambda: _made(order, preparer),
        key=key,
        asked_sha256=body_sha256(asdict(order)),
        preparer=preparer,
    )


@transaction.atomic
def try_revaluation(*, order: RevaluationOrder, preparer: User) -> TriedRevaluation:
    """What it would be and post; nothing is kept.

    MissingError for a version, item, stage or custodian that there is not; RefusedError for a day
    to come, a version that is not in force on the day, stock that is all at standard or left out,
    and more than a transaction holds.
    """
    if not preparer.has_perm(PREPARE):
        raise ForbiddenError(f"{preparer} may not prepare revaluations.")
    known = books()
    lines = _off_standard(order, known)
    return TriedRevaluation(tuple(lines), _posted(order, lines, known))


@transaction.atomic
def foresee_revaluation(*, document: Revaluation) -> Foreseen:
    """What its approval would post as things stand; nothing is written.

    Refused as try_revaluation(); RefusedError while one of its lots has events not posted;
    StaleError when one is carried otherwise than when it was prepared.
    """
    return foreseen_of(REVALUATIONS, document)


def approve_revaluation(*, document: Revaluation, approver: User) -> Revaluation:
    """Posted once and frozen, as approved() says; refused as by foresee_revaluation(), too."""
    return approved(REVALUATIONS, document, approver=approver)


def give_up_revaluation(*, document: Revaluation, actor: User) -> None:
    """Take back one that waits. RefusedError once it is approved."""
    given_up(REVALUATIONS, document, actor=actor)


def _made(order: RevaluationOrder, preparer: User) -> Revaluation:
    lines = _off_standard(order, books())
    document = Revaluation.objects.create(
        version_id=order.version,
        effective_on=order.effective_on,
        reason=order.reason,
        evidence=order.evidence,
        item_id=order.item or None,
        stage_id=order.stage or None,
        custodian_id=order.custodian or None,
        prepared_by=preparer,
    )
    RevaluationLine.objects.bulk_create(_rows(document, lines), batch_size=ROWS_AT_ONCE)
    return document


def _rows(document: Revaluation, lines: Iterable[StockLine]) -> list[RevaluationLine]:
    return [
        RevaluationLine(
            revaluation=document,
            lot_id=line.lot,
            account=line.position.account,
            stage_id=line.position.stage or None,
            item_id=line.position.item,
            unit_of_measure=line.position.unit,
            owner=line.position.owner,
            custodian_id=line.position.custodian,
            quantity=line.quantity,
            carried_amount=line.carried,
            standard_amount=line.standard,
            left_out=line.left_out or "",
        )
        for line in lines
    ]


def _foreseen(document: Revaluation, known: Books) -> Foreseen:
    order, lines = order_of(document), stock_lines(document)
    _refuse_changed(revaluable(lines), _off_standard(order, known))
    return _posted(order, lines, known)


def _posted(order: RevaluationOrder, lines: Sequence[StockLine], known: Books) -> Foreseen:
    legs = revalue_stock(lines)
    if not legs:
        raise RefusedError(
            f"Nothing is to be revalued: this stock is carried at the standard of {order.version}"
            f"{_left_out(lines)}."
        )
    return Foreseen(posting_day(order.effective_on, known.periods), legs)


def _off_standard(order: RevaluationOrder, known: Books) -> list[StockLine]:
    """The stock that is asked for, as it stands, where it is not carried at standard."""
    refuse_unsettled("revaluation", order.effective_on, (), known)
    book, holdings = _book(order, known), stock_in(order)
    apart = lots_apart(holdings, order.effective_on)
    suppliers = vendors_now(lots_by_supplier(holdings, book))
    return off_standard(holdings, book, replace(apart, suppliers=suppliers))


def _book(order: RevaluationOrder, known: Books) -> Book:
    version, day = cost_version(order.version), order.effective_on
    if version.approved_at is None:
        raise RefusedError(f"Cost version {version.code} is not approved. Have it approved first.")
    if day < version.effective_on:
        raise RefusedError(
            f"Cost version {version.code} applies from {version.effective_on} on. Take that day or "
            "a later one."
        )
    in_force, book = known.on(day)
    if in_force != version.code:
        raise RefusedError(
            f"On {day} cost version {in_force} is in force. Revalue to that one, or take a day "
            f"on which {version.code} is.",
            version=in_force,
        )
    return book


def _refuse_changed(lines: Sequence[StockLine], now: Iterable[StockLine]) -> None:
    """lines: as prepared. now: the same stock as it stands."""
    known = {(line.lot, line.position): line for line in now}
    changed = [line for line in lines if known.get((line.lot, line.position)) != line]
    left_out: dict[LeftOutReason, list[str]] = {}
    for line in changed:
        found = known.get((line.lot, line.position))
        if found and found.left_out:
            left_out.setdefault(found.left_out, []).append(line.lot)
    for reason, (error, words) in CHANGED.items():
        if lots := left_out.get(reason):
            raise error(f"{_named(lots)} {words}", lots=lots[:NAMED_MAX])
    if changed:
        lots = [line.lot for line in changed]
        raise StaleError(
            f"{_named(lots)} were carried otherwise when this was prepared. Give it up and prepare "
            "another.",
            lots=lots[:NAMED_MAX],
        )


def _left_out(lines: Iterable[StockLine]) -> str:
    reasons = reasons_left_out(lines).items()
    told = ", ".join(f"{count:,} {reason.replace('-', ' ')}" for reason, count in reasons)
    return f", or is left out: {told}" if told else ""


def _named(lots: Sequence[str]) -> str:
    """Lots A, B and so many more."""
    more = len(lots) - NAMED_MAX
    return f"Lots {', '.join(lots[:NAMED_MAX])}" + (f" and {more:,} more" if more > 0 else "")


REVALUATIONS = Trade(
    revaluations().prefetch_related("lines"),
    "revaluation",
    PREPARE,
    APPROVE,
    "It is not taken back: approve costs that are right, and revalue to them.",
    _foreseen,
)
