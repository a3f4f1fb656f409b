"""Test data of either form as records: STDF as it is, ATDF by way of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from intake.domain.stdf.atdf.source import FAR_TEXT, AtdfSource
from intake.domain.stdf.framing import HEADER_BYTES, Framer
from intake.domain.stdf.records import Record, RecordReader


@dataclass(frozen=True, slots=True)
class Opened:
    """framer: gives the records. text: the ATDF file they come from, None for STDF."""

    framer: Framer
    text: AtdfSource | None = None

    def place(self, position: int) -> int:
        """Where in the file a record begins, by its position among the framed bytes."""
        return self.text.places.of(position) if self.text else position


def opened(chunks: Iterable[bytes], rejected_max: int = 1_000) -> Opened:
    """By the first bytes. chunks: plain bytes. NotStdfError for what is neither."""
    pieces = iter(chunks)
    head = b""
    while len(head) < len(FAR_TEXT) and (piece := next(pieces, b"")):
        head += piece
    whole = chain([head], pieces) if head else pieces
    if not head.startswith(FAR_TEXT):
        return Opened(Framer(whole))
    text = AtdfSource(whole, rejected_max)
    return Opened(Framer(text.chunks()), text)


def records_of(chunks: Iterable[bytes]) -> Iterator[Record]:
    """All records of a file of either form, at their place in it."""
    source = opened(chunks)
    framer = source.framer
    reader = RecordReader(framer.mark)
    for kind, buffer, at, end in framer.frames():
        position = source.place(framer.base + at - HEADER_BYTES)
        yield reader.read(kind, position, buffer[at:end])
