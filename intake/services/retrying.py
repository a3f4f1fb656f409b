"""Parked rows, tried again once something was recorded that they may depend on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from intake.domain.words import FileState, RowState
from intake.models import FeedRow, RawFile
from intake.services.rows import APPLIERS_LOCK, locked_row, settle_file, settle_row
from intake.services.states import RETRY_AFTER, held_alone, recorded_progress
from lots.models import Event, EventLine

ROWS_A_PASS = 1_000
NAMES = ("lot", "to_lot")


@dataclass(frozen=True, slots=True)
class _Parked:
    row_id: int
    lots: frozenset[str]
    progress: str
    is_due: bool


def retry_waiting_rows() -> int:
    """Try again rows that waited in vain, if something may have changed; how many moved on.

    One process at a time, and none applies new rows meanwhile: the partners' order is kept.
    """
    with held_alone(APPLIERS_LOCK) as is_ours:
        return _retry_waiting_rows() if is_ours else 0


def _retry_waiting_rows() -> int:
    now, progress = timezone.now(), recorded_progress()
    owed = (
        FeedRow.objects.filter(state=RowState.WAITING)
        .exclude(progress="")
        .filter(~Q(progress=progress) | Q(file__due_at__lte=now))
        .order_by(F("occurred_at").asc(nulls_first=True), "file_id", "number")
        .values_list("id", "content", "progress", "file__due_at")[:ROWS_A_PASS]
    )
    parked = [
        _Parked(row_id, _lots(content), progress, due_at <= now)
        for row_id, content, progress, due_at in owed
    ]
    hopeful = _hopeful(parked, progress)
    moved = sum(retry_row(one.row_id) for one in parked if one.row_id in hopeful)
    idle = [one.row_id for one in parked if one.row_id not in hopeful]
    FeedRow.objects.filter(pk__in=idle, state=RowState.WAITING).update(progress=progress)
    RawFile.objects.filter(
        state=FileState.WAITING, due_at__lte=now, rows__state=RowState.WAITING
    ).update(due_at=timezone.now() + RETRY_AFTER)
    return moved


def _lots(content: dict[str, object]) -> frozenset[str]:
    """Lots that a WIP row is about; empty for rows that depend on other things as well."""
    if "verb" not in content:
        return frozenset()
    return frozenset(str(content[name]) for name in NAMES if content.get(name))


def _hopeful(parked: Iterable[_Parked], progress: str) -> set[int]:
    """Rows worth another try: something happened to their lots, or one cannot tell.

    progress is `seq:run:row`, as recorded_progress writes it.
    """
    waiting = list(parked)
    seqs = [int(one.progress.split(":")[0]) for one in waiting]
    changed = _changed_since(min(seqs, default=0))
    found: set[int] = set()
    for one, seq in zip(waiting, seqs, strict=True):
        is_retested = one.progress.split(":")[1] != progress.split(":")[1]
        is_touched = any(changed.get(lot, -1) > seq for lot in one.lots)
        if one.is_due or is_retested or is_touched or not one.lots:
            found.add(one.row_id)
    return found


def _changed_since(seq: int) -> dict[str, int]:
    """Lot code → the last event after seq that touched it."""
    events = Event.objects.filter(seq__gt=seq).values_list("lot__code", "seq")
    lines = EventLine.objects.filter(event__seq__gt=seq).values_list("lot__code", "event__seq")
    return dict(sorted([*events, *lines], key=itemgetter(1)))


def retry_row(row_id: int) -> bool:
    """Try one waiting row again; whether it moved on."""
    with transaction.atomic():
        if not _is_only_applier():
            return False
        row = locked_row(row_id)
        if row is None:
            return False
        settle_row(row)
        if row.state == RowState.WAITING:
            return False
        settle_file(row.file)
        return True


def _is_only_applier() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [APPLIERS_LOCK])
        (is_ours,) = cursor.fetchone()
    return bool(is_ours)
