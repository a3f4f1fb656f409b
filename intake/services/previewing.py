"""What a report would do, tried for real and rolled back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import IO

from django.db import OperationalError, connection, transaction
from django.db.models import Sum

from intake.domain.errors import FileRefusedError
from intake.domain.words import ARCHIVE, TEST_KINDS, UNKNOWN, RowState
from intake.models import FeedRow, RawFile
from intake.services.feed_files import FEED_BYTES_MAX, read_feed
from intake.services.receiving import keep, safe_name
from intake.services.rows import settle_row
from intake.services.standing import row_standing, waiting_in_order
from lots.models import Event, Lot
from lots.selectors import head_seq
from supplychain.base.errors import RefusedError
from supplychain.base.storing import spooled

PREVIEW_SECONDS = 2.0
ROWS_TRIED_MAX = 500
ROWS_SHOWN_MAX = 2000
LOCK_WAIT_MILLISECONDS = 500
LOTS_SHOWN_MAX = 100


class BusyError(RefusedError):
    """Others record the same lots at this moment."""

    code = "busy"
    title = "Busy"
    status = 409


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What would become of a row. state: None = beyond what a preview tries."""

    number: int
    line_count: int
    what: str
    lot: str
    occurred_at: datetime | None
    state: RowState | None
    reason: str
    awaits: str


@dataclass(frozen=True, slots=True)
class _Read:
    """Rows to show, lines of all by what became of them, lines not tried, and rows in all."""

    rows: tuple[PreviewRow, ...]
    totals: dict[RowState, int]
    untried: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class LotEffect:
    """A lot before and after; before is "" for one that would be new."""

    lot: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class FilePreview:
    """rows read = sum of totals + untried, in lines. earlier: the same bytes, taken before.

    rows: those that were tried and the first of the others, at most ROWS_SHOWN_MAX of row_count.
    """

    name: str
    kind: str
    sha256: str
    mapping: str
    rows: tuple[PreviewRow, ...]
    totals: dict[RowState, int]
    read: int
    untried: int
    lots: tuple[LotEffect, ...]
    notes: tuple[str, ...]
    row_count: int = 0
    earlier: RawFile | None = None


def preview_file(*, stream: IO[bytes], name: str, seconds: float = PREVIEW_SECONDS) -> FilePreview:
    """Read a report and try its rows in order; all is rolled back, only the bytes are stored.

    Rows beyond ROWS_TRIED_MAX or the seconds are read but not tried: the ledger waits meanwhile,
    and no longer than that.
    FileRefusedError for what is no report; BusyError while others hold the same lots.
    """
    name = safe_name(name)
    with spooled(stream, FEED_BYTES_MAX) as found:
        kept = keep(found, name=name, folder="")
    if kept.kind in {*TEST_KINDS, ARCHIVE, UNKNOWN}:
        raise FileRefusedError(
            "Only partners' reports can be tried beforehand, one at a time. A test file moves no "
            "lot; of any other file the kind is not known."
        )
    file = RawFile(sha256=kept.sha256, size=kept.size, name=name, storage_path=kept.path)
    file.kind, file.mapping = kept.kind, kept.mapping
    earlier = RawFile.objects.filter(sha256=file.sha256).first()
    if earlier is not None:
        return _outcome(file, _Read((), dict.fromkeys(RowState, 0)), (), earlier)
    try:
        return _tried(file, seconds)
    except OperationalError as error:
        raise BusyError("Others record the same lots now. Try again in a moment.") from error


def _tried(file: RawFile, seconds: float) -> FilePreview:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, TRUE)", [f"{LOCK_WAIT_MILLISECONDS}ms"]
            )
        file.save()
        file.refresh_from_db()
        read_feed(file)
        tried, after = _taken_back(file, seconds)
        read = _read_out(file, tried)
        transaction.set_rollback(True)
    known = {lot.code: _text(lot) for lot in _standing([code for code, _ in after])}
    effects = tuple(LotEffect(code, known.get(code, ""), text) for code, text in after)
    return _outcome(file, read, effects)


