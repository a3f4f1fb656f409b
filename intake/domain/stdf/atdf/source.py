"""An ATDF file as the plain bytes of an STDF file, so that one decoder reads both."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from intake.domain.errors import NotStdfError
from intake.domain.stdf.atdf.lines import RECORD_BYTES_MAX, Lines
from intake.domain.stdf.atdf.reading import AtdfReader
from intake.domain.stdf.fields import RecordError, decoded
from intake.domain.stdf.writer import RecordWriter

FAR_TEXT = b"FAR:A"
CHUNK_BYTES = 1 << 16
PLACES_MAX = 1 << 18
VERSION = "4"
KINDS_MAX = 200
OTHER_KIND = "line"


@dataclass(slots=True)
class Places:
    """From which place in the text a record comes; roughly, when there are more than PLACES_MAX."""

    ours: list[int] = field(default_factory=list)
    theirs: list[int] = field(default_factory=list)
    step: int = 1
    _skipped: int = 0

    def add(self, ours: int, theirs: int) -> None:
        """A record begins at both, later than those before."""
        self._skipped += 1
        if self._skipped < self.step:
            return
        self._skipped = 0
        self.ours.append(ours)
        self.theirs.append(theirs)
        if len(self.ours) > PLACES_MAX:
            self.ours, self.theirs, self.step = self.ours[::2], self.theirs[::2], self.step * 2

    def of(self, ours: int) -> int:
        """Where the record at this place, or one shortly before it, begins in the text."""
        at = bisect_right(self.ours, ours) - 1
        return self.theirs[at] if at >= 0 else 0


class AtdfSource:
    """One ATDF file. rejected: position, kind and reason of records that could not be read.

    At most rejected_max of these are kept; counts has all, by kind. notes: what else a person
    should know. Complete when `chunks` is used up.
    """

    def __init__(self, text: Iterable[bytes], rejected_max: int = 1_000) -> None:
        self.places = Places()
        self.rejected: list[tuple[int, str, str]] = []
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []
        self._rejected_max = rejected_max
        self._lines = Lines(text)
        self._writer = RecordWriter()

    def chunks(self) -> Iterator[bytes]:
        """Plain bytes of STDF, little-endian. NotStdfError without a usable FAR."""
        records = self._lines.records()
        begun = next(records, (0, None))[1]
        reader = self._far(begun or b"")
        pending, at = [self._writer.far()], len(self._writer.far())
        size = at
        for position, line in records:
            raw = self._record(reader, position, line)
            if not raw:
                continue
            self.places.add(at, position)
            pending.append(raw)
            at, size = at + len(raw), size + len(raw)
            if size >= CHUNK_BYTES:
                yield b"".join(pending)
                pending, size = [], 0
        if not self._lines.ended_whole:
            self.notes.append("The last line has no line end; it may be cut.")
        if pending:
            yield b"".join(pending)

    def _far(self, line: bytes) -> AtdfReader:
        text = decoded(line)
        separator = text[5:6]
        if not line.startswith(FAR_TEXT) or not separator or separator.isalnum():
            raise NotStdfError(
                "The first line is no FAR record of ATDF, as FAR:A|4|2|U. Send the tester's file "
                "itself."
            )
        fields = [word.strip() for word in text.split(separator)]
        version, scaling = (*fields[1:2], "")[0], (*fields[3:4], "")[0].upper()
        if version != VERSION:
            raise NotStdfError(f"The file is ATDF of STDF V{version}; only V4 is read.")
        if scaling not in {"S", "U"}:
            self.notes.append(
                "The FAR does not say whether values are scaled; they are taken as scaled."
            )
        return AtdfReader(separator, is_scaled=scaling != "U")

    def _record(self, reader: AtdfReader, position: int, line: bytes | None) -> bytes:
        """Bytes of a record; none when it is rejected, which is noted."""
        if line is None:
            reason = f"longer than the {RECORD_BYTES_MAX:,} characters a record may have"
            self._reject(position, OTHER_KIND, reason)
            return b""
        kind = decoded(line[:4]).partition(":")[0]
        try:
            return self._writer.write(*reader.read(decoded(line)))
        except RecordError as error:
            self._reject(position, kind, str(error))
            return b""

    def _reject(self, position: int, kind: str, reason: str) -> None:
        is_named = len(kind) == 3 and kind.isalnum() and len(self.counts) < KINDS_MAX
        kind = kind if is_named or kind in self.counts else OTHER_KIND
        self.counts[kind] += 1
        if len(self.rejected) < self._rejected_max:
            self.rejected.append((position, kind, reason))
