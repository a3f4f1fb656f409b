"""Parked rows, tried again once what they wait for was recorded."""

from __future__ import annotations

from django.db.models import Exists, OuterRef
from django.utils import timezone

from intake.domain.words import TEST_KINDS, FileState, RowState
from intake.models import FeedRow, RawFile
from intake.services.rows import (
    APPLIERS_LOCK,
    apply_woken_rows,
    are_rows_ready,
    settle_file,
)
from intake.services.states import held_alone
from intake.services.waking import sweep, wake_by_events


def retry_waiting_rows() -> int:
    """Try again a batch of the rows that were woken; how many were tried.

    One process at a time, and none applies new rows meanwhile: the partners' order is kept.
    """
    with held_alone(APPLIERS_LOCK) as is_ours:
        if not is_ours:
            return 0
        wake_by_events()
        sweep()
        _settle_left_files()
        return apply_woken_rows()


def are_rows_left() -> bool:
    """Whether rows are ready that no process is at.

    A process that is refused the lock leaves its rows to the one that holds it. They may have come
    after that one looked, so whoever held the lock asks this before going away.
    """
    if not are_rows_ready():
        return False
    with held_alone(APPLIERS_LOCK) as is_ours:
        return is_ours


def _settle_left_files() -> None:
    """Reports whose rows are all settled, left as waiting by a process that died."""
    waiting = FeedRow.objects.filter(file=OuterRef("pk"), state=RowState.WAITING)
    left = RawFile.objects.filter(state=FileState.WAITING, due_at__lte=timezone.now())
    for file in left.exclude(kind__in=TEST_KINDS).exclude(Exists(waiting)):
        settle_file(file)
