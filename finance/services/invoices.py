"""Suppliers' invoices: matched and prepared, approved by another and posted once, or given up."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from finance.domain.days import posting_day
from finance.domain.invoices import InvoiceOrder, LineOrder, Match, price_difference
from finance.domain.words import InvoiceKind
from finance.models import Invoice, InvoiceLine
from finance.selectors.calendar import entity
from finance.selectors.facts import Books
from finance.selectors.invoices import invoices
from finance.selectors.received import matches
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
from lots.domain.chain import body_sha256
from lots.models import Lot, Supplier
from supplychain.base.errors import ConflictError, MissingError, RefusedError, StaleError

PREPARE, APPROVE = "finance.add_invoice", "finance.approve_invoice"


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A line of an order: its match, or why it does not fit."""

    order: LineOrder
    match: Match | None
    refusal: str


@dataclass(frozen=True, slots=True)
class TriedInvoice:
    """An invoice that was not kept. foreseen: None while a line does not fit."""

    lines: tuple[LookedAt, ...]
    foreseen: Foreseen | None


@transaction.atomic
def prepare_invoice(*, order: InvoiceOrder, key: str, preparer: User) -> Invoice:
    """An invoice that waits for somebody else; the first one again for the same key and order.

    ForbiddenError without the right; ConflictError for a key used otherwise, or a number that the
    supplier used before; MissingError for an unknown supplier or lot; RefusedError for another
    currency than the entity's, for lines that do not fit, and as foresee_invoice().
    """
    # Locked, so that a second call under the key finds what the first one made.
    Supplier.objects.select_for_update(no_key=True).filter(code=order.supplier).first()
    return prepared_once(
        INVOICES,
        lambda: _made(order, preparer),
        key=key,
        asked_sha256=_sha256(order),
        preparer=preparer,
    )


def try_invoice(*, order: InvoiceOrder, preparer: User) -> TriedInvoice:
    """Every line with its match or refusal, and what all would post; nothing is kept.

    Refused as above for what is not of a line.
    """
    with transaction.atomic():
        _refuse_head(order)
        found = matches(order)
        lines = tuple(
            LookedAt(line, None, match.detail)
            if isinstance(match, RefusedError)
            else LookedAt(line, match, "")
            for line, match in zip(order.lines, found, strict=True)
        )
        foreseen = None
        if not any(line.refusal for line in lines):
            _, foreseen = tried(INVOICES, lambda: _made(order, preparer), preparer=preparer)
        transaction.set_rollback(True)
    return TriedInvoice(lines, foreseen)


def foresee_invoice(*, document: Invoice) -> Foreseen:
    """What its approval would post as things stand; nothing is written.

    RefusedError for a day to come, a lot that waits to be posted, and for no open period;
    StaleError when more or less is received or invoiced than when it was prepared.
    """
    return foreseen_of(INVOICES, document)


def approve_invoice(*, document: Invoice, approver: User) -> Invoice:
    """Posted once and frozen, as approved() says; refused as by foresee_invoice(), too."""
    return approved(INVOICES, document, approver=approver)


def give_up_invoice(*, document: Invoice, actor: User) -> None:
    """Take back one that waits, whose number is free again. RefusedError once it is approved."""
    given_up(INVOICES, document, actor=actor)


def _made(order: InvoiceOrder, preparer: User) -> Invoice:
    supplier = _refuse_head(order)
    document = Invoice.objects.create(
        supplier=supplier,
        number=order.number,
        kind=order.kind,
        effective_on=order.invoiced_on,
        currency=order.currency,
        evidence=order.evidence,
        prepared_by=preparer,
    )
    InvoiceLine.objects.bulk_create(_line(document, match) for match in _fitting(order))
    return document


def _refuse_head(order: InvoiceOrder) -> Supplier:
    supplier = Supplier.objects.filter(code=order.supplier).first()
    if supplier is None:
        raise MissingError(f"There is no supplier {order.supplier}.", supplier=order.supplier)
    own = entity().currency
    if order.currency != own:
        raise RefusedError(
            f"The books are in {own}, and this invoice is in {order.currency}. Convert it at the "
            "rate it is paid at, and say so as evidence.",
            currency=own,
        )
    if used := Invoice.objects.filter(supplier=supplier, number__iexact=order.number).first():
        raise ConflictError(
            f"{order.supplier} used the number before: {used}, no. {used.pk} here. Look whether "
            "this one was entered already.",
            invoice=used.pk,
        )
    return supplier


def _fitting(order: InvoiceOrder) -> list[Match]:
    """Every line matched. MissingError for unknown lots; RefusedError for the first unfit line."""
    if not order.lines:
        raise RefusedError("Name at least one lot.")
    codes = {line.lot for line in order.lines}
    known = set(Lot.objects.filter(code__in=codes).values_list("code", flat=True))
    if missing := sorted(codes - known):
        raise MissingError(f"There is no lot {', '.join(missing)}.", lots=missing)
    fitting = []
    for match in matches(order):
        if isinstance(match, RefusedError):
            raise match
        fitting.append(match)
    return fitting


def _line(document: Invoice, match: Match) -> InvoiceLine:
    received, before = match.received, match.before
    return InvoiceLine(
        invoice=document,
        lot_id=received.lot,
        item_id=received.item,
        stage_id=received.stage or None,
        work=received.work,
        unit_of_measure=received.unit,
        quantity=match.quantity,
        unit_price=match.unit_price,
        amount=match.amount,
        standard_amount=match.standard,
        received_quantity=received.quantity,
        received_amount=received.amount,
        before_quantity=before.quantity,
        before_amount=before.amount,
        before_standard=before.standard,
    )


def _sha256(order: InvoiceOrder) -> str:
    return body_sha256(
        {
            "supplier": order.supplier,
            "number": order.number,
            "kind": order.kind,
            "invoiced_on": order.invoiced_on.isoformat(),
            "currency": order.currency,
            "evidence": order.evidence,
            "lines": [
                [line.lot, line.item, line.work, line.quantity, str(line.unit_price)]
                for line in order.lines
            ],
        }
    )


def _foreseen(document: Invoice, known: Books) -> Foreseen:
    lines = list(document.lines.order_by("lot_id", "work"))
    refuse_unsettled("invoice", document.effective_on, {line.lot_id for line in lines}, known)
    _refuse_stale(document, lines)
    legs = tuple(
        leg
        for line in lines
        for leg in price_difference(line.match, document.supplier.code, known.entity.code)
    )
    return Foreseen(posting_day(document.effective_on, known.periods), legs)


def _refuse_stale(document: Invoice, lines: list[InvoiceLine]) -> None:
    for line, match in zip(lines, matches(_order_of(document, lines)), strict=True):
        if match != line.match:
            now = f" {match.detail}" if isinstance(match, RefusedError) else ""
            raise StaleError(
                f"More or less of lot {line.lot_id} is received or invoiced than when this was "
                f"prepared.{now} Give this one up and prepare another.",
                lot=line.lot_id,
            )


def _order_of(document: Invoice, lines: list[InvoiceLine]) -> InvoiceOrder:
    return InvoiceOrder(
        supplier=document.supplier.code,
        number=document.number,
        kind=InvoiceKind(document.kind),
        invoiced_on=document.effective_on,
        currency=document.currency,
        evidence=document.evidence,
        lines=tuple(
            LineOrder(line.lot_id, abs(line.quantity), line.unit_price, line.item_id, line.work)
            for line in lines
        ),
    )


INVOICES = Trade(
    invoices(),
    "invoice",
    PREPARE,
    APPROVE,
    "What it claims too much is taken back by a credit note.",
    _foreseen,
)
