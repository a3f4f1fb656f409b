"""Standard costs as a table of CSV: read, checked, and compared with those that stand."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import StringIO

from supplychain.base.errors import MalformedError

NEEDED = ("item", "stage", "unit_cost")
COLUMNS = (*NEEDED, "yield_ratio")
ROWS_MAX = 20_000
COST_MAX = Decimal(10) ** 14
PLACES = 6

Key = tuple[str, str]
"""Item and stage."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one unit, in the entity's currency. yield_ratio: good of gross, None for no birth."""

    unit_cost: Decimal
    yield_ratio: Decimal | None


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be taken. row: the line it ends on, the header is 1."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class CostTable:
    """What was read. Every row of the file is in one or the other."""

    costs: dict[Key, Cost]
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class CostChange:
    """An item at a stage whose cost differs. None: it has no cost there."""

    item: str
    stage: str
    before: Cost | None
    after: Cost | None

    @property
    def ratio(self) -> Decimal | None:
        """Change of the unit cost against that before; None where there is nothing to divide."""
        if self.before is None or self.after is None or not self.before.unit_cost:
            return None
        return self.after.unit_cost / self.before.unit_cost - 1


def read_costs(text: str, items: Iterable[str], stages: Iterable[str]) -> CostTable:
    """The rows of a CSV with a header. MalformedError for one that is no table of costs at all."""
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""))
    given = [name.strip() for name in rows.fieldnames or []]
    if missing := [name for name in NEEDED if name not in given]:
        raise MalformedError(f"The table has no column {', '.join(missing)}.", columns=missing)
    if unknown := [name for name in given if name not in COLUMNS]:
        raise MalformedError(f"Nobody reads column {', '.join(unknown)}.", columns=unknown)
    rows.fieldnames = given
    known_items, known_stages = set(items), set(stages)
    table = CostTable({}, [])
    for row in rows:
        number = rows.line_num
        if number > ROWS_MAX + 1:
            raise MalformedError(f"The table has more than {ROWS_MAX:,} rows.")
        try:
            key, cost = _row(row, known_items, known_stages)
        except ValueError as error:
            table.faults.append(Fault(number, str(error)))
            continue
        if key in table.costs:
            table.faults.append(Fault(number, f"{key[0]} at {key[1]} is there twice."))
        else:
            table.costs[key] = cost
    return table


def exact_number(word: str, name: str) -> Decimal:
    """Exact: what does not fit six decimals is refused, not rounded."""
    try:
        number = Decimal(word)
    except InvalidOperation:
        raise ValueError(f"{name} {word!r} is no number.") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -PLACES:
        raise ValueError(f"{name} {word!r} has more than six decimals, or is no number.")
    return number


def _row(row: Mapping[str, str | None], items: set[str], stages: set[str]) -> tuple[Key, Cost]:
    if None in row or None in row.values():
        raise ValueError("It has not as many cells as the header.")
    cells = {name: (value or "").strip() for name, value in row.items()}
    if cells["item"] not in items:
        raise ValueError(f"There is no product {cells['item']!r}.")
    if cells["stage"] not in stages:
        raise ValueError(f"There is no stage {cells['stage']!r}.")
    cost = exact_number(cells["unit_cost"], "unit_cost")
    if not 0 <= cost < COST_MAX:
        raise ValueError("unit_cost must be 0 or more, with at most 14 digits before the point.")
    ratio = exact_number(word, "yield_ratio") if (word := cells.get("yield_ratio", "")) else None
    if ratio is not None and not 0 < ratio <= 1:
        raise ValueError("yield_ratio must be more than 0 and at most 1.")
    return (cells["item"], cells["stage"]), Cost(cost, ratio)


def cost_changes(before: Mapping[Key, Cost], after: Mapping[Key, Cost]) -> list[CostChange]:
    """Every item and stage whose cost or yield differs, in order."""
    return [
        CostChange(*key, before.get(key), after.get(key))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]
