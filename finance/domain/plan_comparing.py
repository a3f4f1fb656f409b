"""What stands in service against the plan, month by month: units, and what each costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from finance.domain.money import ZERO, rounded
from finance.domain.plan_table import Key, Planned

MEGAWATT = 1_000_000
"""In watt."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Units that came into service less those that left it, and their money."""

    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Design:
    """What one unit is made of. chips: by the bills of materials. watt: typical draw, if known."""

    chips: int
    watt: Decimal | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure, planned and actual. None: it is not known, or its month has not come."""

    planned: Decimal | None
    actual: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """Actual less planned."""
        if self.planned is None or self.actual is None:
            return None
        return self.actual - self.planned

    @property
    def ratio(self) -> Decimal | None:
        """The difference against the plan; None where there is nothing to divide by."""
        difference = self.difference
        return difference / self.planned if difference is not None and self.planned else None


@dataclass(frozen=True, slots=True)
class ComparedMonth:
    """An item at the end of a month: units in service; cost of one, of a chip, of a megawatt."""

    item: str
    month: str
    quantity: Compared
    unit: Compared
    chip: Compared
    megawatt: Compared


@dataclass(slots=True)
class _Sum:
    """So far: units, their cost, and their cost a chip and a megawatt, each times the units."""

    quantity: int = 0
    unit: Decimal = ZERO
    chip: Decimal | None = ZERO
    megawatt: Decimal | None = ZERO

    def add(self, planned: Planned, design: Design) -> None:
        self.quantity += planned.quantity
        self.unit += planned.unit_cost * planned.quantity
        chip, megawatt = planned.chip_cost, planned.megawatt_cost
        if chip is None:
            chip = _per_chip(planned.unit_cost, design)
        if megawatt is None:
            megawatt = _per_megawatt(planned.unit_cost, design)
        self.chip = _plus(self.chip, chip, planned.quantity)
        self.megawatt = _plus(self.megawatt, megawatt, planned.quantity)


def compared_months(
    plan: Mapping[Key, Planned],
    moved: Mapping[Key, Moved],
    designs: Mapping[str, Design],
    last_month: str,
) -> list[ComparedMonth]:
    """Items of the plan in order, each month from the first that is planned to the last planned.

    Both sides begin with what was in service before the plan's first month; from there on the plan
    adds what it plans, and the actual what the ledger moved. last_month: the last that has an
    actual. Costs are those of all that is in service then, on average.
    """
    if not plan:
        return []
    first, last = min(month for _, month in plan), max(month for _, month in plan)
    found: list[ComparedMonth] = []
    for item in sorted({item for item, _ in plan}):
        found += _months(item, (first, last), plan, moved, designs[item], last_month)
    return found


def _months(
    item: str, span: tuple[str, str], plan: Mapping[Key, Planned], moved: Mapping[Key, Moved],
    design: Design, last_month: str,
) -> list[ComparedMonth]:  # fmt: skip
    own = {month: row for (name, month), row in moved.items() if name == item}
    actual, planned, found = Moved(0, ZERO), _Sum(), list[ComparedMonth]()
    for month in sorted(own):
        if month < span[0]:
            actual = _after(actual, own[month])
    if actual.quantity > 0:
        planned.add(Planned(actual.quantity, actual.amount / actual.quantity), design)
    for month in months_between(*span):
        actual = _after(actual, own.get(month, Moved(0, ZERO)))
        if (item, month) in plan:
            planned.add(plan[item, month], design)
        known = actual if month <= last_month else None
        found.append(_compared(item, month, planned, known, design))
    return found


def _after(so_far: Moved, more: Moved) -> Moved:
    return Moved(so_far.quantity + more.quantity, so_far.amount + more.amount)


def _compared(
    item: str, month: str, planned: _Sum, actual: Moved | None, design: Design
) -> ComparedMonth:
    unit = actual.amount / actual.quantity if actual is not None and actual.quantity > 0 else None
    return ComparedMonth(
        item,
        month,
        Compared(Decimal(planned.quantity), None if actual is None else Decimal(actual.quantity)),
        Compared(_average(planned.unit, planned.quantity), _six(unit)),
        Compared(_average(planned.chip, planned.quantity), _six(_per_chip(unit, design))),
        Compared(_average(planned.megawatt, planned.quantity), _six(_per_megawatt(unit, design))),
    )


def months_between(first: str, last: str) -> list[str]:
    """Every month as 2027-03 from the first to the last, both with them."""
    found, year, month = list[str](), int(first[:4]), int(first[5:])
    while f"{year}-{month:02}" <= last:
        found.append(f"{year}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def chips_by_bill(
    item: str,
    packages: Collection[str],
    bills: Mapping[str, Mapping[str, int]],
    inside: frozenset[str] = frozenset(),
) -> int:
    """Packages in one unit of the item, at any depth; none in a part that holds itself.

    packages: items that are one. bills: item → component → how many. inside: what it is part of.
    """
    if item in packages:
        return 1
    if item in inside:
        return 0
    parts, around = bills.get(item, {}), inside | {item}
    return sum(
        count * chips_by_bill(part, packages, bills, around) for part, count in parts.items()
    )


def _per_chip(unit: Decimal | None, design: Design) -> Decimal | None:
    return unit / design.chips if unit is not None and design.chips else None


def _per_megawatt(unit: Decimal | None, design: Design) -> Decimal | None:
    return unit * MEGAWATT / design.watt if unit is not None and design.watt else None


def _plus(so_far: Decimal | None, each: Decimal | None, quantity: int) -> Decimal | None:
    if not quantity:
        return so_far
    return None if so_far is None or each is None else so_far + each * quantity


def _average(sum_of: Decimal | None, quantity: int) -> Decimal | None:
    return rounded(sum_of / quantity) if sum_of is not None and quantity else None


def _six(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else rounded(amount)
