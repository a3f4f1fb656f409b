"""Three counts of the same stock: by the subledger, by the lots' events, and by what is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.domain.money import ZERO
from finance.domain.words import DifferenceReason


@dataclass(frozen=True, slots=True)
class Stock:
    """What is counted together. account, stage: "" where nobody said which ones its step has.

    Units in dispute are counted where their lot stands.
    """

    account: str
    stage: str
    item: str
    unit_of_measure: str
    custodian: str


Stocks = Mapping[tuple[str, Stock], int]
"""(lot, stock) → units. What is not there counts nothing."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What the subledger carries: units lot by lot, and the money of each stock."""

    units: Stocks
    money: Mapping[Stock, Decimal]


@dataclass(frozen=True, slots=True)
class StockLine:
    """A stock over all of its lots. there: serials and wafers, of lots that have such.

    unserialised: units, by the events, of lots without serials, which nobody can count here.
    differing: lots of which two counts differ. amount: what the subledger carries it at.
    """

    stock: Stock
    ledger: int
    events: int
    there: int
    unserialised: int
    differing: int
    amount: Decimal

    @property
    def is_proven(self) -> bool:
        """Ledger = events = what is there, of every lot of it and so of all together."""
        return not self.differing


@dataclass(frozen=True, slots=True)
class LotDifference:
    """A lot and stock of which two counts differ. there: None for a lot without serials."""

    lot: str
    stock: Stock
    ledger: int
    events: int
    there: int | None
    reason: DifferenceReason


@dataclass(frozen=True, slots=True)
class Reconciled:
    """stocks: every one that any count knows, in order. differences: lot by lot."""

    stocks: tuple[StockLine, ...]
    differences: tuple[LotDifference, ...]

    @property
    def faults(self) -> list[LotDifference]:
        """Differences that nothing explains."""
        return [row for row in self.differences if row.reason is not DifferenceReason.OWED]


def reconcile(
    *, ledger: Carried, events: Stocks, there: Stocks, serialised: Collection[str],
    owed: Mapping[str, bool],
) -> Reconciled:  # fmt: skip
    """Compare the three, lot by lot, and sum them by stock.

    serialised: lots whose units can be counted. owed: lots with events that the subledger has not
    got yet → whether it carries what they had before the first of these.
    """
    sums: dict[Stock, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    differences = []
    for lot, stock in sorted({*ledger.units, *events, *there}, key=str):
        key = lot, stock
        booked, told = ledger.units.get(key, 0), events.get(key, 0)
        seen = there.get(key, 0) if lot in serialised else None
        for place, units in enumerate((booked, told, seen or 0, told if seen is None else 0)):
            sums[stock][place] += units
        if reason := _reason(booked, told, seen, is_owed=owed.get(lot, False)):
            sums[stock][4] += 1
            differences.append(LotDifference(lot, stock, booked, told, seen, reason))
    money = {stock: amount for stock, amount in ledger.money.items() if amount}
    lines = [
        _line(stock, sums[stock], money.get(stock, ZERO))
        for stock in sorted({*sums, *money}, key=str)
    ]
    return Reconciled(tuple(lines), tuple(differences))


def _line(stock: Stock, sums: Sequence[int], amount: Decimal) -> StockLine:
    ledger, events, there, unserialised, differing = sums
    return StockLine(stock, ledger, events, there, unserialised, differing, amount)


def _reason(
    ledger: int, events: int, there: int | None, *, is_owed: bool
) -> DifferenceReason | None:
    if there is not None and there != events:
        return DifferenceReason.MISCOUNTED
    if ledger == events:
        return None
    return DifferenceReason.OWED if is_owed else DifferenceReason.MISPOSTED
