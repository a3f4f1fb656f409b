"""What lots of a series had in common: units by tool, for the newest lots up to one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count as Rows
from django.db.models import F, Q

from quality.domain.commonality import Factor, LotExposure, Tool
from quality.domain.dispersion import Count
from quality.domain.words import YieldSlice
from quality.models import YieldFigure, YieldPart
from quality.selectors.series import SeriesKey, series_figures
from testing.domain.words import Outcome
from testing.models import LotStep, UnitResult

COMMONALITY_LOTS = 20

Cells = dict[int, dict[Tool, list[int]]]

RUN_TOOLS = (
    (Factor.TESTER, "run__tester__code"),
    (Factor.PROBE_CARD, "run__probe_card__code"),
    (Factor.LOAD_BOARD, "run__load_board__code"),
)
PART_TOOLS = {
    YieldSlice.TESTER: Factor.TESTER,
    YieldSlice.SITE: Factor.SITE,
    YieldSlice.CARD: Factor.PROBE_CARD,
    YieldSlice.BOARD: Factor.LOAD_BOARD,
    YieldSlice.OVEN: Factor.OVEN,
}
BURN_IN_TOOLS = (
    (Factor.OVEN, "unit__burn_ins__run__oven__code"),
    (Factor.BURN_IN_BOARD, "unit__burn_ins__board__code"),
)


def exposures(lot_step: LotStep) -> list[LotExposure]:
    """This lot and up to 19 earlier ones of its series, oldest first; lots without units that were
    tested are left out. Three queries."""
    key = SeriesKey(lot_step.lot.product_id, lot_step.step.code)
    if lot_step.first_started_at is None:
        return []
    rows = series_figures(key).filter(started_at__lte=lot_step.first_started_at)
    newest = list(rows.order_by("-started_at", "-lot_step_id")[:COMMONALITY_LOTS])
    ids = [figure.lot_step_id for figure in newest]
    cells: Cells = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    _add_runs(cells, ids)
    _add_ovens(cells, ids)
    return [
        LotExposure(
            figure.lot_step.lot.code,
            Count(figure.first_passed, figure.tested),
            {tool: Count(*counts) for tool, counts in cells[figure.lot_step_id].items()},
        )
        for figure in reversed(newest)
        if figure.lot_step_id in cells
    ]


def tool_exposures(figures: Sequence[YieldFigure]) -> dict[int, LotExposure]:
    """Lot step → what its units were on, as they were counted with the figures; those without a
    known tool are left out. Ovens are those of the step itself. One query."""
    cells: dict[int, dict[Tool, Count]] = defaultdict(dict)
    parts = YieldPart.objects.filter(
        lot_step__in=[figure.lot_step_id for figure in figures], slice__in=PART_TOOLS
    )
    columns = "lot_step_id", "slice", "slice_key", "first_passed", "tested"
    for lot_step_id, kind, name, passed, tested in parts.values_list(*columns):
        cells[lot_step_id][Tool(PART_TOOLS[YieldSlice(kind)], name)] = Count(passed, tested)
    return {
        figure.lot_step_id: LotExposure(
            figure.lot_step.lot.code,
            Count(figure.first_passed, figure.tested),
            cells[figure.lot_step_id],
        )
        for figure in figures
        if figure.lot_step_id in cells
    }


def _add_runs(cells: Cells, ids: Sequence[int]) -> None:
    columns = [column for _, column in RUN_TOOLS]
    for row in _counted(ids, [*columns, "head", "site"]):
        names = [(factor, row[column]) for factor, column in RUN_TOOLS]
        names.append((Factor.SITE, f"{row[columns[0]]}/{row['head']}/{row['site']}"))
        _add(cells, row, names)


def _add_ovens(cells: Cells, ids: Sequence[int]) -> None:
    """Burn-ins that were over before the unit was tested."""
    earlier = Q(unit__burn_ins__removed_at__lte=F("run__started_at"))
    for factor, column in BURN_IN_TOOLS:
        for row in _counted(ids, [column], earlier):
            _add(cells, row, [(factor, row[column])])


def _counted(ids: Sequence[int], columns: Sequence[str], where: Q | None = None) -> Iterable[Any]:
    rows = UnitResult.objects.filter(lot_step__in=ids, is_first=True)
    if where is not None:
        rows = rows.filter(where)
    passed = Rows("unit_key", filter=Q(outcome=Outcome.PASS), distinct=True)
    grouped = rows.order_by().values("lot_step_id", *columns)
    return list(grouped.annotate(units=Rows("unit_key", distinct=True), passed=passed))


def _add(cells: Cells, row: Any, names: Iterable[tuple[Factor, str | None]]) -> None:
    for factor, name in names:
        if name:
            counts = cells[row["lot_step_id"]][Tool(factor, name)]
            counts[0] += row["passed"]
            counts[1] += row["units"]
