"""Exports as their readers see them, and the control totals of what they carry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from finance.domain.control_totals import Totals, totals_of
from finance.domain.queries import LedgerQuery
from finance.models import ExportFile, ExportJob, LedgerEntry
from finance.selectors.control_totals import PART, part_of
from supplychain.base.errors import MissingError


def exports() -> QuerySet[ExportJob]:
    """Newest first, with their files."""
    rows = ExportJob.objects.select_related("requested_by").prefetch_related("files")
    return rows.order_by("-requested_at", "-id")


def export_by_id(pk: UUID) -> ExportJob:
    """MissingError for an unknown one."""
    job = exports().filter(pk=pk).first()
    if job is None:
        raise MissingError("There is no such export. Look at the list of exports.")
    return job


def export_file(pk: UUID, number: int) -> ExportFile:
    """MissingError for one that is unknown, or not written yet."""
    found = ExportFile.objects.select_related("job").filter(job=pk, number=number).first()
    if found is None:
        raise MissingError("The export has no such file; it may not be written yet.")
    return found


def query_of(job: ExportJob, after_seq: int, limit: int) -> LedgerQuery:
    """The next rows of the export."""
    return LedgerQuery(
        limit=limit,
        after_seq=after_seq,
        as_of_seq=job.as_of_seq,
        period=job.period,
        account=job.account,
    )


def control_totals(job: ExportJob) -> Totals:
    """Summed over the ledger itself, apart from the files."""
    rows = LedgerEntry.objects.filter(seq__gt=job.after_seq, seq__lte=job.as_of_seq)
    if job.period:
        rows = rows.filter(period_id=job.period)
    if job.account:
        rows = rows.filter(account=job.account)
    parts: Any = rows.order_by().values("unit_of_measure").annotate(**PART)
    return totals_of(map(part_of, parts))
