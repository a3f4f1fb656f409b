"""What standard costs are rolled up from, as lines of CSV: read, checked, each with its number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from finance.domain.cost_table import COST_MAX
from finance.domain.tables import Fault, exact_number, table_rows
from finance.domain.words import AssumptionKind
from supplychain.base.errors import MalformedError

NEEDED = ("kind", "item", "stage", "value")
COLUMNS = ("kind", "item", "stage", "component", "supplier", "value", "source")
ROWS_MAX = 2_000
SOURCE_MAX = 200
BOUGHT = frozenset({AssumptionKind.PURCHASE, AssumptionKind.PART})
WHOLE = frozenset({AssumptionKind.GROSS_DIES, AssumptionKind.COMPONENT})

Said = tuple[str, str, str, str, str]
"""Kind, item, stage, component and supplier: what an assumption is about."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A line: a price or work of one unit in money, dies of a wafer, a yield, parts of a bill.

    line: where it stands in its table. component: of the bill only. supplier: who is paid, if said;
    of several prices whose lots each is for, none for those of all others.
    """

    line: int
    kind: AssumptionKind
    item: str
    stage: str
    value: Decimal
    component: str = ""
    supplier: str = ""
    source: str = ""

    @property
    def said(self) -> Said:
        """No two lines of a table are about the same."""
        return (self.kind, self.item, self.stage, self.component, self.supplier)

    @property
    def text(self) -> str:
        """The value without zeros that say nothing."""
        return f"{self.value.normalize():f}"

    @property
    def about(self) -> str:
        """In words: `yield of TRN3-DIE at good-die`."""
        part = f" of {self.component}" if self.component else ""
        by = f" by {self.supplier}" if self.supplier else ""
        return f"{self.kind}{part} for {self.item} at {self.stage}{by}"


@dataclass(frozen=True, slots=True)
class Known:
    """Codes that lines may name; stages in the order of the making.

    bills: item → component → how many, of its released bill.
    """

    items: frozenset[str]
    stages: Sequence[str]
    suppliers: frozenset[str]
    bills: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AssumptionTable:
    """What was read. Every row of the file is in one or the other."""

    rows: list[Assumption]
    faults: list[Fault]


def read_assumptions(text: str, known: Known) -> AssumptionTable:
    """The rows of a CSV with a header. MalformedError for one that is no such table at all."""
    return checked(table_rows(text, NEEDED, COLUMNS), known)


def checked(rows: Iterable[tuple[int, Mapping[str, str | None]]], known: Known) -> AssumptionTable:
    """Rows of cells by column, each with its number. MalformedError for more than ROWS_MAX."""
    table = AssumptionTable([], [])
    seen: set[Said] = set()
    for number, row in rows:
        if len(table.rows) + len(table.faults) == ROWS_MAX:
            raise MalformedError(f"The table has more than {ROWS_MAX:,} rows.")
        try:
            found = _assumption(number, row, known, seen)
        except ValueError as error:
            table.faults.append(Fault(number, str(error)))
            continue
        seen.add(found.said)
        table.rows.append(found)
    return table


def value_fault(kind: AssumptionKind, value: Decimal) -> str:
    """Why a value cannot be one of its kind; "" when it can."""
    if kind is AssumptionKind.YIELD and not 0 < value <= 1:
        return f"A yield must be more than 0 and at most 1, not {value}."
    if kind in WHOLE and (value < 1 or value != value.to_integral_value()):
        return f"{kind} must be a whole number of 1 or more, not {value}."
    if not 0 <= value < COST_MAX:
        return "The value must be 0 or more, with at most 14 digits before the point."
    return ""


def with_bills(
    rows: Sequence[Assumption], bills: Mapping[str, Mapping[str, int]], stages: Sequence[str]
) -> list[Assumption]:
    """With a line for each component of the bills by which items are built that nobody sells us.

    It is built at the first of its stages. Lines that are there are kept; new ones follow the last.
    stages: in the order of the making.
    """
    found = list(rows)
    bought = {row.item for row in rows if row.kind in BOUGHT}
    there = {(row.item, row.component) for row in rows}
    line = max((row.line for row in rows), default=1)
    for item in sorted({row.item for row in rows} - bought):
        first = min((row.stage for row in rows if row.item == item), key=stages.index)
        for component, quantity in bills.get(item, {}).items():
            if (item, component) not in there:
                line += 1
                found.append(_of_bill(line, (item, first), component, quantity))
    return found


def _of_bill(line: int, at: tuple[str, str], component: str, quantity: int) -> Assumption:
    kind, source = AssumptionKind.COMPONENT, "bill of materials"
    return Assumption(line, kind, *at, Decimal(quantity), component=component, source=source)


def _assumption(
    number: int, row: Mapping[str, str | None], known: Known, seen: set[Said]
) -> Assumption:
    if None in row or None in row.values():
        raise ValueError("It has not as many cells as the header.")
    cells = {name: (value or "").strip() for name, value in row.items()}
    if cells["kind"] not in list(AssumptionKind):
        raise ValueError(f"There is no kind {cells['kind']!r}: {', '.join(AssumptionKind)}.")
    found = Assumption(
        line=number,
        kind=AssumptionKind(cells["kind"]),
        item=cells["item"],
        stage=cells["stage"],
        value=exact_number(cells["value"], "value"),
        component=cells.get("component", ""),
        supplier=cells.get("supplier", ""),
        source=cells.get("source", ""),
    )
    _check_codes(found, known)
    if fault := value_fault(found.kind, found.value):
        raise ValueError(fault)
    if len(found.source) > SOURCE_MAX:
        raise ValueError(f"source is longer than {SOURCE_MAX} characters.")
    if found.said in seen:
        raise ValueError(f"{found.about} is there twice.")
    return found


def _check_codes(found: Assumption, known: Known) -> None:
    if found.item not in known.items:
        raise ValueError(f"There is no product {found.item!r}.")
    if found.stage not in known.stages:
        raise ValueError(f"There is no stage {found.stage!r}.")
    if found.supplier and found.supplier not in known.suppliers:
        raise ValueError(f"There is no supplier {found.supplier!r}.")
    if found.supplier and found.kind in {*WHOLE, AssumptionKind.YIELD}:
        raise ValueError(f"A line of {found.kind} names no supplier.")
    if found.kind is not AssumptionKind.COMPONENT:
        if found.component:
            raise ValueError("Only a line of the bill names a component.")
        return
    billed = known.bills.get(found.item, {}).get(found.component)
    if billed is None:
        raise ValueError(
            f"The released bill of {found.item} has no {found.component!r}. Change the bill first."
        )
    if billed != found.value:
        raise ValueError(
            f"The released bill of {found.item} has {billed} {found.component}, not "
            f"{found.value}. Change the bill first."
        )
