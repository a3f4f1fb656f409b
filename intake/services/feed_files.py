"""A partner's report from storage into rows that are owed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, cast

from django.db.models import Sum
from django.utils import timezone

from intake.domain.archives import Unpacked, UnpackLimits
from intake.domain.contents import content_sha256, storage_fault
from intake.domain.errors import BoundError
from intake.domain.words import FileState, RowState
from intake.models import FeedRow, RawFile
from intake.services.mappings import mapping_of
from intake.services.registry import FeedItem, RejectedItem, feed_of, mapped_feed_of
from supplychain.base.storing import SPOOL_BYTES, stored

FEED_BYTES_MAX = 256 << 20
ROWS_MAX = 500_000
BATCH_ROWS = 2000
OP_KEY_CHARACTERS_MAX = 200
SUPPLIERS_MAX = 20
SUPPLIER_CHARACTERS = 40


@dataclass(slots=True)
class _Reading:
    """What was read so far. lines: of all rows; late: rows stamped after their file came.

    suppliers: those that rows name, up to SUPPLIERS_MAX.
    """

    rows: int = 0
    lines: int = 0
    late: int = 0
    is_owed: bool = False
    suppliers: set[str] = field(default_factory=set)


def read_feed(file: RawFile) -> None:
    """Read every row of a claimed file once. FileRefusedError when it cannot be read at all.

    Rows are written as they are read, so that the longest report needs no more memory than a
    short one; a file that breaks off in the middle takes them back with its transaction.
    """
    reading = _Reading()
    with _plain(file) as (stream, unpacked):
        items = iter(_parsed(file, stream))
        while rows := [_row(file, item) for item in islice(items, BATCH_ROWS)]:
            _count(reading, file, rows)
            FeedRow.objects.bulk_create(rows)
        notes, is_cut = unpacked.notes, unpacked.is_cut
    file.summary = {
        "rows": reading.lines,
        "is_partial": is_cut,
        "notes": [*notes, *_stamped_late(reading.late)],
    }
    if reading.suppliers:
        file.summary["suppliers"] = sorted(reading.suppliers)
    file.state = FileState.WAITING
    file.message = f"{reading.lines:,} rows were read."
    if not reading.is_owed:
        state_from_rows(file)


def _count(reading: _Reading, file: RawFile, rows: Sequence[FeedRow]) -> None:
    reading.rows += len(rows)
    if reading.rows > ROWS_MAX:
        raise BoundError(
            f"The file holds more than {ROWS_MAX:,} rows. Split it.", rows_max=ROWS_MAX
        )
    reading.lines += sum(row.line_count for row in rows)
    reading.late += sum(
        row.occurred_at is not None and row.occurred_at > file.received_at for row in rows
    )
    reading.is_owed |= any(row.state == RowState.WAITING for row in rows)
    named = {str(row.content.get("supplier", ""))[:SUPPLIER_CHARACTERS] for row in rows} - {""}
    reading.suppliers.update(sorted(named)[: SUPPLIERS_MAX - len(reading.suppliers)])


def _stamped_late(late: int) -> list[str]:
    """Rows that claim to have happened after their own file came."""
    return [f"{late:,} rows are stamped later than their file arrived."] if late else []


def _parsed(file: RawFile, stream: BinaryIO) -> Iterable[FeedItem | RejectedItem]:
    mapped = mapped_feed_of(file.kind)
    if mapped is not None:
        return mapped.parse_mapped(stream, mapping_of(file))
    feed = feed_of(file.kind)
    assert feed is not None, f"no feed reads {file.kind}"
    return feed.parse(stream)


@contextmanager
def _plain(file: RawFile) -> Iterator[tuple[BinaryIO, Unpacked]]:
    limits = UnpackLimits(bytes_max=FEED_BYTES_MAX)
    with stored(file.storage_path) as source, tempfile.SpooledTemporaryFile(SPOOL_BYTES) as plain:
        unpacked = Unpacked(source, limits)
        for chunk in unpacked.chunks():
            plain.write(chunk)
        plain.seek(0)
        yield cast(BinaryIO, plain), unpacked


def _row(file: RawFile, item: FeedItem | RejectedItem) -> FeedRow:
    if isinstance(item, FeedItem):
        fault = storage_fault({**item.content, "op_key": item.op_key})
        if not fault:
            return FeedRow(
                file=file,
                number=item.number,
                line_count=item.line_count,
                op_key=item.op_key[:OP_KEY_CHARACTERS_MAX],
                content=dict(item.content),
                content_sha256=content_sha256(item.content),
                occurred_at=item.occurred_at,
            )
        item = RejectedItem(item.number, f"The row cannot be kept: {fault}.", "", item.line_count)
    content = {"text": _printable(item.text)}
    return FeedRow(
        file=file,
        number=item.number,
        line_count=item.line_count,
        op_key=f"{file.kind}:unread:{file.sha256}:{item.number}",
        content=content,
        content_sha256=content_sha256(content),
        state=RowState.QUARANTINED,
        reason=_printable(item.reason),
        settled_at=timezone.now(),
    )


def _printable(text: str) -> str:
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def state_from_rows(file: RawFile) -> None:
    """State and message of a feed file by its rows, all of which were tried.

    rows read = applied + repeated + waiting + quarantined + dropped, in lines.
    """
    counted = file.rows.order_by("state").values_list("state").annotate(lines=Sum("line_count"))
    found = dict(counted)
    lines = {state: found.get(state, 0) for state in RowState}
    assert sum(lines.values()) == file.summary["rows"], f"file {file.pk} lost rows"
    if lines[RowState.WAITING]:
        file.state = FileState.WAITING
    elif lines[RowState.QUARANTINED] or file.summary["is_partial"]:
        file.state = FileState.PARTIAL
    else:
        file.state = FileState.LOADED
    file.summary = {**file.summary, **{state.value: count for state, count in lines.items()}}
    told = [f"{count:,} {state}" for state, count in lines.items() if count]
    file.message = f"{file.summary['rows']:,} rows: {', '.join(told) or 'none'}."
