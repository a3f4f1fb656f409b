"""A row that waits, locked, with what decides whether it may be tried now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.db.models import F

from intake.domain.words import RowState
from intake.models import FeedRow, RawFile

MOVES = [
    "move", "arrive", "ship", "track-in", "track-out", "rework-out", "rework-in", "bank", "unbank",
]  # fmt: skip
MOVED = [*MOVES, "split", "merge", "dice"]
_STANDING = (Path(__file__).resolve().parent.parent / "sql" / "row_standing.sql").read_text()


@dataclass(frozen=True, slots=True)
class Standing:
    """seq: of the ledger before the try. earlier_id: the first other row under its key.

    first_id, nearest_id: earlier moves of its lots that wait still, the first and the last.
    """

    row: FeedRow
    seq: int
    earlier_id: int | None
    first_id: int | None
    nearest_id: int | None


def row_standing(row_id: int, file: RawFile) -> Standing | None:
    """The row, locked until the transaction ends; None when it went on. file: its own."""
    asked = {"row": row_id, "moves": MOVES, "moved": MOVED}
    row = next(iter(FeedRow.objects.raw(_STANDING, asked)), None)
    if row is None:
        return None
    row.file = file
    return Standing(
        row, *(getattr(row, name) for name in ("seq", "earlier_id", "first_id", "nearest_id"))
    )


def files_of(row_ids: Iterable[int]) -> dict[int, RawFile]:
    """Row → its file, each file read once."""
    pairs = list(FeedRow.objects.filter(pk__in=row_ids).values_list("id", "file_id"))
    files = RawFile.objects.in_bulk({file_id for _, file_id in pairs})
    return {row_id: files[file_id] for row_id, file_id in pairs}


def waiting_in_order(file: RawFile, most: int) -> list[int]:
    """Ids of the first rows of a file that wait, in the order in which they are tried."""
    rows = file.rows.filter(state=RowState.WAITING)
    ordered = rows.order_by(F("occurred_at").asc(nulls_first=True), "number")
    return list(ordered.values_list("id", flat=True)[:most])
