"""CSV as partners send it: one row a line, a header in front, bad lines apart from good ones."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from intake.domain.errors import FileRefusedError
from intake.domain.mapping import AS_DOCUMENTED, ColumnMapping
from supplychain.base.errors import MalformedError

LINE_BYTES_MAX = 64 << 10
SHOWN_CHARACTERS = 500
BOM = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Line:
    """A readable line. number: in the file, the header being 1. values: of known columns."""

    number: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read, and why."""

    number: int
    reason: str
    text: str


def header_of(head: bytes, mapping: ColumnMapping = AS_DOCUMENTED) -> list[str]:
    """Column names of the first line, in lower case; empty when it is no text."""
    try:
        text = head.removeprefix(BOM).split(b"\n", 1)[0].decode(mapping.encoding)
    except UnicodeDecodeError:
        return []
    cells = _cells(text, mapping.letter) or []
    return [cell.lower() for cell in cells]


def table_lines(
    stream: IO[bytes],
    required: Sequence[str],
    optional: Sequence[str] = (),
    mapping: ColumnMapping = AS_DOCUMENTED,
) -> Iterator[Line | BadLine]:
    """Lines behind the header; empty ones are passed over, other columns left out.

    FileRefusedError when required columns are missing, or one that is read here is named twice.
    """
    head = stream.readline(LINE_BYTES_MAX)
    if head.startswith(UTF16_MARKS):
        raise FileRefusedError(
            'The file is written in UTF-16, as "Unicode text" is. Save it as CSV in UTF-8.'
        )
    columns = header_of(head, mapping)
    _refuse_doubles(columns, (*required, *optional), mapping)
    missing = mapping.missing(columns, required)
    if missing:
        raise FileRefusedError(
            f"The first line does not name the columns {', '.join(missing)}. See the description "
            "of the format, or add a mapping for this partner.",
            missing=missing,
        )
    table = _Table(columns, (*required, *optional), mapping)
    for number, raw in _raw_lines(stream):
        line = table.line(number, raw)
        if line is not None:
            yield line


def _refuse_doubles(columns: list[str], wanted: Sequence[str], mapping: ColumnMapping) -> None:
    """Which of two columns of one name is meant, nobody can tell."""
    counted = Counter(columns)
    theirs = [mapping.columns.get(name, name) for name in wanted if name not in mapping.constants]
    doubles = sorted(name for name in theirs if counted[name] > 1)
    if doubles:
        raise FileRefusedError(
            f"The first line names the columns {', '.join(doubles)} more than once. Ask the "
            "sender to leave one.",
            doubles=doubles,
        )


def _raw_lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line, cut just beyond the most a line may have."""
    number = 1
    while raw := stream.readline(LINE_BYTES_MAX + 1):
        number += 1
        rest = raw
        while len(rest) > LINE_BYTES_MAX and not rest.endswith(b"\n"):
            rest = stream.readline(LINE_BYTES_MAX + 1)
        yield number, raw


@dataclass(frozen=True, slots=True)
class _Table:
    """columns: as the file names them. wanted: ours."""

    columns: list[str]
    wanted: tuple[str, ...]
    mapping: ColumnMapping

    def line(self, number: int, raw: bytes) -> Line | BadLine | None:
        """None for a line that says nothing."""
        shown = raw[:SHOWN_CHARACTERS].decode(self.mapping.encoding, "replace").rstrip("\r\n")
        if len(raw) > LINE_BYTES_MAX:
            return BadLine(number, f"The line is longer than {LINE_BYTES_MAX:,} bytes.", shown)
        try:
            text = raw.decode(self.mapping.encoding).rstrip("\r\n")
        except UnicodeDecodeError:
            return BadLine(number, f"The line is no {_named(self.mapping)} text.", shown)
        if not text.strip(f" {self.mapping.letter}"):
            return None
        cells = _cells(text, self.mapping.letter)
        if cells is None or "\0" in text:
            return BadLine(number, "The line is no CSV; look for quotation marks.", shown)
        return self._mapped(number, cells, shown)

    def _mapped(self, number: int, cells: list[str], shown: str) -> Line | BadLine:
        if len(cells) != len(self.columns):
            reason = f"The line has {len(cells)} fields, the header {len(self.columns)}."
            return BadLine(number, reason, shown)
        try:
            theirs = dict(zip(self.columns, cells, strict=True))
            return Line(number, self.mapping.read(theirs, self.wanted))
        except MalformedError as error:
            return BadLine(number, error.detail, shown)


def _named(mapping: ColumnMapping) -> str:
    return mapping.encoding.value.upper()


def _cells(text: str, letter: str) -> list[str] | None:
    try:
        cells = next(csv.reader([text], strict=True, delimiter=letter), [])
    except csv.Error:
        return None
    return [cell.strip() for cell in cells]


def instant_of(text: str, name: str) -> datetime:
    """ISO 8601 with an offset, of this age. MalformedError otherwise."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.utcoffset() is None or not 1990 <= instant.year <= 2190:
        raise MalformedError(
            f"{name} is {text!r}; write it like 2026-03-01T08:00:00+00:00.", field=name
        )
    return instant


def count_of(text: str, name: str) -> int:
    """A whole number from 0. MalformedError otherwise."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise MalformedError(
            f"{name} is {text!r}; write a whole number without separators.", field=name
        )
    return int(text)


def day_of(text: str, name: str) -> date | None:
    """A day as 2026-03-31; None for no text. MalformedError otherwise."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise MalformedError(
            f"{name} is {text!r}; write it like 2026-03-31.", field=name
        ) from error
