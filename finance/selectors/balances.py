"""Sums of the ledger: balances as of a seq and a day, and a period's roll-forward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from finance.domain.money import ZERO
from finance.domain.words import CARRYING
from finance.models import LedgerEntry, Period
from supplychain.base.errors import MissingError

BUCKET = ("account", "stage", "item", "unit_of_measure", "owner", "custodian")


@dataclass(frozen=True, slots=True)
class Bucket:
    """An account, and for what is carried the stage, item, unit, owner and custodian."""

    account: str
    stage: str | None
    item: str
    unit_of_measure: str
    owner: str
    custodian: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What a bucket holds."""

    bucket: Bucket
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Rolled:
    """A bucket over a period, in units or in money. check: opening + in - out - closing, zero."""

    opening: Decimal
    incoming: Decimal
    outgoing: Decimal
    closing: Decimal

    @property
    def check(self) -> Decimal:
        """closing is summed by itself, so that zero means something."""
        return self.opening + self.incoming - self.outgoing - self.closing


@dataclass(frozen=True, slots=True)
class RolledBucket:
    """A line of the roll-forward."""

    bucket: Bucket
    quantity: Rolled
    amount: Rolled


def balances(as_of_seq: int, as_of_date: date | None = None) -> list[Balance]:
    """Every bucket that is not empty."""
    return balances_of(rows_as_of(as_of_seq, as_of_date))


def balances_of(rows: QuerySet[LedgerEntry]) -> list[Balance]:
    """The rows summed by bucket, without those that come to nothing."""
    sums: Any = (
        rows.order_by()
        .values(*BUCKET)
        .annotate(units=Sum("quantity"), money=Sum("amount"))
        .exclude(units=0, money=0)
        .order_by(*BUCKET)
    )
    return [Balance(_bucket(row), row["units"], row["money"]) for row in sums]


def rows_as_of(as_of_seq: int, as_of_date: date | None = None) -> QuerySet[LedgerEntry]:
    """Rows with seq ≤ as_of_seq and effective day ≤ as_of_date."""
    rows = LedgerEntry.objects.filter(seq__lte=as_of_seq)
    return rows if as_of_date is None else rows.filter(effective_on__lte=as_of_date)


def rollforward(period: str, as_of_seq: int) -> list[RolledBucket]:
    """Opening + in - out = closing of every carrying bucket. MissingError for no such period."""
    found = Period.objects.filter(code=period).first()
    if found is None:
        raise MissingError(f"There is no period {period}.", period=period)
    before = Q(period__starts_on__lt=found.starts_on)
    rows = LedgerEntry.objects.filter(
        seq__lte=as_of_seq, account__in=CARRYING, period__starts_on__lte=found.starts_on
    )
    sums: Any = _rolled(rows, before, Q(period=period)).order_by(*BUCKET)
    lines = [
        RolledBucket(_bucket(row), _line(row, "quantity"), _line(row, "amount")) for row in sums
    ]
    return [line for line in lines if line.quantity != EMPTY or line.amount != EMPTY]


EMPTY = Rolled(ZERO, ZERO, ZERO, ZERO)


def _rolled(rows: QuerySet[LedgerEntry], before: Q, within: Q) -> Any:
    sums = {}
    for column in ("quantity", "amount"):
        plus, minus = Q(**{f"{column}__gt": 0}), Q(**{f"{column}__lt": 0})
        for name, side in [("opening", before), ("in", within & plus), ("out", within & minus)]:
            sums[f"{column}_{name}"] = Sum(column, filter=side)
        sums[f"{column}_closing"] = Sum(column)
    return rows.values(*BUCKET).annotate(**sums)


def _line(row: dict[str, Any], column: str) -> Rolled:
    return Rolled(
        Decimal(row[f"{column}_opening"] or 0),
        Decimal(row[f"{column}_in"] or 0),
        -Decimal(row[f"{column}_out"] or 0),
        Decimal(row[f"{column}_closing"]),
    )


def _bucket(row: dict[str, Any]) -> Bucket:
    return Bucket(*(row[name] for name in BUCKET))
