"""A plan of assets as a table of CSV: read, checked, and compared with the plan before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from finance.domain.tables import Fault, exact_number, table_rows
from supplychain.base.errors import MalformedError

NEEDED = ("item", "month", "quantity", "unit_cost")
OPTIONAL = ("chip_cost", "megawatt_cost")
COLUMNS = (*NEEDED, *OPTIONAL)
ROWS_MAX = 5_000
COST_MAX = Decimal(10) ** 12
UNITS_MAX = 1_000_000

Key = tuple[str, str]
"""Item and month."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Units that come into service in a month, and what each should cost.

    chip_cost, megawatt_cost: None where they follow from the cost of a unit.
    """

    quantity: int
    unit_cost: Decimal
    chip_cost: Decimal | None = None
    megawatt_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PlanTable:
    """What was read. Every row of the file is in one or the other."""

    lines: dict[Key, Planned]
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class PlanChange:
    """An item and month that is planned otherwise. None: it is not planned there."""

    item: str
    month: str
    before: Planned | None
    after: Planned | None


def read_plan(text: str, items: Iterable[str], months: Iterable[str]) -> PlanTable:
    """The rows of a CSV with a header. MalformedError for one that is no plan at all."""
    known = (frozenset(items), frozenset(months))
    table = PlanTable({}, [])
    for number, row in table_rows(text, NEEDED, COLUMNS):
        if number > ROWS_MAX + 1:
            raise MalformedError(f"The table has more than {ROWS_MAX:,} rows.")
        try:
            key, planned = _row(row, *known)
        except ValueError as error:
            table.faults.append(Fault(number, str(error)))
            continue
        if key in table.lines:
            table.faults.append(Fault(number, f"{key[0]} in {key[1]} is there twice."))
        else:
            table.lines[key] = planned
    return table


def _row(
    row: Mapping[str, str | None], items: frozenset[str], months: frozenset[str]
) -> tuple[Key, Planned]:
    if None in row or None in row.values():
        raise ValueError("It has not as many cells as the header.")
    cells = {name: (value or "").strip() for name, value in row.items()}
    if cells["item"] not in items:
        raise ValueError(f"There is no product {cells['item']!r}.")
    if cells["month"] not in months:
        raise ValueError(f"There is no period {cells['month']!r}. A month is as 2027-03.")
    word = cells["quantity"]
    if not re.fullmatch(r"[0-9]{1,7}", word) or int(word) > UNITS_MAX:
        raise ValueError(f"quantity {word!r} is no whole number from 0 to {UNITS_MAX:,}.")
    chip, megawatt = (_cost(cells.get(name, ""), name) for name in OPTIONAL)
    unit = _cost(cells["unit_cost"], "unit_cost")
    if unit is None:
        raise ValueError("unit_cost is empty.")
    return (cells["item"], cells["month"]), Planned(int(word), unit, chip, megawatt)


def _cost(word: str, name: str) -> Decimal | None:
    if not word:
        return None
    cost = exact_number(word, name)
    if not 0 <= cost < COST_MAX:
        raise ValueError(f"{name} must be 0 or more, with at most 12 digits before the point.")
    return cost


def plan_changes(before: Mapping[Key, Planned], after: Mapping[Key, Planned]) -> list[PlanChange]:
    """Every item and month that is planned otherwise, in order."""
    return [
        PlanChange(*key, before.get(key), after.get(key))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]
