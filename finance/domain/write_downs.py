"""A write-down: part of what a lot is carried at becomes an expense, and is never given back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from finance.domain.legs import Holding, Holdings, Leg, Worth, carry
from finance.domain.money import ZERO, rounded
from finance.domain.words import CARRYING, Account, EntryKind
from supplychain.base.errors import RefusedError

LOTS_MAX = 500
"""Of one document."""


@dataclass(frozen=True, slots=True)
class LotOrder:
    """A lot to write down: by an amount, or to a value of all of it. Exactly one is given."""

    lot: str
    by: Decimal | None = None
    to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WriteDownOrder:
    """What is asked for. lots: one at least, each once."""

    effective_on: date
    reason: str
    evidence: str
    lots: tuple[LotOrder, ...]


STOCK = frozenset({Account.INVENTORY, Account.IN_TRANSIT})
"""Accounts that carry what can be written down: ours, and stock."""


def stock_of(holding: Holding) -> Worth:
    """Units and amount of the lot that can be written down."""
    own = [worth for position, worth in holding.items() if position.account in STOCK]
    quantity = sum(worth.quantity for worth in own)
    return Worth(quantity, sum((worth.amount for worth in own), ZERO))


def down_to(lot: str, carried: Decimal, value: Decimal) -> Decimal:
    """What takes the lot from what it is carried at to the value. RefusedError for no less."""
    if not 0 <= value < carried:
        raise RefusedError(
            f"Lot {lot} is carried at {carried}. Give a value below that, and not below nothing.",
            lot=lot,
        )
    return carried - value


def amount_off(order: LotOrder, carried: Decimal) -> Decimal:
    """What the order takes off a lot carried at that much. RefusedError for none, or too much."""
    if (order.by is None) is (order.to is None):
        raise RefusedError(f"Give lot {order.lot} either an amount or a value.", lot=order.lot)
    if order.to is not None:
        return down_to(order.lot, carried, order.to)
    assert order.by is not None
    _refuse_beyond(order.lot, order.by, carried)
    return order.by


def write_down(lot: str, holding: Holding, amount: Decimal) -> list[Leg]:
    """The amount out of the lot's stock, each position by what it carries, into the expense.

    Units stay. The last position takes what rounding leaves. RefusedError for an amount that is
    nothing or more than the stock is carried at.
    """
    _refuse_beyond(lot, amount, stock_of(holding).amount)
    legs: list[Leg] = []
    rows = [
        (position, worth)
        for position, worth in holding.items()
        if position.account in STOCK and worth.amount > 0
    ]
    rest, base = amount, sum((worth.amount for _, worth in rows), ZERO)
    for position, worth in rows:
        part = min(rest, rounded(rest * worth.amount / base))
        rest, base = rest - part, base - worth.amount
        expense = replace(position, account=Account.WRITE_DOWN)
        legs += [
            Leg(EntryKind.WRITE_DOWN, position, lot, 0, -part),
            Leg(EntryKind.WRITE_DOWN, expense, lot, 0, part),
        ]
    return legs


def left_behind(
    lots: Iterable[str], written_down: Collection[str], holdings: Holdings, legs: Iterable[Leg]
) -> list[Leg]:
    """Money that the legs leave where no units are goes to the units of the lots, or back.

    It was written down, or else revalued. Back: out of the expense or the variance, for the units
    turn out never to have been.
    """
    after = {lot: dict(holding) for lot, holding in holdings.items()}
    carry(after, legs)
    rows = [
        (position, lot, worth)
        for lot in sorted(lots)
        for position, worth in after.get(lot, {}).items()
    ]
    there = [row for row in rows if row[2].quantity > 0]
    found: list[Leg] = []
    for position, lot, worth in rows:
        if worth.quantity or not worth.amount:
            continue
        kind, account = EntryKind.REVALUATION, Account.VARIANCE
        if lot in written_down:
            kind, account = EntryKind.WRITE_DOWN, Account.WRITE_DOWN
        to, whose = replace(position, account=account), lot
        if there:
            to, whose, _ = max(there, key=lambda row: row[2].amount)
        found += [
            Leg(kind, position, lot, 0, -worth.amount),
            Leg(kind, to, whose, 0, worth.amount),
        ]
    return found


def lots_written_down(before: Iterable[str], legs: Iterable[Leg]) -> set[str]:
    """Lots that carry something written down after the legs: those before, and what they became.

    A lot that gets value in a transaction to which one of them gave some is one too.
    """
    rows, found = list(legs), set(before)
    gave = any(leg.lot in found and leg.position.account in CARRYING and leg.amount < 0
               for leg in rows)  # fmt: skip
    if gave:
        found |= {leg.lot for leg in rows if leg.position.account in CARRYING and leg.amount > 0}
    return found


def _refuse_beyond(lot: str, amount: Decimal, carried: Decimal) -> None:
    if not 0 < amount <= carried:
        raise RefusedError(
            f"Lot {lot} is carried at {carried} in stock, and {amount} should be written off. "
            "Give an amount above nothing and up to that.",
            lot=lot,
        )
