"""Files as lists, pages and reports show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case, Exists, F, Min, OuterRef, QuerySet, Sum, TextField, Value, When
from django.db.models.functions import Coalesce

from intake.domain.words import ARCHIVE, OWED_STATES, AttemptOutcome, FileState, RowState
from intake.models import ArchiveMember, FeedRow, LoadAttempt, RawFile
from quality.domain.partial import first_of, resting_on
from testing.selectors import run_figures


@dataclass(frozen=True, slots=True)
class QuarantinedFile:
    """A report with rows in quarantine. rows: lines of it; reason: of one of them."""

    sha256: str
    name: str
    rows: int
    reason: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file in figures. None where there is no run."""

    file: str
    sha256: str
    state: str
    lot: str | None
    insertions: int | None
    units: int | None
    first_pass_passed: int | None
    final_passed: int | None
    final_hard_bins: dict[str, int] | None
    records: dict[str, int] = field(default_factory=dict)
    rejected_records: int = 0
    message: str = ""


def listed_files() -> QuerySet[RawFile]:
    """Files with what a list shows. shown_state: `loading` while an attempt runs."""
    running = LoadAttempt.objects.filter(file=OuterRef("pk"), outcome=AttemptOutcome.RUNNING)
    return RawFile.objects.select_related("lot", "step").annotate(
        shown_state=Case(
            When(Exists(running), state__in=sorted(OWED_STATES), then=Value(FileState.LOADING)),
            default=F("state"),
            output_field=TextField(),
        )
    )


def row_counts(file: RawFile) -> dict[str, int]:
    """Lines of a partner's report by state; empty for other files."""
    rows = file.rows.order_by("state").values_list("state").annotate(lines=Sum("line_count"))
    return dict(rows)


def archive_members(file: RawFile) -> QuerySet[ArchiveMember]:
    """What an archive of several files held, in its order; nothing for any other file."""
    members = file.members.select_related("file__run", "file__lot", "file__step")
    return members if file.kind == ARCHIVE else members.none()


def file_report(file: RawFile) -> FileReport:
    """What `ingest` prints of a file; the figures are of its own run alone."""
    figures = run_figures(file.run) if file.run else None
    bins = sorted(figures.final_hard_bins.items()) if figures else []
    return FileReport(
        file=file.name,
        sha256=file.sha256,
        state=file.state,
        lot=file.lot.code if file.lot else file.summary.get("header", {}).get("lot"),
        insertions=figures.insertions if figures else None,
        units=figures.units if figures else None,
        first_pass_passed=figures.first_pass_passed if figures else None,
        final_passed=figures.final_passed if figures else None,
        final_hard_bins={str(number): units for number, units in bins} if figures else None,
        records=file.summary.get("records", {}),
        rejected_records=file.summary.get("rejected_records", 0),
        message=file.message,
    )


def files_unmatched_since(instant: datetime) -> QuerySet[RawFile]:
    """Files received before and not matched yet, oldest first."""
    return RawFile.objects.filter(state=FileState.UNMATCHED, received_at__lte=instant).order_by(
        "id"
    )


def files_with_quarantined_rows(limit: int) -> list[QuarantinedFile]:
    """Oldest first."""
    rows = (
        FeedRow.objects.filter(state=RowState.QUARANTINED)
        .order_by("file_id")
        .values("file__sha256", "file__name")
        .annotate(lines=Coalesce(Sum("line_count"), 0), one_reason=Min("reason"))
    )
    read = first_of(rows, limit)
    files = [
        QuarantinedFile(row["file__sha256"], row["file__name"], row["lines"], row["one_reason"])
        for row in read
    ]
    return resting_on(files, read)