def _taken_back(
    file: RawFile, seconds: float
) -> tuple[dict[int, PreviewRow], list[tuple[str, str]]]:
    """Rows tried, by id, and lots as they would stand. The ledger is free again afterwards."""
    with transaction.atomic():
        before = head_seq()
        ids = _try_rows(file, monotonic() + seconds)
        tried = {row.pk: _row(row, is_tried=True) for row in file.rows.filter(pk__in=ids)}
        after = _lots(before)
        transaction.set_rollback(True)
    return tried, after


def _try_rows(file: RawFile, end: float) -> set[int]:
    """Ids of the rows that were tried, some twice: a later one may be what an earlier awaits."""
    tried: set[int] = set()
    for _ in range(2):
        for row_id in waiting_in_order(file, ROWS_TRIED_MAX):
            if monotonic() > end:
                return tried
            standing = row_standing(row_id, file)
            assert standing is not None, "a row of our own went on"
            settle_row(standing)
            tried.add(row_id)
    return tried


def _read_out(file: RawFile, tried: dict[int, PreviewRow]) -> _Read:
    """Totals of all rows, and as many rows as are shown: those tried, and the first others."""
    others = file.rows.exclude(pk__in=tried)
    counted = others.order_by("state").values_list("state").annotate(lines=Sum("line_count"))
    lines = dict(counted)
    totals = {state: lines.get(state, 0) for state in RowState}
    untried, totals[RowState.WAITING] = totals[RowState.WAITING], 0
    for row in tried.values():
        assert row.state is not None, "a row that was tried"
        totals[row.state] += row.line_count
    shown = others.order_by("number")[: max(ROWS_SHOWN_MAX - len(tried), 0)]
    rows = [*tried.values(), *(_row(row, is_tried=False) for row in shown)]
    ordered = tuple(sorted(rows, key=lambda row: row.number))
    return _Read(ordered, totals, untried, file.rows.count())


def _row(row: FeedRow, *, is_tried: bool) -> PreviewRow:
    state = RowState(row.state)
    is_open = state is RowState.WAITING and not is_tried
    return PreviewRow(
        number=row.number,
        line_count=row.line_count,
        what=row.what,
        lot=str(row.content.get("lot", "")),
        occurred_at=row.occurred_at,
        state=None if is_open else state,
        reason="" if is_open else row.reason,
        awaits=row.awaits,
    )


def _lots(before: int) -> list[tuple[str, str]]:
    """Lots that anything would happen to, as they would stand."""
    touched = Event.objects.filter(seq__gt=before).values_list("lines__lot__code", "lot__code")
    codes = {str(code) for pair in touched for code in pair if code}
    return [(lot.code, _text(lot)) for lot in _standing(sorted(codes)[:LOTS_SHOWN_MAX])]


def _standing(codes: list[str]) -> list[Lot]:
    return list(Lot.objects.select_related("step").filter(code__in=codes).order_by("code"))


def _text(lot: Lot) -> str:
    return f"{lot.quantity:,} {lot.unit_of_measure} at {lot.step.code}, {lot.state}"


def _outcome(
    file: RawFile, found: _Read, lots: tuple[LotEffect, ...], earlier: RawFile | None = None
) -> FilePreview:
    read = file.summary.get("rows", 0)
    assert sum(found.totals.values()) + found.untried == read, "a preview lost rows"
    return FilePreview(
        name=file.name,
        kind=file.kind,
        sha256=file.sha256,
        mapping=file.mapping.name if file.mapping else "",
        rows=found.rows,
        totals=found.totals,
        read=read,
        untried=found.untried,
        lots=lots,
        notes=tuple(file.summary.get("notes", ())),
        row_count=found.count,
        earlier=earlier,
    )
