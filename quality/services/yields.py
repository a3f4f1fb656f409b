"""Yield figures from test results: restated when results change, with the old ones kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from lots.models import Wafer
from quality.domain.intervals import wilson
from quality.domain.words import YieldScope
from quality.domain.yields import YieldCounts, pooled
from quality.models import YieldFigure
from quality.selectors.counts import Cell, burn_in_counts, fail_bins, lot_step_cells
from quality.selectors.series import later_lot_ids
from quality.services.reviews import queue_reviews
from quality.services.step_yields import restate_step_yields
from testing.models import BurnInRun, Equipment, LotStep, Run

BATCH_LOT_STEPS = 50


def summarise_owed(*, now: datetime, limit: int = BATCH_LOT_STEPS) -> int:
    """Summarise lot steps whose results are newer than their figures, oldest first; how many.

    Each is its own transaction. What another worker is busy with is left to it.
    """
    wanted = list(
        owed_lot_steps().order_by("first_started_at", "pk").values_list("pk", flat=True)[:limit]
    )
    return sum(summarise_lot_step(lot_step_id=pk, now=now) for pk in wanted)


def owed_lot_steps() -> QuerySet[LotStep]:
    """Lot steps with results that no current figure stands on."""
    standing = YieldFigure.objects.filter(
        lot_step=OuterRef("pk"),
        revision=OuterRef("revision"),
        scope=YieldScope.LOT,
        is_current=True,
    )
    runs = Run.objects.filter(lot_step=OuterRef("pk"))
    loads = BurnInRun.objects.filter(lot_step=OuterRef("pk"))
    return LotStep.objects.filter(~Exists(standing), Exists(runs) | Exists(loads), revision__gt=0)


@transaction.atomic
def summarise_lot_step(*, lot_step_id: int, now: datetime) -> bool:
    """Write the figures of one lot step and queue its review. False when there is nothing to do."""
    row = LotStep.objects.select_for_update(skip_locked=True).filter(pk=lot_step_id).first()
    if row is None or not owed_lot_steps().filter(pk=row.pk).exists():
        return False
    figures = _figures(row)
    YieldFigure.objects.filter(lot_step=row, is_current=True).update(is_current=False)
    YieldFigure.objects.bulk_create(figures, batch_size=500)
    restate_step_yields(lot_ids=[row.lot_id])
    queue_reviews(lot_ids=[row.lot_id, *later_lot_ids(row)], now=now)
    return True


def _figures(lot_step: LotStep) -> list[YieldFigure]:
    """One figure for the lot and one for each wafer, program and site that has units."""
    cells = lot_step_cells(lot_step)
    if not cells:
        return [_figure(lot_step, YieldScope.LOT, "", burn_in_counts(lot_step))]
    whole = _figure(lot_step, YieldScope.LOT, "", pooled(cell.counts for cell in cells))
    whole.fail_bins = fail_bins(lot_step)
    return [whole, *_slices(lot_step, cells)]


def _slices(lot_step: LotStep, cells: list[Cell]) -> Iterator[YieldFigure]:
    wafers = Wafer.objects.in_bulk({cell.wafer_id for cell in cells if cell.wafer_id is not None})
    testers = Equipment.objects.in_bulk({cell.tester_id for cell in cells})
    groups: dict[tuple[YieldScope, str], list[Cell]] = defaultdict(list)
    for cell in cells:
        site = f"{testers[cell.tester_id].code}/{cell.head}/{cell.site}"
        groups[YieldScope.PROGRAM, str(cell.program_revision_id)].append(cell)
        groups[YieldScope.SITE, site].append(cell)
        if cell.wafer_id is not None:
            groups[YieldScope.WAFER, wafers[cell.wafer_id].code].append(cell)
    for (scope, key), members in sorted(groups.items()):
        figure = _figure(lot_step, scope, key, pooled(cell.counts for cell in members))
        if scope is YieldScope.WAFER:
            figure.wafer_id = members[0].wafer_id
        if scope is YieldScope.PROGRAM:
            figure.program_revision_id = members[0].program_revision_id
        yield figure


def _figure(lot_step: LotStep, scope: YieldScope, key: str, counts: YieldCounts) -> YieldFigure:
    first = wilson(counts.first_passed, counts.tested)
    final = wilson(counts.final_passed, counts.tested)
    return YieldFigure(
        lot_step=lot_step,
        scope=scope,
        scope_key=key,
        revision=lot_step.revision,
        policy=lot_step.policy,
        tested=counts.tested,
        first_passed=counts.first_passed,
        final_passed=counts.final_passed,
        retested=counts.retested,
        recovered=counts.recovered,
        first_ratio=counts.first_ratio,
        first_low=first.low if first else None,
        first_high=first.high if first else None,
        final_ratio=counts.final_ratio,
        final_low=final.low if final else None,
        final_high=final.high if final else None,
        started_at=lot_step.first_started_at or lot_step.changed_at,
    )
