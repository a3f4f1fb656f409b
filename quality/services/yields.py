"""Yield figures from test results: restated when results change, with the old ones kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from lots.models import Wafer
from quality.domain.clustering import cluster_sums, wafer_likeness, within_lot
from quality.domain.intervals import Interval, wilson
from quality.domain.lot_parts import (
    WAFERS_MIN,
    LotWafers,
    PartSize,
    units_by_tester,
    units_on_one_wafer,
)
from quality.domain.words import YieldScope, YieldSlice
from quality.domain.yields import YieldCounts
from quality.models import OwedYield, YieldBook, YieldFigure
from quality.selectors.counts import Part, fail_bins, lot_step_parts
from quality.selectors.series import SeriesKey
from quality.services.books import write_book
from quality.services.reviews import queue_reviews
from quality.services.series_reviews import owe_series
from quality.services.step_yields import locked_figures, restate_step_yields
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
    earlier = YieldBook.objects.filter(lot_step=row).first()
    book = write_book(row, now=now)
    if not _standing(row).exists():
        _restate(row, earlier, now)
    elif earlier and book and _series_of(earlier) != _series_of(book):
        _owe_reviews(row, earlier, [row.first_started_at], now)
    # Asked again in the meantime: it stays owed.
    OwedYield.objects.filter(lot_step=row, asked=owed.asked).delete()
    return True


def _restate(row: LotStep, earlier: YieldBook | None, now: datetime) -> None:
    figures = _figures(row)
    locked_figures(lot_ids=[row.lot_id])  # of all its steps, before the first is changed
    before = YieldFigure.objects.filter(lot_step=row, is_current=True)
    instants = list(before.values_list("started_at", flat=True)[:1])
    before.update(is_current=False)
    YieldFigure.objects.bulk_create(figures, batch_size=500)
    restate_step_yields(lot_ids=[row.lot_id])
    _owe_reviews(row, earlier, [*instants, *(figure.started_at for figure in figures[:1])], now)


def _series_of(book: YieldBook) -> tuple[int, bool]:
    """Which lots it is a measure of; engineering lots are no measure."""
    return book.product_id, book.is_counted


def _owe_reviews(
    row: LotStep, earlier: YieldBook | None, instants: Sequence[datetime | None], now: datetime
) -> None:
    """The lot is reviewed, and all that it is or was among the measure of."""
    products = {row.lot.product_id, *([earlier.product_id] if earlier else [])}
    keys = [SeriesKey(product_id, row.step.code) for product_id in products]
    known = [instant for instant in instants if instant is not None]
    since = dict.fromkeys(keys, min(known)) if known else {}
    owe_series(since=since, but=row.pk)
    queue_reviews(lot_ids=[row.lot_id], now=now)


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
    bounds = _Bounds(parts)
    figures = []
    for part in parts:
        figure = _figure(lot_step, SCOPES[part.slice], part.key, part.counts)
        bounds.put(figure, part)
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


class _Bounds:
    """Bounds of the figures of one lot at a step, from its own wafers and nothing else: a figure
    does not hang on which lots were counted before it. Under WAFERS_MIN wafers: plain Wilson."""

    def __init__(self, parts: Sequence[Part]) -> None:
        wafers = [part.counts for part in parts if part.slice is YieldSlice.WAFER]
        tested = [one.tested for one in wafers]
        self.by_tester = units_by_tester([_size(part) for part in parts])
        self.first = _wafers([one.first_passed for one in wafers], tested)
        self.final = _wafers([one.final_passed for one in wafers], tested)

    def put(self, figure: YieldFigure, part: Part) -> None:
        """Onto the figure of the part."""
        first = self._of(part, part.counts.first_passed, self.first)
        final = self._of(part, part.counts.final_passed, self.final)
        if first and final:
            figure.first_low, figure.first_high = first.low, first.high
            figure.final_low, figure.final_high = final.low, final.high
            figure.interval_method = final.method

    def _of(self, part: Part, passed: int, wafers: LotWafers | None) -> Interval | None:
        if wafers is None:
            return wilson(passed, part.counts.tested)
        units = units_on_one_wafer(_size(part), wafers, self.by_tester)
        return within_lot(passed, part.counts.tested, units, wafers.likeness)


def _size(part: Part) -> PartSize:
    return PartSize(part.slice, part.key, part.counts.tested)


def _wafers(passed: Sequence[int], tested: Sequence[int]) -> LotWafers | None:
    if len(tested) < WAFERS_MIN:
        return None
    sums = cluster_sums(passed, tested)
    return LotWafers(sums, wafer_likeness([sums]))


def _stands(lot_step: LotStep) -> bool:
    """Whether anything of it was not taken back."""
    runs = Run.objects.filter(lot_step=lot_step, is_withdrawn=False)
    return runs.exists() or BurnInRun.objects.filter(lot_step=lot_step).exists()


def _figure(lot_step: LotStep, scope: YieldScope, key: str, counts: YieldCounts) -> YieldFigure:
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
        final_ratio=counts.final_ratio,
        started_at=lot_step.first_started_at or lot_step.changed_at,
    )
