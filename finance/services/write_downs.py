"""Write-downs of stock: prepared, approved by another and posted once, or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction

from finance.domain.days import posting_day
from finance.domain.legs import Holdings
from finance.domain.write_downs import WriteDownOrder, amount_off, stock_of, write_down
from finance.models import WriteDown, WriteDownLine
from finance.selectors.facts import Books, holdings_of
from finance.selectors.write_downs import lots_posted_after, write_downs
from finance.services.documents import (
    Foreseen,
    Trade,
    approved,
    foreseen_of,
    given_up,
    prepared_once,
    refuse_unsettled,
    tried,
)
from finance.services.writing import mark_written_down
from lots.domain.chain import body_sha256
from lots.models import Lot
from supplychain.base.errors import MissingError, RefusedError, StaleError

PREPARE, APPROVE = "finance.add_writedown", "finance.approve_writedown"


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
    return prepared_once(
        WRITE_DOWNS,
        lambda: _made(order, preparer),
        key=key,
        asked_sha256=_sha256(order),
        preparer=preparer,
    )


def try_write_down(*, order: WriteDownOrder, preparer: User) -> Tried:
    """What it would be and post, refused as above; nothing is kept."""
    with transaction.atomic():
        document, foreseen = tried(WRITE_DOWNS, lambda: _made(order, preparer), preparer=preparer)
        found = Tried(tuple(document.lines.select_related("lot")), foreseen)
        transaction.set_rollback(True)
    return found


def foresee(*, document: WriteDown) -> Foreseen:
    """What its approval would post as things stand; nothing is written.

    RefusedError for a day to come, a lot that waits to be posted or has later lines, and for no
    open period; StaleError when a lot is carried otherwise than when it was prepared.
    """
    return foreseen_of(WRITE_DOWNS, document)


def approve_write_down(*, document: WriteDown, approver: User) -> WriteDown:
    """Posted once and frozen, as approved() says; refused as by foresee(), too."""
    return approved(WRITE_DOWNS, document, approver=approver)


def give_up_write_down(*, document: WriteDown, actor: User) -> None:
    """Take back one that waits. RefusedError once it is approved."""
    given_up(WRITE_DOWNS, document, actor=actor)


def _made(order: WriteDownOrder, preparer: User) -> WriteDown:
    document = WriteDown.objects.create(
        effective_on=order.effective_on,
        reason=order.reason,
        evidence=order.evidence,
        prepared_by=preparer,
    )
    _add_lines(document, order)
    return document


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
    _refuse_unsettled(document.effective_on, lots, known)
    holdings = holdings_of(lots)
    _refuse_stale(lines, holdings)
    legs = tuple(
        leg
        for line in lines
        for leg in write_down(line.lot.code, holdings[line.lot.code], line.amount)
    )
    return Foreseen(posting_day(document.effective_on, known.periods), legs)


def _refuse_unsettled(day: date, lots: list[str], known: Books) -> None:
    refuse_unsettled("write-down", day, lots, known)
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


def _mark_lots(document: WriteDown) -> None:
    mark_written_down(line.lot.code for line in document.lines.all())


WRITE_DOWNS = Trade(
    write_downs(),
    "write-down",
    PREPARE,
    APPROVE,
    "It is never reversed: what is left is the cost.",
    _foreseen,
    _mark_lots,
)
