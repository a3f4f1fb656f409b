"""Records that are not of a part, kept as they came; among them DTR and GDR, the datalog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from intake.domain.stdf.records import Bits, Generic, RecordReader, Value
from intake.domain.stdf.words import DTR, GDR

LINE_CHARACTERS_MAX = 255

Line = tuple[int, int, bytes]
"""Kind, position in the file and fields of one record."""


@dataclass(frozen=True, slots=True)
class Others:
    """Records in file order; every column is (record,), int64. raw: fields, from start to end."""

    kind: NDArray[np.int64]
    position: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    raw: bytes

    def __len__(self) -> int:
        return len(self.kind)

    def chosen(self, which: NDArray[np.bool_]) -> Others:
        """Some of them. which: (record,)."""
        kept = (self.kind[which], self.position[which], self.start[which], self.end[which])
        return Others(*kept, self.raw)

    def datalog(self) -> NDArray[np.bool_]:
        """Which are lines of the datalog."""
        return np.isin(self.kind, (DTR, GDR))

    def lines(self) -> Iterator[Line]:
        """One at a time."""
        columns = (self.kind, self.position, self.start, self.end)
        for kind, position, start, end in zip(*(one.tolist() for one in columns), strict=True):
            yield kind, position, self.raw[start:end]


@dataclass(slots=True)
class Datalog:
    """What the test program wrote for people and other programs, the first bytes_max of it.

    left_out: lines that came after those.
    """

    bytes_max: int
    batches: list[Others] = field(default_factory=list)
    left_out: int = 0
    _bytes: int = 0

    def add(self, lines: Others) -> None:
        """Keep these, or as many as there is room for."""
        size = int((lines.end - lines.start).sum())
        if self._bytes + size > self.bytes_max:
            self.left_out += len(lines)
        elif len(lines):
            self._bytes += size
            self.batches.append(lines)

    def lines(self) -> Iterator[Line]:
        """All that were kept, in file order."""
        for batch in self.batches:
            yield from batch.lines()


@dataclass(slots=True)
class Excerpt:
    """The first lines of a datalog as texts for people. mark: byte order of the records.

    lines: position and text of each; count: of all that came.
    """

    mark: str
    lines_max: int = 100
    lines: list[tuple[int, str]] = field(default_factory=list)
    count: int = 0

    def add(self, batch: Others) -> None:
        """Take what there is room for."""
        self.count += len(batch)
        for line in islice(said(batch, self.mark), self.lines_max - len(self.lines)):
            self.lines.append((line.position, line.text[:LINE_CHARACTERS_MAX]))


@dataclass(frozen=True, slots=True)
class SaidLine:
    """A line of the datalog for people. position: byte of its record; record: DTR or GDR."""

    position: int
    record: str
    text: str


def said(batch: Others, mark: str) -> Iterator[SaidLine]:
    """The lines as texts, in file order. mark: byte order of the records."""
    reader = RecordReader(mark)
    for kind, position, raw in batch.lines():
        record = reader.read(kind, position, raw)
        if kind == DTR:
            yield SaidLine(position, "DTR", readable(record["TEXT_DAT"]))
        else:
            yield SaidLine(position, "GDR", readable(record["GEN_DATA"]))


def readable(value: Value) -> str:
    """A text as it is, a number as digits, bits by their places, bytes in hexadecimal."""
    if isinstance(value, tuple):
        return ", ".join(readable(one) for one in value)
    if isinstance(value, Generic):
        return readable(value.value)
    if isinstance(value, Bits):
        return " ".join(map(str, value.positions()))
    if isinstance(value, bytes):
        return value.hex()
    return "" if value is None else str(value)
