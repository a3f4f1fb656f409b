"""What was received, or worked, and is not invoiced, lot by lot, and the proof by its account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finance.domain.invoices import Invoiced
from finance.domain.money import ZERO

Key = tuple[str, str, str, str]
"""Supplier, lot, item and work: the stage that work brought the lot to, "" for goods."""


@dataclass(frozen=True, slots=True)
class Came:
    """What a supplier gave by a lot, at standard. first_on: plant day of the first of it."""

    unit_of_measure: str
    stage: str
    quantity: int
    amount: Decimal
    first_on: date


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot of which more or less was received than invoiced. Minus: invoiced, and not received.

    quantity, amount: open, at standard. age_days: since the first of it came.
    """

    supplier: str
    lot: str
    item: str
    stage: str
    unit_of_measure: str
    received_on: date
    age_days: int
    received_quantity: int
    received_amount: Decimal
    invoiced_quantity: int
    invoiced_standard: Decimal
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OpenSum:
    """Lots of a supplier, or of all."""

    supplier: str
    lot_count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Proof:
    """What an account holds, supplier for goods and conversion for work, and of what it is made.

    balance: of the account, minus what we owe for. It is what came at standard, and what invoices
    differ by from that. What is open is what we owe for, less what is invoiced.
    """

    balance: Decimal
    received: Decimal
    difference: Decimal
    invoiced: Decimal
    open: Decimal

    @property
    def check(self) -> Decimal:
        """Zero: the account less what is invoiced is what is open."""
        return -self.balance - self.invoiced - self.open


def open_lots(
    came: Mapping[Key, Came], invoiced: Mapping[Key, Invoiced], day: date
) -> list[OpenLot]:
    """Every lot that is not even, by supplier, the oldest first. day: on which ages are told.

    An invoice of a lot of which nothing is received (any more) is as old as the day itself.
    """
    rows = [
        _open(key, came.get(key), invoiced.get(key, Invoiced()), day)
        for key in {**came, **invoiced}
    ]
    found = [row for row in rows if row.quantity or row.amount]
    return sorted(found, key=lambda row: (row.supplier, row.received_on, row.lot, row.item))


def sums_of(rows: Iterable[OpenLot]) -> list[OpenSum]:
    """By supplier, in order."""
    own: dict[str, list[Decimal]] = {}
    for row in rows:
        own.setdefault(row.supplier, []).append(row.amount)
    return [OpenSum(name, len(own[name]), sum(own[name], ZERO)) for name in sorted(own)]


def _open(key: Key, came: Came | None, done: Invoiced, day: date) -> OpenLot:
    supplier, lot, item, work = key
    came = came or Came("", work, 0, ZERO, day)
    return OpenLot(
        supplier=supplier,
        lot=lot,
        item=item,
        stage=came.stage,
        unit_of_measure=came.unit_of_measure,
        received_on=came.first_on,
        age_days=(day - came.first_on).days,
        received_quantity=came.quantity,
        received_amount=came.amount,
        invoiced_quantity=done.quantity,
        invoiced_standard=done.standard,
        quantity=came.quantity - done.quantity,
        amount=came.amount - done.standard,
    )
