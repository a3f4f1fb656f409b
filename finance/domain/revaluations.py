"""A revaluation: stock carried at an old standard is carried at the one in force, by own lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from finance.domain.errors import MissingCostError
from finance.domain.facts import Book
from finance.domain.legs import Holdings, Leg, Position
from finance.domain.money import AMOUNT_LIMIT, ZERO
from finance.domain.words import Account, EntryKind, LeftOutReason
from finance.domain.write_downs import STOCK
from supplychain.base.errors import RefusedError

LOOKED_AT = STOCK | {Account.COUNT_ADJUSTMENT}
"""Stock, and the units of it that are in dispute: these are left out, and told."""

POSITIONS_MAX = 200_000
"""Lots and positions that one revaluation looks at."""

LEGS_MAX = 32_000
"""Lines of one transaction."""


@dataclass(frozen=True, slots=True)
class RevaluationOrder:
    """What is asked for. version: code of standard costs. item, stage, custodian: "" for all."""

    version: str
    effective_on: date
    reason: str
    evidence: str
    item: str = ""
    stage: str = ""
    custodian: str = ""


@dataclass(frozen=True, slots=True)
class LotsApart:
    """Codes of lots that are treated apart.

    owed: with events not posted. moved: with lines after the day. written_down: never written up.
    suppliers: lot → whose standard it may have; any other has that of all suppliers.
    """

    owed: Collection[str]
    moved: Collection[str]
    written_down: Collection[str]
    suppliers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StockLine:
    """A lot at a position, carried otherwise than at standard.

    standard: of all its units; None where the version has no cost. left_out: why it stays as it
    is; None for one that is revalued.
    """

    lot: str
    position: Position
    quantity: int
    carried: Decimal
    standard: Decimal | None
    left_out: LeftOutReason | None = None

    @property
    def difference(self) -> Decimal:
        """What the standard adds, minus what it takes; zero where there is none."""
        return ZERO if self.standard is None else self.standard - self.carried


@dataclass(frozen=True, slots=True)
class StockTotal:
    """Lines of one item, stage and unit. stage: "" for none. Money before, after, and between."""

    item: str
    stage: str
    unit: str
    lot_count: int
    quantity: int
    carried: Decimal
    standard: Decimal

    @property
    def difference(self) -> Decimal:
        """What the standard adds, minus what it takes."""
        return self.standard - self.carried


@dataclass(frozen=True, slots=True)
class PostedTotal:
    """Legs of one account, stage, item and custodian."""

    account: Account
    stage: str
    item: str
    custodian: str
    lot_count: int
    amount: Decimal


def off_standard(holdings: Holdings, book: Book, apart: LotsApart) -> list[StockLine]:
    """Every lot and position that is not carried at the book's standard, in order of lots.

    A written-down lot is lowered where the standard is below what it carries, and never raised.
    """
    lines = []
    for lot in sorted(holdings):
        for position, worth in holdings[lot].items():
            supplier = apart.suppliers.get(lot, "")
            standard = _standard(book, position, worth.quantity, supplier)
            line = StockLine(lot, position, worth.quantity, worth.amount, standard)
            if standard != worth.amount:
                lines.append(replace(line, left_out=_why_left_out(line, apart)))
    return lines


def lots_by_supplier(holdings: Holdings, book: Book) -> set[str]:
    """Lots that carry something of which a supplier has a standard of its own."""
    own = {(item, stage) for item, stage, _ in book.supplier_standards}
    return {
        lot
        for lot, holding in holdings.items()
        if any((position.item, position.stage) in own for position in holding)
    }


def revaluable(lines: Iterable[StockLine]) -> list[StockLine]:
    """Those that are not left out."""
    return [line for line in lines if line.left_out is None]


def reasons_left_out(lines: Iterable[StockLine]) -> Counter[LeftOutReason]:
    """How many lines are left out for each reason there is."""
    return Counter(line.left_out for line in lines if line.left_out is not None)


def totals(lines: Iterable[StockLine]) -> list[StockTotal]:
    """Sums by item, stage and unit of lines that are revalued, the largest difference first."""
    parted: dict[tuple[str, str, str], list[StockLine]] = defaultdict(list)
    for line in revaluable(lines):
        parted[line.position.item, line.position.stage, line.position.unit].append(line)
    found = [_total(*key, rows) for key, rows in sorted(parted.items())]
    return sorted(found, key=lambda total: -abs(total.difference))


def revalue_stock(lines: Iterable[StockLine]) -> tuple[Leg, ...]:
    """The legs: each lot's difference by itself, against one variance for all that are alike.

    RefusedError for more than one transaction holds, and for an amount beyond what a line can.
    """
    legs = [
        Leg(EntryKind.REVALUATION, line.position, line.lot, 0, line.difference)
        for line in revaluable(lines)
    ]
    legs += _against_variance(legs)
    if len(legs) > LEGS_MAX:
        raise RefusedError(
            f"These are {len(legs):,} lines, and a transaction has at most {LEGS_MAX:,}. Revalue "
            "one item, stage or custodian after the other.",
            lines=len(legs),
        )
    largest = max((abs(leg.amount) for leg in legs), default=ZERO)
    if largest >= AMOUNT_LIMIT:
        raise RefusedError(
            f"A line would be {largest}, more than the ledger can hold. Look for a wrong quantity "
            "or standard cost.",
            amount=str(largest),
        )
    return tuple(legs)


def posted_totals(legs: Iterable[Leg]) -> list[PostedTotal]:
    """Sums of legs by account, stage, item and custodian, in that order."""
    parted: dict[tuple[Account, str, str, str], list[Leg]] = defaultdict(list)
    for leg in legs:
        at = leg.position
        parted[at.account, at.stage, at.item, at.custodian].append(leg)
    return [
        PostedTotal(*key, sum(bool(leg.lot) for leg in rows), _amount(rows))
        for key, rows in sorted(parted.items())
    ]


def _standard(book: Book, position: Position, quantity: int, supplier: str) -> Decimal | None:
    try:
        return book.value(position, quantity, supplier)
    except MissingCostError:
        return None


def _why_left_out(line: StockLine, apart: LotsApart) -> LeftOutReason | None:
    if line.standard is None:
        return LeftOutReason.NO_COST
    if line.position.account is Account.COUNT_ADJUSTMENT:
        return LeftOutReason.IN_DISPUTE
    if line.lot in apart.owed:
        return LeftOutReason.NOT_POSTED
    if line.lot in apart.moved:
        return LeftOutReason.MOVED_LATER
    if line.lot in apart.written_down and line.difference > 0:
        return LeftOutReason.WRITTEN_DOWN
    return None


def _total(item: str, stage: str, unit: str, lines: Collection[StockLine]) -> StockTotal:
    carried = sum((line.carried for line in lines), ZERO)
    return StockTotal(
        item=item,
        stage=stage,
        unit=unit,
        lot_count=len({line.lot for line in lines}),
        quantity=sum(line.quantity for line in lines),
        carried=carried,
        standard=carried + sum((line.difference for line in lines), ZERO),
    )


def _against_variance(legs: Iterable[Leg]) -> Iterator[Leg]:
    sums: dict[Position, Decimal] = defaultdict(Decimal)
    for leg in legs:
        sums[replace(leg.position, account=Account.VARIANCE)] -= leg.amount
    for position, amount in sums.items():
        if amount:
            yield Leg(EntryKind.REVALUATION, position, "", 0, amount)


def _amount(legs: Iterable[Leg]) -> Decimal:
    return sum((leg.amount for leg in legs), ZERO)
