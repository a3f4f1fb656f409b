"""Claims, attempts and states of files."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import Error, connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from intake.domain.words import (
    OWED_STATES,
    SETTLED_STATES,
    AttemptOutcome,
    FileState,
    RowState,
)
from intake.models import FeedRow, LoadAttempt, RawFile
from lots.selectors import head_seq
from testing.models import Run

LOST_ATTEMPTS_MAX = 5
RETRY_AFTER = timedelta(minutes=5)


class TakenError(Exception):
    """Another worker has the file, or settled it meanwhile."""


def recorded_progress() -> str:
    """Changes whenever something was recorded that a waiting file or row may depend on."""
    run_id = Run.objects.aggregate(last=Max("id"))["last"] or 0
    row_at = FeedRow.objects.filter(state=RowState.APPLIED).aggregate(last=Max("settled_at"))[
        "last"
    ]
    return f"{head_seq()}:{run_id}:{row_at.timestamp() if row_at else 0:.6f}"


@contextmanager
def held_alone(name: str) -> Iterator[bool]:
    """Whether this connection alone holds the name, until the block ends or the process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
        (is_ours,) = cursor.fetchone()
    try:
        yield bool(is_ours)
    finally:
        if is_ours:
            with suppress(Error), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


def claimed(file_id: int) -> RawFile:
    """The file, locked until the transaction ends. TakenError when it is not ours to take.

    A report whose rows are read is owed row by row, no longer as a file.
    """
    file = (
        RawFile.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("lot__product", "lot__route_version", "step", "mapping__supplier")
        .filter(pk=file_id, state__in=OWED_STATES)
        .exclude(Exists(FeedRow.objects.filter(file=OuterRef("pk"))))
        .first()
    )
    if file is None:
        raise TakenError
    return file


@transaction.atomic
def begin_attempt(file_id: int) -> LoadAttempt | None:
    """Say that loading begins, so that pages show it. None when the file is rejected instead.

    Whoever left an attempt open without holding the lock is gone: his attempt is lost.
    """
    file = claimed(file_id)
    now = timezone.now()
    file.attempts.filter(outcome=AttemptOutcome.RUNNING).update(
        outcome=AttemptOutcome.LOST,
        finished_at=now,
        message="The worker ended in the middle; nothing of it was kept.",
    )
    if file.attempts.filter(outcome__in=LOSING).count() >= LOST_ATTEMPTS_MAX:
        file.state = FileState.REJECTED
        file.message = (
            f"Loading broke off {LOST_ATTEMPTS_MAX} times. See the attempts for the reason; "
            "an administrator can have it tried again."
        )
        file.settled_at = now
        file.save(update_fields=["state", "message", "settled_at"])
        return None
    return LoadAttempt.objects.create(file=file, worker=worker_name())


LOSING = (AttemptOutcome.LOST, AttemptOutcome.FAILED)


def worker_name() -> str:
    """This process, as attempts name it."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


def settle(file: RawFile, progress: str) -> None:
    """Write what became of a claimed file. progress: as it stood before the try."""
    now = timezone.now()
    is_settled = file.state in SETTLED_STATES
    file.settled_at = now if is_settled else None
    file.progress = "" if is_settled else progress
    file.due_at = now + RETRY_AFTER
    file.message = file.message.replace("\0", "")
    file.save(
        update_fields=[
            "kind", "mapping", "state", "message", "summary", "run", "lot", "step", "progress",
            "due_at", "settled_at",
        ]
    )  # fmt: skip


def finish_attempt(attempt: LoadAttempt, outcome: AttemptOutcome, message: str = "") -> None:
    """Close the attempt in the same transaction as its work."""
    attempt.outcome, attempt.message = outcome, message.replace("\0", "")
    attempt.finished_at = timezone.now()
    attempt.save(update_fields=["outcome", "message", "finished_at"])


def postponed(now: datetime, failures: int) -> datetime:
    """When to try again after so many failures: 2, 4, 8 … seconds later."""
    return now + timedelta(seconds=2.0 ** min(failures, 8))
