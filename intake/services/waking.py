"""Parked rows are woken by what is recorded: each names what it waits for.

The ledger is followed by its gapless seq, so no event is missed whoever wrote it. What nothing
tells of (a waiver, a supplier added, a wake lost with its process) is found by the sweep.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from intake.domain.waits import ANYTHING, lot_keys, wafer_keys
from intake.domain.words import WOKEN, RowState
from intake.models import FeedRow, RowWait, WakeMark
from lots.models import Event, EventLine, Wafer
from lots.selectors import head_seq
from testing.models import Run

MARK = "rows"
EVENTS_A_PASS = 2_000
SWEPT_A_PASS = 1_000
_NEW_UNITS = (
    Path(__file__).resolve().parent.parent / "sql" / "waits_for_new_units.sql"
).read_text()


def wake(keys: Collection[str], before: int | None = None) -> int:
    """Owe another try of what waits for one of these; how many rows.

    before: only those last tried before this seq of the ledger.
    """
    waits = RowWait.objects.filter(key__in=keys) if keys else RowWait.objects.none()
    if before is not None:
        waits = waits.filter(seq__lt=before)
    return _wake_rows(waits.values_list("row_id", flat=True))


def _wake_rows(row_ids: Iterable[int]) -> int:
    ids = sorted(set(row_ids))
    if not ids:
        return 0
    RowWait.objects.filter(row__in=ids).delete()
    parked = FeedRow.objects.filter(pk__in=ids, state=RowState.WAITING).exclude(progress="")
    return parked.update(progress=WOKEN)


def wake_by_events() -> int:
    """Follow the ledger and the test runs to their ends, and wake what waited for them."""
    mark, _ = WakeMark.objects.get_or_create(
        name=MARK, defaults={"seq": head_seq(), "run_id": _last_run_id()}
    )
    woken = 0
    while events := _events_after(mark.seq):
        woken += _wake_by(events)
        mark.seq = events[-1][1]
        mark.save(update_fields=["seq"])
    run_id = _last_run_id()
    if run_id > mark.run_id:
        woken += _wake_by_runs(mark.run_id)
        mark.run_id = run_id
        mark.save(update_fields=["run_id"])
    return woken


def sweep() -> int:
    """Wake what waited long without being told of anything; how many rows."""
    now = timezone.now()
    due = FeedRow.objects.filter(state=RowState.WAITING, retry_at__lte=now).order_by("retry_at")
    parked = due.exclude(progress__in=["", WOKEN])
    return _wake_rows(parked.values_list("id", flat=True)[:SWEPT_A_PASS])


def _last_run_id() -> int:
    return Run.objects.aggregate(last=Max("id"))["last"] or 0


def _events_after(seq: int) -> list[tuple[UUID, int, str]]:
    """Id, seq and lot, in order."""
    events = Event.objects.filter(seq__gt=seq).order_by("seq")
    return list(events.values_list("id", "seq", "lot__code")[:EVENTS_A_PASS])


def _wake_by(events: Sequence[tuple[UUID, int, str]]) -> int:
    if not RowWait.objects.exists():
        return 0
    ids = [event_id for event_id, _, _ in events]
    touched: dict[str, int] = {}
    lines = EventLine.objects.filter(event__in=ids).values_list("lot__code", "event__seq")
    for lot, seq in [*((lot, seq) for _, seq, lot in events), *lines]:
        touched[lot] = max(seq, touched.get(lot, 0))
    return wake([ANYTHING], before=events[-1][1]) + _wake_by_lots(touched) + _wake_by_units(ids)


def _wake_by_lots(touched: dict[str, int]) -> int:
    """touched: lot → the last event that touched it."""
    seq_of = dict(zip(lot_keys(touched), touched.values(), strict=True))
    if RowWait.objects.filter(key__startswith="wafer:").exists():
        wafers = Wafer.objects.filter(lot__code__in=touched).values_list("code", "lot__code")
        found = list(wafers)
        keys = wafer_keys(code for code, _ in found)
        seq_of.update(zip(keys, (touched[lot] for _, lot in found), strict=True))
    waits = RowWait.objects.filter(key__in=seq_of).values_list("row_id", "key", "seq")
    return _wake_rows(row_id for row_id, key, seq in waits if seq < seq_of[key])


def _wake_by_units(event_ids: Sequence[UUID]) -> int:
    if not RowWait.objects.filter(key__startswith="unit:").exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_NEW_UNITS, {"events": list(event_ids)})
        return _wake_rows(row_id for (row_id,) in cursor.fetchall())


def _wake_by_runs(run_id: int) -> int:
    lots = Run.objects.filter(pk__gt=run_id).values_list("lot_step__lot__code", flat=True)
    return wake([ANYTHING, *lot_keys(lots.distinct())])
