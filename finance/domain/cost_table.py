"""Standard costs as a table of CSV: read, checked, and compared with those that stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from finance.domain.tables import Fault, exact_number, table_rows
from supplychain.base.errors import MalformedError

NEEDED = ("item", "stage", "unit_cost")
COLUMNS = (*NEEDED, "yield_ratio", "supplier")
ROWS_MAX = 20_000
COST_MAX = Decimal(10) ** 14

Key = tuple[str, str, str]
"""Item, stage and supplier, "" for all that have no cost of their own."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one unit, in the entity's currency. yield_ratio: good of those started, None for all."""

    unit_cost: Decimal
    yield_ratio: Decimal | None


@dataclass(frozen=True, slots=True)
class CostTable:
    """What was read. Every row of the file is in one or the other."""

    costs: dict[Key, Cost]
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class CostChange:
    """An item at a stage whose cost differs. None: it has no cost there.

    supplier: whose cost it is, "" for that of all others.
    """

    item: str
    stage: str
    supplier: str
    before: Cost | None
    after: Cost | None

    @property
    def ratio(self) -> Decimal | None:
        """Change of the unit cost against that before; None where there is nothing to divide."""
        if self.before is None or self.after is None or not self.before.unit_cost:
            return None
        return self.after.unit_cost / self.before.unit_cost - 1


def read_costs(
    text: str, items: Iterable[str], stages: Iterable[str], suppliers: Iterable[str] = ()
) -> CostTable:
    """The rows of a CSV with a header. MalformedError for one that is no table of costs at all."""
    known = _Known(frozenset(items), frozenset(stages), frozenset(suppliers))
    table = CostTable({}, [])
    for number, row in table_rows(text, NEEDED, COLUMNS):
        if number > ROWS_MAX + 1:
            raise MalformedError(f"The table has more than {ROWS_MAX:,} rows.")
        try:
            key, cost = _row(row, known)
        except ValueError as error:
            table.faults.append(Fault(number, str(error)))
            continue
        if key in table.costs:
            table.faults.append(Fault(number, f"{cost_name(*key)} is there twice."))
        else:
            table.costs[key] = cost
    return table


@dataclass(frozen=True, slots=True)
class _Known:
    """Codes that rows may name."""

    items: frozenset[str]
    stages: frozenset[str]
    suppliers: frozenset[str]


def cost_name(item: str, stage: str, supplier: str) -> str:
    """Which cost it is, in words."""
    return f"{item} at {stage}" + (f" of {supplier}" if supplier else "")


def _row(row: Mapping[str, str | None], known: _Known) -> tuple[Key, Cost]:
    if None in row or None in row.values():
        raise ValueError("It has not as many cells as the header.")
    cells = {name: (value or "").strip() for name, value in row.items()}
    if cells["item"] not in known.items:
        raise ValueError(f"There is no product {cells['item']!r}.")
    if cells["stage"] not in known.stages:
        raise ValueError(f"There is no stage {cells['stage']!r}.")
    supplier = cells.get("supplier", "")
    if supplier and supplier not in known.suppliers:
        raise ValueError(f"There is no supplier {supplier!r}.")
    cost = exact_number(cells["unit_cost"], "unit_cost")
    if not 0 <= cost < COST_MAX:
        raise ValueError("unit_cost must be 0 or more, with at most 14 digits before the point.")
    ratio = exact_number(word, "yield_ratio") if (word := cells.get("yield_ratio", "")) else None
    if ratio is not None and not 0 < ratio <= 1:
        raise ValueError("yield_ratio must be more than 0 and at most 1.")
    return (cells["item"], cells["stage"], supplier), Cost(cost, ratio)


def cost_changes(before: Mapping[Key, Cost], after: Mapping[Key, Cost]) -> list[CostChange]:
    """Every row whose cost or yield differs, in order of item, stage and supplier."""
    return [
        CostChange(*key, before.get(key), after.get(key))
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]


def changes_in_force(before: Mapping[Key, Cost], after: Mapping[Key, Cost]) -> list[CostChange]:
    """Every cost that lots had and have otherwise, or not any more, in that order.

    A supplier's lots have the cost of all others until it has one of its own, so that a row that is
    new may change theirs, and one that is gone may not.
    """
    keys = sorted({*before, *after})
    pairs = ((key, _in_force(before, key), _in_force(after, key)) for key in keys)
    return [CostChange(*key, was, now) for key, was, now in pairs if was is not None and was != now]


def _in_force(costs: Mapping[Key, Cost], key: Key) -> Cost | None:
    item, stage, _ = key
    return costs.get(key) or costs.get((item, stage, ""))
