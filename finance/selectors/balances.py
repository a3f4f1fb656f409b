"""Sums of the ledger: balances as of a seq and a day, and a period's roll-forward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum

from finance.domain.money import ZERO
from finance.domain.words import CARRYING
from finance.models import LedgerEntry, Period, PeriodClose
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
        """opening and closing come from different records, so that zero means something."""
        return self.opening + self.incoming - self.outgoing - self.closing


@dataclass(frozen=True, slots=True)
class RolledBucket:
    """A line of the roll-forward."""

    bucket: Bucket
    quantity: Rolled
    amount: Rolled


@dataclass(frozen=True, slots=True)
class Opening:
    """What a period opens with: what the last close before it kept of every bucket, if any.

    closed_on: first day of the period of that close.
    """

    period: str
    starts_on: date
    closed_on: date | None
    carried: list[list[Any]] | None


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
    """Opening + in - out = closing of every carrying bucket. MissingError for no such period.

    The opening is what the last close before it kept, and what the periods between brought since;
    the closing is the sum of all lines. So the check is zero only while no line of a closed period
    was changed, added or lost. Where none was closed before, the opening is summed from its lines.
    """
    return rolled_from(opening_of(period, as_of_seq), as_of_seq)


def rolled_from(opening: Opening, as_of_seq: int) -> list[RolledBucket]:
    """The roll-forward of the opening's period."""
    closed_on = opening.closed_on or date.min
    before = Q(period__starts_on__lt=opening.starts_on, period__starts_on__gt=closed_on)
    rows = _carried(opening.starts_on, as_of_seq)
    kept = {_kept_bucket(row): row[len(BUCKET) :] for row in opening.carried or ()}
    lines = []
    for row in _rolled(rows, before, Q(period=opening.period)).order_by(*BUCKET):
        bucket = _bucket(row)
        units, money = kept.pop(bucket, NOTHING)
        quantity, amount = _line(row, "quantity", units), _line(row, "amount", money)
        lines.append(RolledBucket(bucket, quantity, amount))
    for bucket, (units, money) in kept.items():
        lines.append(RolledBucket(bucket, _lost(units), _lost(money)))
    return [line for line in lines if line.quantity != EMPTY or line.amount != EMPTY]


EMPTY = Rolled(ZERO, ZERO, ZERO, ZERO)
NOTHING = ("0", "0")


def carried_at_end(period: Period, as_of_seq: int) -> list[list[str | None]]:
    """What every carrying bucket holds at the period's end, as its close keeps it."""
    return [
        [*(getattr(line.bucket, name) for name in BUCKET), str(line.quantity), str(line.amount)]
        for line in balances_of(_carried(period.starts_on, as_of_seq))
    ]


def _carried(starts_on: date, as_of_seq: int) -> QuerySet[LedgerEntry]:
    """Lines of what is carried, in this period and those before."""
    return LedgerEntry.objects.filter(
        seq__lte=as_of_seq, account__in=CARRYING, period__starts_on__lte=starts_on
    )


def opening_of(code: str, as_of_seq: int) -> Opening:
    """As far as that was then. MissingError for no such period."""
    last = PeriodClose.objects.filter(
        period__starts_on__lt=OuterRef("starts_on"),
        version=1,
        carried__isnull=False,
        seq__lte=as_of_seq,
    ).order_by("-period__starts_on")[:1]
    found = (
        Period.objects.filter(code=code)
        .annotate(
            closed_on=Subquery(last.values("period__starts_on")),
            carried=Subquery(last.values("carried")),
        )
        .values_list("code", "starts_on", "closed_on", "carried")
        .first()
    )
    if found is None:
        raise MissingError(f"There is no period {code}.", period=code)
    return Opening(*found)


def _rolled(rows: QuerySet[LedgerEntry], before: Q, within: Q) -> Any:
    sums = {}
    for column in ("quantity", "amount"):
        plus, minus = Q(**{f"{column}__gt": 0}), Q(**{f"{column}__lt": 0})
        for name, side in [("opening", before), ("in", within & plus), ("out", within & minus)]:
            sums[f"{column}_{name}"] = Sum(column, filter=side)
        sums[f"{column}_closing"] = Sum(column)
    return rows.values(*BUCKET).annotate(**sums)


def _line(row: dict[str, Any], column: str, kept: str) -> Rolled:
    """kept: what the last close before says that the bucket held."""
    return Rolled(
        Decimal(kept) + Decimal(row[f"{column}_opening"] or 0),
        Decimal(row[f"{column}_in"] or 0),
        -Decimal(row[f"{column}_out"] or 0),
        Decimal(row[f"{column}_closing"]),
    )


def _lost(kept: str) -> Rolled:
    """Of a bucket that has no lines any more."""
    return Rolled(Decimal(kept), ZERO, ZERO, ZERO)


def _kept_bucket(row: list[Any]) -> Bucket:
    return Bucket(*row[: len(BUCKET)])


def _bucket(row: dict[str, Any]) -> Bucket:
    return Bucket(*(row[name] for name in BUCKET))
