"""What stands behind a sum: the lines of the ledger it was made of, and the lots they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from finance.domain.money import ZERO
from finance.domain.words import Side
from finance.models import LedgerEntry, Period
from finance.selectors.balances import BUCKET, rows_as_of
from supplychain.base.errors import MissingError

NO_STAGE = "-"
LINES_A_PAGE = 100
LOTS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class LinesAsked:
    """Which lines, up to a seq and a day. What is empty is not asked for.

    bucket: columns of a bucket, stage NO_STAGE for none. event: seq of the lots event behind
    them. side: of the period; all that it took without one.
    """

    as_of_seq: int
    as_of_date: date | None = None
    bucket: dict[str, str] = field(default_factory=dict)
    lot: str = ""
    event: int | None = None
    period: str = ""
    side: Side | None = None
    is_late: bool = False
    kind: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether they are fewer than all up to that seq and day."""
        narrow = (self.bucket, self.lot, self.event, self.period, self.kind, self.is_late)
        return any(narrow)


@dataclass(frozen=True, slots=True)
class LinesSum:
    """Lines of one unit of measure: units and money, of the side that is asked."""

    unit_of_measure: str
    count: int
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LotHeld:
    """What a lot adds to the sum."""

    lot: str
    item: str
    unit_of_measure: str
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LinesPage:
    """A page of lines in seq order. after: where the next one begins, None for the last."""

    lines: list[LedgerEntry]
    after: int | None


def asked_lines(asked: LinesAsked) -> QuerySet[LedgerEntry]:
    """The lines in seq order. MissingError for a period that there is not."""
    rows = rows_as_of(asked.as_of_seq, asked.as_of_date)
    for name in BUCKET:
        if value := asked.bucket.get(name, ""):
            is_none = name == "stage" and value == NO_STAGE
            rows = rows.filter(**({"stage__isnull": True} if is_none else {name: value}))
    if asked.lot:
        rows = rows.filter(lot__code=asked.lot)
    if asked.event is not None:
        rows = rows.filter(source_seq=asked.event)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.is_late:
        rows = rows.filter(is_prior_period=True)
    if asked.period:
        rows = rows.filter(_of_period(asked.period, asked.side))
    return rows.order_by("seq")


def lines_page(asked: LinesAsked, after_seq: int) -> LinesPage:
    """At most LINES_A_PAGE lines after a seq."""
    found = list(asked_lines(asked).filter(seq__gt=after_seq)[: LINES_A_PAGE + 1])
    lines = found[:LINES_A_PAGE]
    return LinesPage(lines, lines[-1].seq if len(found) > len(lines) else None)


def line_sums(asked: LinesAsked) -> list[LinesSum]:
    """The same figure as in the table that the lines were asked from, by unit of measure."""
    rows: Any = _summed(asked, "unit_of_measure").annotate(count=Count("seq"))
    return [
        LinesSum(row["unit_of_measure"], row["count"], row["units"], row["money"])
        for row in rows.order_by("unit_of_measure")
    ]


def lots_held(asked: LinesAsked) -> list[LotHeld]:
    """Lots that add something to the sum, the dearest first; at most LOTS_SHOWN."""
    rows: Any = (
        _summed(asked, "lot", "item", "unit_of_measure")
        .filter(lot__isnull=False)
        .exclude(units=0, money=0)
        .order_by("-money", "-units", "lot")
    )
    return [
        LotHeld(row["lot"], row["item"], row["unit_of_measure"], row["units"], row["money"])
        for row in rows[:LOTS_SHOWN]
    ]


def transaction_lines(number: int) -> list[LedgerEntry]:
    """The lines of a transaction. MissingError for one that there is not."""
    found = list(LedgerEntry.objects.filter(transaction=number).order_by("line"))
    if not found:
        raise MissingError(f"There is no transaction {number}.", transaction=number)
    return found


def _of_period(code: str, side: Side | None) -> Q:
    """Source: selectors.balances.rollforward."""
    starts_on = Period.objects.filter(code=code).values_list("starts_on", flat=True).first()
    if starts_on is None:
        raise MissingError(f"There is no period {code}.", period=code)
    if side == Side.OPENING:
        return Q(period__starts_on__lt=starts_on)
    if side == Side.CLOSING:
        return Q(period__starts_on__lte=starts_on)
    if side == Side.INCOMING:
        return Q(period=code) & (Q(quantity__gt=0) | Q(amount__gt=0))
    if side == Side.OUTGOING:
        return Q(period=code) & (Q(quantity__lt=0) | Q(amount__lt=0))
    return Q(period=code)


def _summed(asked: LinesAsked, *by: str) -> Any:
    """units, money: of one sign only where a side has one; what went out counts positive."""
    sums: dict[str, Any] = {}
    for name, column in (("units", "quantity"), ("money", "amount")):
        zero = ZERO if column == "amount" else 0
        if asked.side == Side.INCOMING:
            sums[name] = Sum(column, filter=Q(**{f"{column}__gt": 0}), default=zero)
        elif asked.side == Side.OUTGOING:
            sums[name] = -Sum(column, filter=Q(**{f"{column}__lt": 0}), default=zero)
        else:
            sums[name] = Sum(column, default=zero)
    return asked_lines(asked).order_by().values(*by).annotate(**sums)
