"""Yield figures from test results: restated when results change, with the old ones kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from lots.models import Wafer
from quality.domain.intervals import wilson
from quality.domain.words import YieldScope, YieldSlice
from quality.domain.yields import YieldCounts
from quality.models import OwedYield, YieldFigure
from quality.selectors.counts import fail_bins, lot_step_parts
from quality.selectors.series import later_lot_ids
from quality.services.books import write_book
from quality.services.reviews import queue_reviews
from quality.services.step_yields import restate_step_yields
from testing.models import BurnInRun, LotStep, Run

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
    """Lot steps with results that changed since they were counted, or whose bins or lot did."""
    runs = Run.objects.filter(lot_step=OuterRef("pk"))
    loads = BurnInRun.objects.filter(lot_step=OuterRef("pk"))
    return LotStep.objects.filter(Exists(runs) | Exists(loads), owed_yield__isnull=False)


@transaction.atomic
def summarise_lot_step(*, lot_step_id: int, now: datetime) -> bool:
    """Write the figures of one lot step and queue its review. False when there is nothing to do."""
    row = LotStep.objects.select_for_update(skip_locked=True).filter(pk=lot_step_id).first()
    owed = OwedYield.objects.filter(lot_step=lot_step_id).first()
    if row is None or owed is None:
        return False
    write_book(row, now=now)
    if not _standing(row).exists():
        figures = _figures(row)
        YieldFigure.objects.filter(lot_step=row, is_current=True).update(is_current=False)
        YieldFigure.objects.bulk_create(figures, batch_size=500)
        restate_step_yields(lot_ids=[row.lot_id])
        queue_reviews(lot_ids=[row.lot_id, *later_lot_ids(row)], now=now)
    # Asked again in the meantime: it stays owed.
    OwedYield.objects.filter(lot_step=row, asked=owed.asked).delete()
    return True


def _standing(lot_step: LotStep) -> QuerySet[YieldFigure]:
    """The lot's current figure, if it stands on the results as they are."""
    return YieldFigure.objects.filter(
        lot_step=lot_step, revision=lot_step.revision, scope=YieldScope.LOT, is_current=True
    )


SCOPES = {
    YieldSlice.WHOLE: YieldScope.LOT,
    YieldSlice.WAFER: YieldScope.WAFER,
    YieldSlice.PROGRAM: YieldScope.PROGRAM,
    YieldSlice.SITE: YieldScope.SITE,
}
"""Parts that have figures of their own, with history and bounds."""


def _figures(lot_step: LotStep) -> list[YieldFigure]:
    """One figure for the lot and one for each wafer, program and site that has units.

    None at all where every run was taken back.
    """
    parts = [part for part in lot_step_parts(lot_step) if part.slice in SCOPES]
    codes = [part.key for part in parts if part.slice is YieldSlice.WAFER]
    wafers = Wafer.objects.in_bulk(codes, field_name="code")
    figures = []
    for part in parts:
        figure = _figure(lot_step, SCOPES[part.slice], part.key, part.counts)
        if part.slice is YieldSlice.WHOLE:
            figure.fail_bins = fail_bins(lot_step)
        if part.slice is YieldSlice.WAFER:
            figure.wafer = wafers[part.key]
        if part.slice is YieldSlice.PROGRAM:
            figure.program_revision_id = int(part.key)
        figures.append(figure)
    if figures or not _stands(lot_step):
        return figures
    return [_figure(lot_step, YieldScope.LOT, "", YieldCounts())]


def _stands(lot_step: LotStep) -> bool:
    """Whether anything of it was not taken back."""
    runs = Run.objects.filter(lot_step=lot_step, is_withdrawn=False)
    return runs.exists() or BurnInRun.objects.filter(lot_step=lot_step).exists()


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
