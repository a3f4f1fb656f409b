"""Balanced legs, and what each lot carries because of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.domain.errors import QuantityError
from finance.domain.money import ZERO, share
from finance.domain.words import CARRYING, Account, EntryKind


@dataclass(frozen=True, slots=True)
class Position:
    """Where units stand in the books. unit: what the quantity counts; stage: "" if none."""

    account: Account
    stage: str
    item: str
    unit: str
    owner: str
    custodian: str


@dataclass(frozen=True, slots=True)
class Worth:
    """Units and the amount they are carried at."""

    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of a transaction. quantity and amount are signed: plus comes in, minus goes out.

    posted_as: op_key of the line it was posted as, or of the one it takes back; "" for a new one.
    """

    kind: EntryKind
    position: Position
    lot: str
    quantity: int
    amount: Decimal
    posted_as: str = ""


Holding = dict[Position, Worth]
Holdings = dict[str, Holding]


def imbalance(legs: Iterable[Leg]) -> dict[str, Decimal]:
    """What does not sum to zero: unit → quantity, and "amount" → amount. Empty when balanced."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for leg in legs:
        sums[leg.position.unit] += leg.quantity
        sums["amount"] += leg.amount
    return {name: total for name, total in sums.items() if total}


def carry(holdings: Holdings, legs: Iterable[Leg]) -> None:
    """Add the legs to what the lots carry, in place; a position that comes to nothing goes."""
    for leg in legs:
        if leg.position.account not in CARRYING:
            continue
        holding = holdings.setdefault(leg.lot, {})
        old = holding.get(leg.position, Worth(0, ZERO))
        new = Worth(old.quantity + leg.quantity, old.amount + leg.amount)
        if new.quantity or new.amount:
            holding[leg.position] = new
        else:
            holding.pop(leg.position, None)


def carried_quantity(holding: Holding, unit: str) -> int:
    """Units the lot carries over all its positions."""
    return sum(worth.quantity for position, worth in holding.items() if position.unit == unit)


def taken(
    lot: str, holding: Holding, unit: str, quantity: int, *, disputed_first: bool = False
) -> list[tuple[Position, Worth]]:
    """Units to take out of a lot, position by position, each with its share of the amount.

    Units in dispute (count adjustment) go last, or first where those go that are missing, which
    settles the dispute.
    QuantityError when the lot carries fewer.
    """
    rows = [(position, worth) for position, worth in holding.items() if position.unit == unit]
    carried = sum(worth.quantity for _, worth in rows)
    if quantity > carried:
        raise QuantityError(
            f"Lot {lot} carries {carried} {unit} in the subledger, and {quantity} should leave. "
            "Look for an event that was posted wrongly or is still owed.",
            lot=lot,
            carried=carried,
            quantity=quantity,
        )
    if quantity == carried:
        return rows
    rows.sort(key=lambda row: (row[0].account is Account.COUNT_ADJUSTMENT) is not disputed_first)
    return _first_units(rows, quantity)


def over_counted(holding: Holding, unit: str, quantity: int) -> list[tuple[Position, Worth]]:
    """Of so many units found, those that a count told before: what ends the dispute about them.

    Plus, as what comes in: their place has them already.
    """
    found = []
    for position, worth in holding.items():
        if position.unit == unit and position.account is Account.COUNT_ADJUSTMENT:
            part = min(quantity, -worth.quantity)
            if part > 0:
                amount = share(-worth.amount, part, -worth.quantity)
                found.append((position, Worth(part, amount)))
                quantity -= part
    return found


def _first_units(
    rows: Sequence[tuple[Position, Worth]], quantity: int
) -> list[tuple[Position, Worth]]:
    found = []
    for position, worth in rows:
        part = min(quantity, worth.quantity)
        if part > 0:
            found.append((position, Worth(part, share(worth.amount, part, worth.quantity))))
            quantity -= part
    return found
