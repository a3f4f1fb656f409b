"""Where money sits, as bars: one for each account and stage, parted by who has the goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

FULL = 100.0
THINNEST = 0.6
TONES = 7
"""Custodians with a colour of their own; all others share the next one."""


@dataclass(frozen=True, slots=True)
class Held:
    """Goods of one kind with one custodian. title: of the account and stage they stand in."""

    account: str
    stage: str
    title: str
    custodian: str
    unit: str
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class StockShare:
    """A custodian's part of a bar, from `left`, both in hundredths of the longest bar."""

    custodian: str
    tone: int
    left: float
    width: float
    amount: Decimal
    units: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class StockBar:
    """An account and stage. units: quantity and its unit, for each unit there is."""

    account: str
    stage: str
    title: str
    amount: Decimal
    units: tuple[tuple[int, str], ...]
    shares: tuple[StockShare, ...]


@dataclass(frozen=True, slots=True)
class StockHolder:
    """A line of the legend: a custodian, and all that it has."""

    custodian: str
    tone: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class StockDrawing:
    """Bars in the order of the goods, holders by what they have."""

    bars: tuple[StockBar, ...]
    holders: tuple[StockHolder, ...]


def draw_stock(goods: Sequence[Held]) -> StockDrawing:
    """Bars on one scale. What is worth something is never too thin to be seen."""
    holders = _holders(goods)
    tones = {holder.custodian: holder.tone for holder in holders}
    places: dict[tuple[str, str], list[Held]] = {}
    for held in goods:
        places.setdefault((held.account, held.stage), []).append(held)
    longest = max((_length(parts) for parts in places.values()), default=Decimal(0))
    return StockDrawing(tuple(_bar(parts, tones, longest) for parts in places.values()), holders)


def _holders(goods: Sequence[Held]) -> tuple[StockHolder, ...]:
    sums: dict[str, Decimal] = {}
    for held in goods:
        sums[held.custodian] = sums.get(held.custodian, Decimal(0)) + held.amount
    ranked = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(
        StockHolder(custodian, min(place, TONES + 1), amount)
        for place, (custodian, amount) in enumerate(ranked, start=1)
    )


def _length(parts: Sequence[Held]) -> Decimal:
    return sum((abs(held.amount) for held in parts), Decimal(0))


def _bar(parts: Sequence[Held], tones: dict[str, int], longest: Decimal) -> StockBar:
    by_custodian: dict[str, list[Held]] = {}
    for held in sorted(parts, key=lambda held: tones[held.custodian]):
        by_custodian.setdefault(held.custodian, []).append(held)
    shares, left = [], 0.0
    for custodian, own in by_custodian.items():
        width = _width(_length(own), longest)
        shares.append(
            StockShare(
                custodian, tones[custodian], round(left, 2), width, _amount(own), _units(own)
            )
        )
        left += width
    first = parts[0]
    return StockBar(
        first.account, first.stage, first.title, _amount(parts), _units(parts), tuple(shares)
    )


def _width(amount: Decimal, longest: Decimal) -> float:
    return max(THINNEST, round(FULL * float(amount / longest), 2)) if amount else 0.0


def _amount(parts: Sequence[Held]) -> Decimal:
    return sum((held.amount for held in parts), Decimal(0))


def _units(parts: Sequence[Held]) -> tuple[tuple[int, str], ...]:
    sums: dict[str, int] = {}
    for held in parts:
        sums[held.unit] = sums.get(held.unit, 0) + held.quantity
    return tuple((quantity, unit) for unit, quantity in sums.items())
