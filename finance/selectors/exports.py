"""Exports as their readers see them, and the control totals of what they carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from finance.domain.money import ZERO
from finance.domain.queries import LedgerQuery
from finance.models import ExportFile, ExportJob, LedgerEntry
from supplychain.base.errors import MissingError


@dataclass(frozen=True, slots=True)
class Totals:
    """What an export must carry. Money with six decimals; quantities by unit of measure."""

    rows: int
    first_seq: int | None
    last_seq: int | None
    debit: str
    credit: str
    amount: str
    quantities: dict[str, str]


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
    sums: Any = rows.aggregate(
        rows=Count("seq"),
        first=Min("seq"),
        last=Max("seq"),
        debit=Sum("amount", filter=Q(amount__gt=0), default=ZERO),
        credit=Sum("amount", filter=Q(amount__lt=0), default=ZERO),
    )
    units: Any = rows.order_by("unit_of_measure").values_list("unit_of_measure")
    return Totals(
        rows=sums["rows"],
        first_seq=sums["first"],
        last_seq=sums["last"],
        debit=f"{sums['debit']:.6f}",
        credit=f"{sums['credit']:.6f}",
        amount=f"{sums['debit'] + sums['credit']:.6f}",
        quantities={unit: str(total) for unit, total in units.annotate(total=Sum("quantity"))},
    )
