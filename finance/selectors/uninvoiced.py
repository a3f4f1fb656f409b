"""Received or worked, and not invoiced: as of a line of the ledger and a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from finance.domain.invoices import Invoiced
from finance.domain.money import ZERO
from finance.domain.queries import as_of_date, as_of_seq
from finance.domain.uninvoiced import Came, Key, OpenLot, OpenSum, Proof, open_lots, sums_of
from finance.domain.words import Account, EntryKind, Given
from finance.models import InvoiceLine, LedgerEntry, ReceivedLine
from finance.selectors.balances import rows_as_of
from finance.selectors.calendar import entity
from finance.selectors.ledger import watermark
from supplychain.base.errors import MalformedError

FILTERS = ("supplier", "item", "lot")
OWED_BY = {
    Given.GOODS: (Account.SUPPLIER, "owner", EntryKind.PRICE_VARIANCE),
    Given.WORK: (Account.CONVERSION, "custodian", EntryKind.CONVERSION_VARIANCE),
}
"""The account, whose it is there, and the lines by which invoices differ."""
COLUMNS = (
    "supplier", "lot", "item", "stage", "unit_of_measure", "received_on", "age_days",
    "received_quantity", "received_amount", "invoiced_quantity", "invoiced_standard", "quantity",
    "amount",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UninvoicedAsked:
    """Facts up to a seq and a day; what is empty is not asked for. head_sha256: of that line."""

    as_of_seq: int
    day: date
    supplier: str = ""
    item: str = ""
    lot: str = ""
    given: Given = Given.GOODS
    head_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Uninvoiced:
    """rows: that fit. sums: of them, by supplier. proof: of all suppliers, or of the one asked."""

    rows: list[OpenLot]
    sums: list[OpenSum]
    amount: Decimal
    proof: Proof
    choices: dict[str, list[str]]


def uninvoiced_asked(given: Mapping[str, str]) -> UninvoicedAsked:
    """What words ask for; the plant's today without a day. MalformedError for what cannot be."""
    today, kind = entity().today(), given.get("of", Given.GOODS)
    if kind not in set(Given):
        raise MalformedError(f"of must be goods or work, not {kind}.", parameter="of")
    mark = watermark(as_of_seq(given))
    return UninvoicedAsked(
        as_of_seq=mark.seq,
        head_sha256=mark.sha256,
        day=as_of_date(given) or today,
        **{name: given.get(name, "") for name in FILTERS},
        given=Given(kind),
    )


def uninvoiced(asked: UninvoicedAsked) -> Uninvoiced:
    """Every lot that is not even, and the proof against the account."""
    came, done = _came(asked), _invoiced(asked)
    every = open_lots(came, done, asked.day)
    rows = [
        row
        for row in every
        if all(getattr(asked, name) in {"", getattr(row, name)} for name in FILTERS)
    ]
    return Uninvoiced(
        rows=rows,
        sums=sums_of(rows),
        amount=sum((row.amount for row in rows), ZERO),
        proof=_proof(asked, every),
        choices={
            name: sorted({getattr(row, name) for row in every}) for name in ("supplier", "item")
        },
    )


def _came(asked: UninvoicedAsked) -> dict[Key, Came]:
    rows: Any = (
        ReceivedLine.objects.filter(
            _given(asked), seq__lte=asked.as_of_seq, effective_on__lte=asked.day
        )
        .values("supplier", "lot", "item", "work")
        .annotate(
            units=Sum("quantity"),
            money=Sum("amount"),
            unit=Max("unit_of_measure"),
            at=Max("stage"),
            paid_on=Min("effective_on", filter=~Q(amount=0)),
            last_on=Max("effective_on"),
        )
        .exclude(units=0, money=0)
        .order_by()
    )
    return {
        (row["supplier"], row["lot"], row["item"], row["work"]): Came(
            row["unit"], row["at"], row["units"], row["money"], row["paid_on"] or row["last_on"]
        )
        for row in rows
    }


def _invoiced(asked: UninvoicedAsked) -> dict[Key, Invoiced]:
    rows: Any = (
        _lines(asked)
        .values("invoice__supplier__code", "lot", "item", "work")
        .annotate(units=Sum("quantity"), money=Sum("amount"), standard=Sum("standard_amount"))
        .order_by()
    )
    return {
        (row["invoice__supplier__code"], row["lot"], row["item"], row["work"]): Invoiced(
            row["units"], row["money"], row["standard"]
        )
        for row in rows
    }


def _lines(asked: UninvoicedAsked) -> QuerySet[InvoiceLine]:
    """Of invoices that were posted by that line of the ledger, and count by that day."""
    last = LedgerEntry.objects.filter(seq=asked.as_of_seq).values("transaction")
    return InvoiceLine.objects.filter(
        _given(asked),
        invoice__transaction__lte=Subquery(last),
        invoice__effective_on__lte=asked.day,
    )


def _proof(asked: UninvoicedAsked, every: list[OpenLot]) -> Proof:
    account, whose, kind = OWED_BY[asked.given]
    rows = rows_as_of(asked.as_of_seq, asked.day).filter(account=account)
    lines = _lines(asked)
    if asked.supplier:
        rows = rows.filter(**{whose: asked.supplier})
        lines = lines.filter(invoice__supplier__code=asked.supplier)
    differs = Q(kind=kind)
    sums = rows.aggregate(
        balance=Sum("amount", default=ZERO),
        received=Sum("amount", filter=~differs, default=ZERO),
        difference=Sum("amount", filter=differs, default=ZERO),
    )
    own = [row.amount for row in every if asked.supplier in {"", row.supplier}]
    return Proof(
        balance=sums["balance"],
        received=-sums["received"],
        difference=-sums["difference"],
        invoiced=lines.aggregate(money=Sum("amount", default=ZERO))["money"],
        open=sum(own, ZERO),
    )


def _given(asked: UninvoicedAsked) -> Q:
    """Goods or work, of lines received and of lines invoiced."""
    goods = Q(work="")
    return goods if asked.given is Given.GOODS else ~goods


def over_invoiced(supplier: str = "", lots: Collection[str] = ()) -> Any:
    """Lots of which more is invoiced than came: rows of lot, item, work and supplier.

    Of these lots of a supplier, or without one of all.
    """
    lines = InvoiceLine.objects.filter(invoice__approved_at__isnull=False)
    if supplier:
        lines = lines.filter(invoice__supplier__code=supplier, lot__code__in=lots)
    came = (
        ReceivedLine.objects.filter(
            lot=OuterRef("lot"),
            item=OuterRef("item"),
            work=OuterRef("work"),
            supplier=OuterRef("invoice__supplier__code"),
        )
        .order_by()
        .values("lot")
        .annotate(units=Sum("quantity"))
        .values("units")
    )
    rows: Any = (
        lines.values("lot", "item", "work", "invoice__supplier__code")
        .annotate(units=Sum("quantity"), came=Coalesce(Subquery(came), Value(0)))
        .filter(units__gt=0)
        .exclude(units__lte=F("came"))
        .order_by("lot", "item", "work")
    )
    return rows
