"""Files as people see them: state as it is now, what was read, what was left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum
from django.urls import reverse

from intake.domain.words import OWED_STATES, SETTLED_STATES, FileState, RowState
from intake.models import FeedRow, RawFile, RejectedRecord
from intake.selectors import listed_files, rows_of_file
from intake.services.registry import mapped_feed_of
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
    files = listed_files().select_related(
        "lot", "step", "matched_by", "mapping", "run__lot_step__step", "run__superseded_by"
    )
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


@dataclass(frozen=True, slots=True)
class RowBalance:
    """Lines of a report by state, beside how many were read; the two must be equal."""

    counts: tuple[tuple[str, int], ...]
    read: int

    @property
    def is_balanced(self) -> bool:
        return sum(count for _, count in self.counts) == self.read


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows of a file."""

    rows: Sequence[FeedRow]
    has_next: bool


@dataclass(frozen=True, slots=True)
class RowField:
    """One value of a row: as read, and as it stands. text: of nested values, JSON."""

    name: str
    original: str
    value: str
    is_nested: bool


def row_balance(file: RawFile) -> RowBalance | None:
    """Lines of a partner's report by state; None for a file without rows."""
    found = dict(file.rows.values_list("state").annotate(lines=Sum("line_count")))
    if not found:
        return None
    counts = tuple((state.value, found[state]) for state in RowState if state in found)
    return RowBalance(counts, file.summary.get("rows", 0))


def rows_of(file: RawFile, state: str, page: int) -> RowPage:
    """Rows that are not simply applied come first. page: from 1."""
    start = (page - 1) * ROWS_MAX
    rows = list(rows_of_file(file, state)[start : start + ROWS_MAX + 1])
    return RowPage(rows[:ROWS_MAX], len(rows) > ROWS_MAX)


def row_fields(row: FeedRow) -> list[RowField]:
    """What a row says, by column; columns that it leaves out, but might give, come last."""
    feed = mapped_feed_of(row.file.kind)
    before = row.original if isinstance(row.original, dict) else row.content
    names = list(dict.fromkeys([*row.content, *before]))
    is_flat = not any(isinstance(value, list | dict) for value in row.content.values())
    if feed is not None and is_flat and "text" not in row.content:
        names = list(dict.fromkeys([*(name for name in feed.columns), *names]))
    return [_field(name, before.get(name, ""), row.content.get(name, "")) for name in names]


def _field(name: str, original: object, value: object) -> RowField:
    is_nested = not isinstance(value, str) or not isinstance(original, str)
    return RowField(name, _text(original), _text(value), is_nested)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


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
