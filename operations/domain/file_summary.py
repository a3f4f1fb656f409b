"""What reading a file brought to light, sorted for its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from operations.domain.evidence import EvidenceRow, evidence_rows

SHOWN_ELSEWHERE = {
    "changed_limits", "datalog", "files", "files_new", "files_taken", "insertions", "is_partial",
    "rejected_records", "stated",
}  # fmt: skip
NOTES_MAX = 30


@dataclass(frozen=True, slots=True)
class FileSummary:
    """header: as the file introduces itself. records: kind and count. rows: whatever else."""

    header: tuple[EvidenceRow, ...]
    records: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    rows: tuple[EvidenceRow, ...]


def file_summary(summary: Mapping[str, object]) -> FileSummary:
    """Empty values, and what the page says anyway, are left out."""
    header = summary.get("header")
    records = summary.get("records")
    notes = summary.get("notes")
    rest = {
        name: value
        for name, value in summary.items()
        if name not in {"header", "records", "notes"} | SHOWN_ELSEWHERE
    }
    return FileSummary(
        header=_rows(header) if isinstance(header, Mapping) else (),
        records=_counts(records) if isinstance(records, Mapping) else (),
        notes=_texts(notes) if isinstance(notes, Sequence) else (),
        rows=_rows(rest),
    )


def _rows(values: Mapping[str, object]) -> tuple[EvidenceRow, ...]:
    return tuple(evidence_rows({name: one for name, one in _flat(values) if _says(one)}))


def _flat(values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from ((f"{name} {inner}", one) for inner, one in value.items())
        else:
            yield name, value


def _says(value: object) -> bool:
    return value not in (None, "", [], ())


def _counts(records: Mapping[str, object]) -> tuple[tuple[str, int], ...]:
    return tuple((kind, count) for kind, count in records.items() if isinstance(count, int))


def _texts(notes: Sequence[object]) -> tuple[str, ...]:
    return tuple(str(note) for note in notes[:NOTES_MAX])
