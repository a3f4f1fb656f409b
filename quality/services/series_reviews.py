"""Reviews of all lots whose measure another lot's results changed, however many there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from quality.models import PendingSeries, PendingTable, YieldFigure
from quality.selectors.series import SeriesKey, series_figures
from quality.services.reviews import queue_again
from testing.models import LotStep

LOTS_PER_BATCH = 500


def owe_series(*, since: Mapping[SeriesKey, datetime], but: int) -> None:
    """Ask for a review of every lot of these series that began at the instant or later.

    but: the lot step that brought the change. Call it before reviews are asked for: the series are
    locked first, as in `follow_series`.
    """
    for key in sorted(since, key=lambda key: (key.product_id, key.step_code)):
        if _behind(key, since[key]).exclude(lot_step=but).exists():
            row, is_new = PendingSeries.objects.select_for_update().get_or_create(
                product_id=key.product_id,
                step_code=key.step_code,
                defaults={"from_at": since[key]},
            )
            if not is_new and since[key] < row.from_at:
                row.from_at = since[key]
                row.save(update_fields=["from_at"])


@transaction.atomic
def follow_series(*, now: datetime, limit: int = LOTS_PER_BATCH) -> int:
    """Queue the next lots of a series that is owed reviews; how many. 0 once none is owed.

    Lots that began at the instant of the last one are queued with it.
    """
    rows = PendingSeries.objects.select_for_update(skip_locked=True).order_by("pk")
    row = rows.first()
    if row is None:
        return 0
    behind = _behind(SeriesKey(row.product_id, row.step_code), row.from_at).order_by("started_at")
    instants = list(behind.values_list("started_at", flat=True)[:limit])
    last = instants[-1] if instants else row.from_at
    lots = behind.filter(started_at__lte=last).values_list("lot_step__lot_id", flat=True)
    lot_ids = set(lots)
    queue_again(lot_ids=lot_ids, now=now)
    _move_on(row, behind.filter(started_at__gt=last).values_list("started_at", flat=True).first())
    return max(len(lot_ids), 1)


@transaction.atomic
def follow_tables(*, now: datetime, limit: int = LOTS_PER_BATCH) -> int:
    """Queue the next lots that a program tested whose bin table grew; how many.

    0 once no table is owed any.
    """
    row = PendingTable.objects.select_for_update(skip_locked=True).order_by("pk").first()
    if row is None:
        return 0
    lots = LotStep.objects.filter(runs__revision=row.revision_id, lot__gt=row.after_lot_id)
    lot_ids = list(lots.order_by("lot").values_list("lot", flat=True).distinct()[:limit])
    queue_again(lot_ids=lot_ids, now=now)
    if len(lot_ids) < limit:
        row.delete()
    else:
        row.after_lot_id = lot_ids[-1]
        row.save(update_fields=["after_lot_id"])
    return max(len(lot_ids), 1)


def _move_on(row: PendingSeries, next_at: datetime | None) -> None:
    if next_at is None:
        row.delete()
        return
    row.from_at = next_at
    row.save(update_fields=["from_at"])


def _behind(key: SeriesKey, from_at: datetime) -> QuerySet[YieldFigure]:
    return series_figures(key).filter(started_at__gte=from_at)
