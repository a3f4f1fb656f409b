"""Records by REC_LEN, never by their fields; past a corrupt stretch, the next believable ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from intake.domain.errors import NotStdfError
from intake.domain.stdf.fields import Layouts, layouts
from intake.domain.stdf.records import RecordReader
from intake.domain.stdf.words import CORRUPT, MRR, RECORD_NAMES

HEADER_BYTES = 4
FAR_BYTES = 6
ANCHOR_RECORDS = 3
UNKNOWN_RECORDS_MAX = 16
CORRUPTIONS_KEPT_MAX = 1_000
CPU_DEC = 0
VERSION = 4
FAR_LITTLE = b"\x02\x00\x00\x0a"
FAR_BIG = b"\x00\x02\x00\x0a"
NONZERO = re.compile(rb"[^\0]")
KNOWN_TYPE = re.compile(
    b"|".join(re.escape(kind.to_bytes(2, "big")) for kind in RECORD_NAMES), re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Corruption:
    """A stretch without records. position, length: bytes of the plain file.

    is_padding: nothing but zeros up to the end of the file.
    """

    position: int
    length: int
    is_padding: bool


class Framer:
    """Splits plain chunks into records. NotStdfError unless they begin with a FAR of V4.

    base: position in the file of the buffer being given out; at: place in it. cut_at: where an
    incomplete last record begins, None when the file ends on a record; cut_bytes: what is there of
    it. corruptions: stretches passed over, the first of them and padding at the end; corrupt_bytes
    and corruption_count: of all of them, padding not counted among the latter.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.base = 0
        self.cut_at: int | None = None
        self.cut_bytes = 0
        self.corruptions: list[Corruption] = []
        self.corruption_count = 0
        self.corrupt_bytes = 0
        self.buffer = b""
        self.at = 0
        self._chunks = iter(chunks)
        self._has_more = True
        self._believed = -1
        self._believed_lengths: set[int] = set()
        self._has(FAR_BYTES)
        self.mark = byte_order(self.buffer)
        self.layouts: Layouts = layouts(self.mark)
        self._reader = RecordReader(self.mark)

    def frames(self) -> Iterator[tuple[int, bytes, int, int]]:
        """Kind, buffer, and where in the buffer the fields begin and end."""
        header, lengths = self.layouts.header.unpack_from, self._believed_lengths
        while self.reach_record():
            buffer, at, size = self.buffer, self.at, len(self.buffer)
            believed = self._believed
            while at + HEADER_BYTES <= size:
                length, major, minor = header(buffer, at)
                kind = major << 8 | minor
                end = at + HEADER_BYTES + length
                if end > size or (kind << 16 | length not in lengths and at != believed):
                    break
                yield kind, buffer, at + HEADER_BYTES, end
                at = end
            self.at = at

    def reach_record(self) -> bool:
        """Bring a whole record to `at`, of whatever kind; False at the end of the file."""
        while self._has(HEADER_BYTES):
            kind, end = self._header(0)
            if kind in RECORD_NAMES or self._is_unknown_record():
                if not self._has(end):
                    if not self._goes_on():
                        break
                elif self._is_believable(kind, end):
                    self._believed = self.at
                    return True
            self._pass_over_corruption()
        if self.at < len(self.buffer):
            self.cut_at, self.cut_bytes = self.base + self.at, len(self.buffer) - self.at
        return False

    def _is_believable(self, kind: int, end: int) -> bool:
        """Whether the length of the whole record at the front is right, as far as can be seen.

        It is when the fields end where the record does, or no chain of records begins within it
        that goes on elsewhere than behind it. The first of a kind and length answers for all.
        """
        key = kind << 16 | end - HEADER_BYTES
        if key in self._believed_lengths:
            return True
        raw = self.buffer[self.at + HEADER_BYTES : self.at + end]
        is_known = kind in RECORD_NAMES
        if not (is_known and self._reader.fills(kind, raw)) and self._holds_records(end):
            return False
        if is_known:
            self._believed_lengths.add(key)
        return True

    def _holds_records(self, end: int) -> bool:
        """Whether a chain of records begins within the record at the front, and passes its end."""
        return any(self._is_chain(offset, end) for offset in self._known_types(end))

    def _goes_on(self) -> bool:
        """Whether records go on behind the header at the front, whose length passes the end.

        In a file that was cut there is nothing behind it but the beginning of one record.
        """
        size = len(self.buffer)
        return any(self._is_chain(offset, size) for offset in self._known_types(size))

    def _is_chain(self, offset: int, beside: int) -> bool:
        """Whether known records with whole fields follow each other there, none ending at `beside`.

        An MRR may end the chain where the file ends.
        """
        for _ in range(ANCHOR_RECORDS):
            if not self._has(offset + HEADER_BYTES):
                return False
            kind, end = self._header(offset)
            if kind not in RECORD_NAMES or end == beside or not self._has(end):
                return kind == MRR and self.at + end == len(self.buffer)
            raw = self.buffer[self.at + offset + HEADER_BYTES : self.at + end]
            if not self._reader.fills(kind, raw):
                return False
            offset = end
        return True

    def _known_types(self, end: int) -> Iterator[int]:
        """Offsets from the front, within its record, where the header of a known type may stand."""
        offset = HEADER_BYTES
        while match := KNOWN_TYPE.search(self.buffer, self.at + offset + 2, self.at + end):
            offset = match.start() - 2 - self.at
            yield offset
            offset += 1

    def _header(self, offset: int) -> tuple[int, int]:
        """Kind of the record at the offset from the front, and the offset of its end."""
        length, major, minor = self.layouts.header.unpack_from(self.buffer, self.at + offset)
        return major << 8 | minor, offset + HEADER_BYTES + length

    def _has(self, count: int) -> bool:
        """Whether that many bytes stand at the front; takes in chunks as needed."""
        if self.at + count <= len(self.buffer):
            return True
        if not self._has_more:
            return False
        parts = [self.buffer[self.at :]] if self.at < len(self.buffer) else []
        missing = count - sum(map(len, parts))
        while missing > 0 and self._has_more:
            chunk = next(self._chunks, None)
            self._has_more = chunk is not None
            parts.append(chunk or b"")
            missing -= len(parts[-1])
        self.base += self.at
        self.at = 0
        self.buffer = parts[0] if len(parts) == 1 else b"".join(parts)
        return missing <= 0

    def _is_unknown_record(self) -> bool:
        """Whether stepping on from a type nobody knows leads to a known one, or to the end."""
        offset = 0
        for _ in range(UNKNOWN_RECORDS_MAX):
            if not self._has(offset + HEADER_BYTES):
                return self.at + offset == len(self.buffer)
            kind, end = self._header(offset)
            if kind in RECORD_NAMES:
                return True
            if kind == CORRUPT:
                return False
            offset = end
        return False

    def _is_anchored(self) -> bool:
        """Whether several known records follow each other here, or known ones up to the end."""
        offset = 0
        for _ in range(ANCHOR_RECORDS):
            if not self._has(offset + HEADER_BYTES):
                return self.at + offset == len(self.buffer)
            kind, offset = self._header(offset)
            if kind not in RECORD_NAMES:
                return False
        return True

    def _pass_over_corruption(self) -> None:
        start = self.base + self.at
        is_blank = self.buffer[self.at] == 0
        while True:
            self.at += 1
            if not self._has(HEADER_BYTES):
                is_blank &= not self.buffer[self.at :].strip(b"\0")
                self.at = len(self.buffer)
                break
            something = NONZERO.search(self.buffer, self.at + 2)
            earliest = something.start() - 1 if something else len(self.buffer)
            match = KNOWN_TYPE.search(self.buffer, max(earliest, self.at + 2))
            front = match.start() - 2 if match else len(self.buffer) - HEADER_BYTES
            is_blank &= not self.buffer[self.at : front].strip(b"\0")
            self.at = front
            if match and self._is_anchored():
                is_blank = False
                break
            is_blank &= self.buffer[self.at] == 0
        self._note(Corruption(start, self.base + self.at - start, is_padding=is_blank))

    def _note(self, corruption: Corruption) -> None:
        self.corrupt_bytes += corruption.length
        self.corruption_count += not corruption.is_padding
        if corruption.is_padding or len(self.corruptions) < CORRUPTIONS_KEPT_MAX:
            self.corruptions.append(corruption)


def byte_order(head: bytes) -> str:
    """ "<" or ">" by the FAR in front. NotStdfError says what stands there instead."""
    if head[:4] not in {FAR_LITTLE, FAR_BIG} or len(head) < FAR_BYTES:
        raise NotStdfError(
            "The file does not begin with a FAR record, so it is neither STDF nor ATDF. Send the "
            "tester's file itself, plain or packed by gzip, bzip2, xz or zip."
        )
    if head[4] == CPU_DEC:
        raise NotStdfError(
            "The file was written with DEC floating point (CPU_TYPE 0), which we do not read. "
            "Convert it to IEEE on the tester."
        )
    if head[5] != VERSION:
        raise NotStdfError(f"The file is STDF V{head[5]}; only V4 is read.", version=head[5])
    return "<" if head[:4] == FAR_LITTLE else ">"
