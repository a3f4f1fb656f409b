"""What standard costs are rolled up from, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finance.domain.assumptions import (
    Assumption,
    AssumptionTable,
    Known,
    checked,
    read_assumptions,
    with_bills,
)
from finance.domain.cost_table import Key
from finance.domain.rollup import RolledCost, roll_up
from finance.domain.words import AssumptionKind
from finance.models import CostAssumption, CostVersion, Stage
from finance.selectors.costs import costs_of
from lots.domain.words import VersionState
from lots.models import BillLine, Product, Supplier

Cells = Mapping[str, str | None]


def stage_codes() -> list[str]:
    """In the order of the making."""
    return list(Stage.objects.order_by("sequence").values_list("code", flat=True))


def assumption_table(text: str) -> AssumptionTable:
    """A CSV read against what there is, with the lines of the released bills."""
    known = _known()
    return _whole(read_assumptions(text, known), known)


def assumption_rows(rows: Sequence[Cells]) -> AssumptionTable:
    """The same out of cells by column; the first row is line 1."""
    known = _known()
    return _whole(checked(enumerate(rows, start=1), known), known)


def assumptions_of(version: CostVersion) -> list[Assumption]:
    """In the order of their lines; none for a version that was not rolled up."""
    return [
        Assumption(
            line=row.line,
            kind=AssumptionKind(row.kind),
            item=row.item_id,
            stage=row.stage_id,
            value=row.value,
            component=row.component_id or "",
            supplier=row.supplier_id or "",
            source=row.source,
        )
        for row in CostAssumption.objects.filter(version=version).order_by("line")
    ]


def strayed_costs(
    version: CostVersion, rolled: Mapping[Key, RolledCost] | None = None
) -> list[Key]:
    """Costs of the version that are not what its assumptions come to: item, stage and supplier."""
    if rolled is None:
        rolled = roll_up(assumptions_of(version), stage_codes())
    if not rolled:
        return []
    wanted, costs = {key: one.standard for key, one in rolled.items()}, costs_of(version)
    return sorted(key for key in {*wanted, *costs} if wanted.get(key) != costs.get(key))


def released_bills() -> dict[str, dict[str, int]]:
    """Item → component → how many, by the newest released bill of each."""
    bills: dict[str, dict[str, int]] = {}
    latest: dict[str, int] = {}
    lines = BillLine.objects.filter(bill__state=VersionState.RELEASED).order_by(
        "bill__product", "-bill__version", "id"
    )
    for product, version, component, quantity in lines.values_list(
        "bill__product__code", "bill__version", "component__code", "quantity"
    ):
        if latest.setdefault(product, version) == version:
            bills.setdefault(product, {})[component] = quantity
    return bills


def _known() -> Known:
    return Known(
        items=frozenset(Product.objects.values_list("code", flat=True)),
        stages=tuple(stage_codes()),
        suppliers=frozenset(Supplier.objects.values_list("code", flat=True)),
        bills=released_bills(),
    )


def _whole(table: AssumptionTable, known: Known) -> AssumptionTable:
    return AssumptionTable(with_bills(table.rows, known.bills, known.stages), table.faults)
