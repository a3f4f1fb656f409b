"""What a worker does for exports: one file after the other, each in a transaction of its own.

What is owed stands in the rows, and a claim is the job's row lock: a worker that dies leaves a
file unwritten, and the next one begins where the last finished file ends.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from finance.domain.words import OWED_EXPORTS, ExportFormat, ExportState
from finance.models import ExportFile, ExportJob
from finance.selectors.exports import control_totals, query_of
from finance.selectors.ledger import LedgerPage, ledger_page
from finance.selectors.ledger_files import ledger_file
from finance.services.telling import tell_export
from supplychain.base.storing import spooled_pieces, store

log = logging.getLogger(__name__)

FILE_ROWS = 250_000
FOLDER = "exports"
TRIES = 5
RIGHT = "finance.add_exportjob"


def work_exports(*, files_max: int = 1) -> bool:
    """Write at most so many files, a file of every export in turn. Whether anything is left."""
    for _ in range(files_max):
        ids = list(_owed().values_list("pk", flat=True))
        for pk in ids:
            _work_file(pk)
        if not ids:
            return False
    return _owed().exists()


def _owed() -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(state__in=OWED_EXPORTS).order_by("requested_at", "id")


def _work_file(pk: UUID) -> None:
    """The next file of one export; nothing when another worker has it.

    Whatever one export fails at is blamed on it, so that those behind it go on.
    """
    try:
        with transaction.atomic():
            claim = _owed().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk)
            if job := claim.select_related("requested_by").first():
                _work(job)
    except Exception as error:
        log.exception("a file of export %s was taken back; it is tried again", pk)
        _blame(pk, error)


def _blame(pk: UUID, error: Exception) -> None:
    with transaction.atomic():
        _owed().filter(pk=pk).update(tries=F("tries") + 1)
        given_up = _owed().filter(pk=pk, tries__gte=TRIES)
        given_up.update(
            state=ExportState.FAILED,
            finished_at=timezone.now(),
            message=f"It failed {TRIES} times: {error}. Ask for it again under a new key.",
        )


def _work(job: ExportJob) -> None:
    if not job.requested_by.has_perm(RIGHT):
        message = f"{job.requested_by} may not export the ledger any more."
        _end(job, ExportState.FAILED, message)
        return
    if job.row_count is None:
        totals = control_totals(job)
        job.totals, job.row_count = asdict(totals), totals.rows
    last = job.files.order_by("number").last()
    page = ledger_page(query_of(job, last.last_seq if last else job.after_seq, FILE_ROWS))
    _write(job, page, last.number + 1 if last else 1)
    job.state, job.tries = ExportState.RUNNING, 0
    job.save(update_fields=["state", "tries", "totals", "row_count"])
    if not page.has_more:
        written = job.files.aggregate(rows=Sum("row_count"))["rows"]
        assert written == job.row_count, f"export {job.pk}: {written} rows, not {job.row_count}"
        _end(job, ExportState.READY, "")


def _write(job: ExportJob, page: LedgerPage, number: int) -> None:
    rows = 0

    def pieces() -> Iterator[bytes]:
        nonlocal rows
        with closing(ledger_file(page, ExportFormat(job.format))) as found:
            for piece, count in found:
                rows += count
                yield piece

    with spooled_pieces(pieces()) as spooled:
        ExportFile.objects.create(
            job=job,
            number=number,
            storage_path=store(spooled, FOLDER),
            row_count=rows,
            byte_count=spooled.size,
            sha256=spooled.sha256,
            last_seq=page.last_seq,
        )


def _end(job: ExportJob, state: ExportState, message: str) -> None:
    job.state, job.message, job.finished_at = state, message, timezone.now()
    job.save(update_fields=["state", "message", "finished_at"])
    if state is ExportState.READY:
        tell_export(job)
