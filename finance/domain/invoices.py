"""Suppliers' invoices: each line against what came, goods or work, and its price difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from finance.domain.legs import Leg, Position
from finance.domain.money import AMOUNT_LIMIT, ZERO, share, worth
from finance.domain.words import Account, EntryKind, InvoiceKind
from supplychain.base.errors import RefusedError

LINES_MAX = 2_000
"""Of one invoice."""
NUMBER_CHARACTERS_MAX = 50


@dataclass(frozen=True, slots=True)
class LineOrder:
    """A lot on an invoice. item: as the invoice says it, "" where it does not.

    work: the stage that work on the lot brought it to; "" for goods.
    """

    lot: str
    quantity: int
    unit_price: Decimal
    item: str = ""
    work: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceOrder:
    """What is asked for. lines: one at least, each lot and work once; a credit note takes back."""

    supplier: str
    number: str
    kind: InvoiceKind
    invoiced_on: date
    currency: str
    evidence: str
    lines: tuple[LineOrder, ...]


@dataclass(frozen=True, slots=True)
class Received:
    """What the books say came from a supplier as one lot, at standard. stage: "" if unknown.

    work: the stage that work brought the lot to; "" for goods.
    """

    lot: str
    item: str
    unit: str
    stage: str
    quantity: int
    amount: Decimal
    work: str = ""

    @property
    def came(self) -> str:
        """How, as a sentence says it."""
        return f"worked to {self.work}" if self.work else "received"


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What approved invoices say of a lot. standard: what of the receipt they settle."""

    quantity: int = 0
    amount: Decimal = ZERO
    standard: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Match:
    """A line beside what was received and invoiced before it; minus for a credit.

    standard: what the same units were received at.
    """

    received: Received
    before: Invoiced
    quantity: int
    unit_price: Decimal
    amount: Decimal
    standard: Decimal

    @property
    def difference(self) -> Decimal:
        """What is paid beyond standard; minus for less."""
        return self.amount - self.standard


def matched(
    order: LineOrder, kind: InvoiceKind, received: Sequence[Received], before: Iterable[Invoiced]
) -> Match:
    """The line against the one receipt it means. before: of each receipt, in the same order.

    RefusedError says what does not fit, and what to do.
    """
    _refuse_odd(order)
    found, done = _meant(order, list(zip(received, before, strict=True)))
    if kind is InvoiceKind.CREDIT:
        return _credited(order, found, done)
    left = found.quantity - done.quantity
    if order.quantity > left:
        raise RefusedError(
            f"Of lot {order.lot}, {found.quantity} {found.unit} were {found.came} and "
            f"{done.quantity} are invoiced, so {max(left, 0)} are left and not {order.quantity}. "
            f"Correct the quantity, or book the {'step' if found.work else 'receipt'} first.",
            lot=order.lot,
            left=max(left, 0),
        )
    standard = share(found.amount - done.standard, order.quantity, left)
    return _priced(order, found, done, order.quantity, standard)


def price_difference(match: Match, supplier: str, entity: str) -> list[Leg]:
    """The difference of a line against what it is owed by; two lines also where it is nothing.

    Goods are owed by the supplier account, work by conversion.
    """
    came = match.received
    differs = Position(Account.VARIANCE, came.stage, came.item, came.unit, entity, supplier)
    if came.work:
        kind, owed = EntryKind.CONVERSION_VARIANCE, replace(differs, account=Account.CONVERSION)
    else:
        kind = EntryKind.PRICE_VARIANCE
        owed = Position(Account.SUPPLIER, "", came.item, came.unit, supplier, supplier)
    return [
        Leg(kind, differs, came.lot, 0, match.difference),
        Leg(kind, owed, came.lot, 0, -match.difference),
    ]


def _refuse_odd(order: LineOrder) -> None:
    if order.quantity < 1:
        raise RefusedError(
            f"Lot {order.lot} has a quantity of {order.quantity}. Give 1 or more; what goes back "
            "is a credit note.",
            lot=order.lot,
        )
    if order.unit_price < 0 or worth(order.unit_price, order.quantity) >= AMOUNT_LIMIT:
        raise RefusedError(
            f"Lot {order.lot} has a unit price of {order.unit_price}. Give 0 or more, and an "
            "amount of at most 14 digits before the point.",
            lot=order.lot,
        )


def _meant(order: LineOrder, rows: list[tuple[Received, Invoiced]]) -> tuple[Received, Invoiced]:
    meant = [row for row in rows if row[0].work == order.work]
    if not meant:
        raise _not_come(order, sorted({received.work for received, _ in rows} - {""}))
    items = [received.item for received, _ in meant]
    fitting = [row for row in meant if order.item in {"", row[0].item}]
    if len(fitting) == 1:
        return fitting[0]
    came = meant[0][0].came
    raise RefusedError(
        f"Lot {order.lot} was {came} as {', '.join(items)}, and the invoice says "
        f"{order.item or 'no item'}. Name the item that was {came}.",
        lot=order.lot,
        items=items,
    )


def _not_come(order: LineOrder, works: list[str]) -> RefusedError:
    known = f" It worked on it to {', '.join(works)}: name that as work." if works else ""
    if order.work:
        return RefusedError(
            f"This supplier did no work on lot {order.lot} that brought it to {order.work}.{known} "
            "Name the lot as it was when the work was done, or book the step first.",
            lot=order.lot,
            works=works,
        )
    return RefusedError(
        f"Nothing of lot {order.lot} was received of this supplier: it came from another one, as "
        "part of another lot, or is still the supplier's own. Name the lot as it was received, or "
        f"book the receipt first.{known}",
        lot=order.lot,
        works=works,
    )


def _credited(order: LineOrder, found: Received, done: Invoiced) -> Match:
    if order.quantity > done.quantity:
        raise RefusedError(
            f"Of lot {order.lot}, {done.quantity} {found.unit} are invoiced, so that a credit note "
            f"takes back {done.quantity} at most and not {order.quantity}.",
            lot=order.lot,
            invoiced=done.quantity,
        )
    standard = share(done.standard, order.quantity, done.quantity)
    return _priced(order, found, done, -order.quantity, -standard)


def _priced(
    order: LineOrder, found: Received, done: Invoiced, quantity: int, standard: Decimal
) -> Match:
    amount = worth(order.unit_price, quantity)
    return Match(found, done, quantity, order.unit_price, amount, standard)
