"""Which mapping reads a file, and what it makes of a sample."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from zoneinfo import ZoneInfo

from intake.domain.errors import FileRefusedError
from intake.domain.mapping import AS_DOCUMENTED, ColumnMapping
from intake.domain.patterns import is_named
from intake.domain.words import TEST_KINDS, Delimiter, Encoding
from intake.models import FeedMapping, RawFile
from intake.services.registry import (
    FeedItem,
    RejectedItem,
    kind_of,
    mapped_feed_of,
    plain_name,
)

SAMPLE_LINES_MAX = 50
GROUPED = ("lines", "dies", "rows")


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One line as it is read. cells: in the order of the columns. fault: why it is not."""

    number: int
    cells: tuple[str, ...]
    fault: str


@dataclass(frozen=True, slots=True)
class SampleReading:
    """A sample as the mapping reads it. fault: of the sample as a whole."""

    columns: tuple[str, ...]
    lines: tuple[SampleLine, ...]
    fault: str = ""


def mapping_for(name: str) -> FeedMapping | None:
    """The first enabled mapping whose pattern the file's name fits."""
    plain = plain_name(name)
    enabled = FeedMapping.objects.select_related("supplier").filter(is_enabled=True)
    return next((one for one in enabled if is_named(plain, one.file_pattern)), None)


def kind_and_mapping(name: str, head: bytes) -> tuple[str, FeedMapping | None]:
    """What a file is. A mapping says so by its name; a test file is known by its bytes."""
    kind = kind_of(name, head)
    mapping = None if kind in TEST_KINDS else mapping_for(name)
    return (mapping.kind, mapping) if mapping is not None else (kind, None)


def column_mapping(mapping: FeedMapping | None) -> ColumnMapping:
    """The rows of a mapping as one record; as documented where there is none."""
    if mapping is None:
        return AS_DOCUMENTED
    columns = list(mapping.columns.all())
    return ColumnMapping(
        columns={one.ours: one.theirs.strip().lower() for one in columns if one.theirs},
        constants={one.ours: one.constant for one in columns if not one.theirs},
        defaults={"supplier": mapping.supplier.code, "event_id": ""},
        values={(one.column, one.theirs.casefold()): one.ours for one in mapping.values.all()},
        date_format=mapping.date_format,
        zone=ZoneInfo(mapping.time_zone) if mapping.time_zone else None,
        delimiter=Delimiter(mapping.delimiter),
        encoding=Encoding(mapping.encoding),
    )


def mapping_of(file: RawFile) -> ColumnMapping:
    """How a file that was received is read."""
    return column_mapping(file.mapping)


def sample_reading(mapping: FeedMapping) -> SampleReading:
    """How the mapping reads its own sample; nothing is applied."""
    feed = mapped_feed_of(mapping.kind)
    if feed is None:
        return SampleReading((), (), f"There is no feed {mapping.kind} to be mapped.")
    content = mapping.sample.strip().encode(mapping.encoding, "replace")
    try:
        items = list(feed.parse_mapped(BytesIO(content), column_mapping(mapping)))
    except FileRefusedError as error:
        return SampleReading((), (), error.detail)
    used = {name for item in items if isinstance(item, FeedItem) for name in item.content}
    columns = tuple(name for name in (*feed.columns, *GROUPED) if name in used)
    lines = tuple(_sample_line(item, columns) for item in items[:SAMPLE_LINES_MAX])
    return SampleReading(columns, lines)


def _sample_line(item: FeedItem | RejectedItem, columns: tuple[str, ...]) -> SampleLine:
    if isinstance(item, RejectedItem):
        return SampleLine(item.number, (), item.reason)
    cells = tuple(_text(item.content.get(name, "")) for name in columns)
    return SampleLine(item.number, cells, "")


def _text(value: object) -> str:
    return f"{len(value)} lines" if isinstance(value, list) else str(value)
