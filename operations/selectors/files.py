"""Files as people see them: state as it is now, what was read, what was left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.urls import reverse

from intake.domain.words import OWED_STATES, SETTLED_STATES, FileState, RowState
from intake.models import FeedRow, RawFile, RejectedRecord
from intake.selectors import listed_files
from lots.models import Lot, Step
from operations.domain.file_summary import FileSummary, file_summary
from supplychain.base.errors import MissingError

ROWS_MAX = 100
POLLED_MAX = 200


@dataclass(frozen=True, slots=True)
class FileStatus:
    """What the upload page shows of a file. state: as displayed, `loading` while it is."""

    name: str
    sha256: str
    state: str
    message: str
    address: str

    @property
    def is_settled(self) -> bool:
        return self.state in SETTLED_STATES


@dataclass(frozen=True, slots=True)
class FilesForPerson:
    """What intake cannot do by itself."""

    files: Sequence[RawFile]
    unmatched_count: int
    quarantined_count: int

    @property
    def count(self) -> int:
        return self.unmatched_count + self.quarantined_count


def file_statuses(sha256s: Sequence[str]) -> list[FileStatus]:
    """States now, in the order asked; unknown ones are left out."""
    wanted = list(dict.fromkeys(sha256s))[:POLLED_MAX]
    files = {file.sha256: file for file in listed_files().filter(sha256__in=wanted)}
    return [status_of(files[sha256]) for sha256 in wanted if sha256 in files]


def status_of(file: RawFile) -> FileStatus:
    """Of a file from a query here."""
    address = reverse("operations:file-detail", args=[file.sha256])
    state = getattr(file, "shown_state", file.state)
    return FileStatus(file.name, file.sha256, state, file.message, address)


def file_by_sha256(sha256: str) -> RawFile:
    """MissingError for an unknown one."""
    files = listed_files().select_related("lot", "step", "matched_by", "run__lot_step__step")
    file = files.filter(sha256=sha256).first()
    if file is None:
        raise MissingError("There is no file with this checksum.")
    return file


def is_retriable(file: RawFile) -> bool:
    """Whether something is left to try: it waits, or was given up after faults of ours."""
    return file.state in OWED_STATES or file.state == FileState.REJECTED


def summary_of(file: RawFile) -> FileSummary:
    """What reading the file brought to light, readable."""
    return file_summary(file.summary)


def row_counts(file: RawFile) -> list[tuple[str, int]]:
    """Rows of a partner's report by state."""
    rows = file.rows.order_by("state").values_list("state").annotate(count=Count("id"))
    return [(state, count) for state, count in rows]


def rows_of(file: RawFile) -> QuerySet[FeedRow]:
    """Rows that are not simply applied come first."""
    return file.rows.order_by("-state", "number")[:ROWS_MAX]


def rejected_of(file: RawFile) -> QuerySet[RejectedRecord]:
    """Records left out, by position."""
    return file.rejected_records.order_by("position", "id")[:ROWS_MAX]


def files_for_person() -> FilesForPerson:
    """Unmatched files, oldest first, and rows in quarantine."""
    unmatched = RawFile.objects.filter(state=FileState.UNMATCHED)
    return FilesForPerson(
        files=list(unmatched.order_by("id")[:8]),
        unmatched_count=unmatched.count(),
        quarantined_count=FeedRow.objects.filter(state=RowState.QUARANTINED).count(),
    )


def steps_of_lot(lot: Lot) -> QuerySet[Step]:
    """Where results of this lot may belong."""
    return Step.objects.filter(route_version=lot.route_version_id).order_by("sequence")
