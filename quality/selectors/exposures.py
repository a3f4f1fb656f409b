"""What lots of a series had in common: units by tool, for the newest lots up to one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Count as Rows
from django.db.models import OuterRef, Q, Subquery

from quality.domain.commonality import NEWEST_LOTS
from quality.domain.dispersion import Count
from quality.domain.exposure import Factor, LotExposure, Tool
from quality.domain.words import YieldSlice
from quality.models import YieldFigure, YieldPart
from quality.selectors.series import judged_figure
from testing.domain.words import Outcome
from testing.models import BurnInUnit, LotStep, UnitResult

COMMONALITY_LOTS = 3 * NEWEST_LOTS
"""A cause is sought among the newest; the others say how tools differ on ordinary lots."""

PART_TOOLS = {
    YieldSlice.TESTER: Factor.TESTER,
    YieldSlice.SITE: Factor.SITE,
    YieldSlice.CARD: Factor.PROBE_CARD,
    YieldSlice.BOARD: Factor.LOAD_BOARD,
    YieldSlice.OVEN: Factor.OVEN,
}


def exposures(lot_step: LotStep) -> list[LotExposure]:
    """This lot and up to 59 earlier ones of its series, oldest first; lots without a known tool are
    left out. Empty where it is not known what this lot was on. Seven queries at most."""
    judged = judged_figure(lot_step, COMMONALITY_LOTS - 1)
    if judged is None:
        return []
    figures = (*judged.earlier, judged.figure)
    found = tool_exposures(figures)
    if lot_step.pk not in found:
        return []
    ovens = _ovens_before(list(found))
    return [
        replace(found[pk], tools={**found[pk].tools, **ovens.get(pk, {})})
        for pk in (figure.lot_step_id for figure in figures)
        if pk in found
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


def _ovens_before(ids: Sequence[int]) -> dict[int, dict[Tool, Count]]:
    """Lot step → ovens and boards that its units were burnt in on before they were tested.

    A unit that was burnt in twice counts once, where it was last before its first insertion: that
    is how it came to the test, and units beside a tool must not be on it as well. Burn-ins behind
    the test cannot have harmed it. One query.
    """
    last = BurnInUnit.objects.filter(
        unit=OuterRef("unit"), removed_at__lte=OuterRef("run__started_at")
    ).order_by("-removed_at", "-inserted_at", "-pk")
    columns = "lot_step_id", "unit__burn_ins__run__oven__code", "unit__burn_ins__board__code"
    grouped = (
        UnitResult.objects.filter(lot_step__in=ids, is_first=True)
        .filter(unit__burn_ins=Subquery(last.values("pk")[:1]))
        .order_by()
        .values_list(*columns)
        .annotate(
            passed=Rows("unit_key", filter=Q(outcome=Outcome.PASS), distinct=True),
            units=Rows("unit_key", distinct=True),
        )
    )
    sums: dict[int, dict[Tool, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for lot_step_id, oven, board, passed, units in grouped:
        for tool in (Tool(Factor.OVEN, oven), Tool(Factor.BURN_IN_BOARD, board)):
            sums[lot_step_id][tool][0] += passed
            sums[lot_step_id][tool][1] += units
    return {
        lot_step_id: {tool: Count(*counts) for tool, counts in tools.items()}
        for lot_step_id, tools in sums.items()
    }
