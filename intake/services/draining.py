"""Do everything that is owed: read files, apply their rows, try again what waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile
from math import inf
from time import monotonic

from django.db.models import Q, QuerySet
from django.utils import timezone

from intake.domain.words import TEST_KINDS, WOKEN, FileState, RowState
from intake.models import ArchiveMember, FeedRow, RawFile
from intake.services.loading import is_still_unmatched, load_file
from intake.services.retrying import are_rows_left, retry_waiting_rows
from intake.services.rows import apply_next_rows
from intake.services.states import recorded_progress

DRAIN_SECONDS = 20.0
CANDIDATES = 20
RETRIED = (FileState.UNMATCHED, FileState.WAITING)


def drain(*, seconds: float = DRAIN_SECONDS, report: Callable[[str], None] | None = None) -> bool:
    """Work until nothing is owed that can be done now, or the seconds are over.

    True when time ran out first. Any number of workers may drain at once. report: told what is
    being worked on: "row", "file" or "retry".
    """
    end = monotonic() + seconds
    while monotonic() < end:
        if apply_next_rows():
            _tell(report, "row")
        elif _load_next_file():
            _tell(report, "file")
        elif retry_waiting(until=end):
            _tell(report, "retry")
        elif not are_rows_left():
            return False
    return True


def _tell(report: Callable[[str], None] | None, what: str) -> None:
    if report is not None:
        report(what)


def received_files(now: datetime) -> QuerySet[RawFile]:
    """Files to load for the first time, or again after a fault, in order of arrival."""
    return RawFile.objects.filter(state=FileState.RECEIVED, due_at__lte=now).order_by("id")


def _load_next_file() -> bool:
    """Load the first file that no other worker has."""
    ids = received_files(timezone.now()).values_list("id", flat=True)[:CANDIDATES]
    return any(load_file(file_id=file_id) for file_id in ids)


def retry_waiting(*, until: float = inf) -> int:
    """Try again what waits and may go on now; how many rows were tried and files moved on.

    until: of the monotonic clock, when no further file is begun.
    """
    return retry_waiting_rows() + retry_unmatched_files(until=until)


def retry_unmatched_files(*, until: float = inf) -> int:
    """Test files that could not be matched, once more stands recorded, or after a while.

    One that was looked at waits until more is recorded, so that the next call goes on behind it.
    """
    owed = (
        RawFile.objects.filter(kind__in=TEST_KINDS, state__in=RETRIED)
        .filter(~Q(progress=recorded_progress()) | Q(due_at__lte=timezone.now()))
        .order_by("id")
    )
    ids = list(owed.values_list("id", flat=True))
    return sum(_retry_file(file_id) for file_id in takewhile(lambda _: monotonic() < until, ids))


def _retry_file(file_id: int) -> bool:
    """Whether the file moved on."""
    if is_still_unmatched(file_id=file_id) or not load_file(file_id=file_id):
        return False
    return not RawFile.objects.filter(pk=file_id, state__in=RETRIED).exists()


def is_owed(file_ids: list[int], *, within: timedelta = timedelta(minutes=1)) -> bool:
    """Whether one of these files, or of those in them, has work left that goes on by itself."""
    soon = timezone.now() + within
    inside = ArchiveMember.objects.filter(archive__in=file_ids, file__isnull=False)
    ids = [*file_ids, *inside.values_list("file", flat=True)]
    return (
        RawFile.objects.filter(pk__in=ids, state=FileState.RECEIVED, due_at__lte=soon).exists()
        or FeedRow.objects.filter(
            file__in=ids, state=RowState.WAITING, progress__in=["", WOKEN]
        ).exists()
    )
