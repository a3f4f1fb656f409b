"""The line's files through the ordinary doors, beside running workers or without any."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from django.db.models import Sum

from intake.domain.words import Door, FileState, RowState
from intake.models import FeedRow, RawFile
from intake.services import drain, is_owed, receive_file
from operations.management.progress import Progress
from supplychain.base.errors import SupplychainError
from testing.models import Run

SLICE_SECONDS = 1.0
WAIT_SECONDS = 0.5
IDLE_SECONDS_MAX = 120.0


class StuckError(SupplychainError):
    """Work is owed, but nobody brings it on."""

    code = "stuck"
    title = "Loading does not go on"


def recorded_rows() -> int:
    """Feed rows that were settled, and results that were recorded."""
    settled = FeedRow.objects.exclude(state=RowState.WAITING).aggregate(rows=Sum("line_count"))
    results = Run.objects.aggregate(rows=Sum("insertion_count"))
    return int(settled["rows"] or 0) + int(results["rows"] or 0)


def receive_all(paths: Sequence[Path], progress: Progress) -> list[int]:
    """Store every file in order of arrival; their ids. A file stored before is not taken twice."""
    progress.begin("Receiving files", len(paths))
    ids = []
    for path in paths:
        with path.open("rb") as stream:
            receipt = receive_file(stream=stream, name=path.name, door=Door.COMMAND)
        ids.append(receipt.file.pk)
        progress.advance()
    return ids


def load_all(file_ids: Sequence[int], progress: Progress) -> None:
    """Work, and let others work, until nothing of these files goes on by itself.

    StuckError when something is owed and nothing has moved for two minutes.
    """
    progress.begin("Loading files", len(file_ids))
    moved_at, last = time.monotonic(), (-1, -1)
    while drain(seconds=SLICE_SECONDS) or is_owed(list(file_ids)):
        state = (_settled(file_ids), recorded_rows())
        progress.reach(state[0])
        if state != last:
            moved_at, last = time.monotonic(), state
        elif time.monotonic() - moved_at > IDLE_SECONDS_MAX:
            raise StuckError("Nothing has moved for two minutes. See the files that are owed.")
        else:
            time.sleep(WAIT_SECONDS)
    progress.reach(_settled(file_ids))


def _settled(file_ids: Sequence[int]) -> int:
    """Files that were read to their end, whatever came of it."""
    return RawFile.objects.filter(pk__in=file_ids).exclude(state=FileState.RECEIVED).count()
