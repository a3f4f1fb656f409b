"""Any record, field by field as written: for looking, converting and the datalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from struct import Struct
from typing import TypeAlias

from intake.domain.stdf.fields import decoded
from intake.domain.stdf.framing import Framer
from intake.domain.stdf.layouts import LAYOUTS
from intake.domain.stdf.words import record_name

Scalar: TypeAlias = int | float | str | bytes
Value: TypeAlias = Scalar | tuple[Scalar, ...] | None

NUMBERS = {
    "U1": "B", "U2": "H", "U4": "I", "U8": "Q", "I1": "b", "I2": "h", "I4": "i", "I8": "q",
    "R4": "f", "R8": "d", "B1": "B",
}  # fmt: skip
PADDING = 0
GENERIC = {
    1: "U1", 2: "U2", 3: "U4", 4: "I1", 5: "I2", 6: "I4", 7: "R4", 8: "R8", 10: "Cn", 11: "Bn",
    12: "Dn", 13: "N1",
}  # fmt: skip
"""Types of the values in a GDR."""


class EndOfRecord(Exception):  # noqa: N818
    """The record ends before or within a field."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. names and values in order; None = the record ends before it.

    position: of its header in the plain file.
    """

    kind: str
    position: int
    names: tuple[str, ...]
    values: tuple[Value, ...]

    def __getitem__(self, name: str) -> Value:
        return self.values[self.names.index(name)]


def records(framer: Framer) -> Iterator[Record]:
    """All of a file, those of unknown types without fields."""
    reader = RecordReader(framer.mark)
    for kind, buffer, at, end in framer.frames():
        yield reader.read(kind, framer.base + at - 4, buffer[at:end])


class RecordReader:
    """Reads fields in one byte order. mark: "<" little-endian or ">" big-endian."""

    def __init__(self, mark: str) -> None:
        self._structs = {form: Struct(mark + letter) for form, letter in NUMBERS.items()}
        self._raw = b""
        self._at = 0
        self._readers: dict[str, Callable[[], Scalar]] = {
            **{form: self._number_of(struct) for form, struct in self._structs.items()},
            "C1": lambda: decoded(self._take(1)),
            "Cn": lambda: decoded(self._take(self._count("U1"))),
            "Sn": lambda: decoded(self._take(self._count("U2"))),
            "Bn": lambda: self._take(self._count("U1")),
            "Dn": lambda: self._take((self._count("U2") + 7) // 8),
            "N1": lambda: self._take(1)[0] & 0x0F,
            "Vn": self._generic,
            "Rest": lambda: self._take(len(self._raw) - self._at),
        }

    def read(self, kind: int, position: int, raw: bytes) -> Record:
        """One record from its fields. A field that is cut is missing, and all after it."""
        self._raw, self._at = raw, 0
        layout = LAYOUTS.get(kind, ())
        values: dict[str, Value] = {name: None for name, _, _ in layout}
        try:
            for name, form, count in layout:
                if self._at >= len(raw) and not (count and not values[count]):
                    break
                many = values[count] if count else None
                values[name] = self._array(form, many) if count else self._readers[form]()
        except EndOfRecord:
            pass
        return Record(record_name(kind), position, tuple(values), tuple(values.values()))

    def _array(self, form: str, count: Value) -> tuple[Scalar, ...]:
        many = count if isinstance(count, int) else 0
        if form == "N1":
            packed = self._take((many + 1) // 2)
            return tuple(packed[place // 2] >> 4 * (place % 2) & 0x0F for place in range(many))
        read = self._readers[form]
        return tuple(read() for _ in range(many))

    def _take(self, size: int) -> bytes:
        start, self._at = self._at, self._at + size
        if self._at > len(self._raw):
            raise EndOfRecord
        return self._raw[start : self._at]

    def _number_of(self, struct: Struct) -> Callable[[], Scalar]:
        def read() -> Scalar:
            value: int | float = struct.unpack(self._take(struct.size))[0]
            return value

        return read

    def _count(self, form: str) -> int:
        count: int = self._structs[form].unpack(self._take(self._structs[form].size))[0]
        return count

    def _generic(self) -> Scalar:
        """A value of a GDR; the null bytes that align it are passed over."""
        form = PADDING
        while form == PADDING:
            form = self._take(1)[0]
        if form not in GENERIC:
            raise EndOfRecord
        return self._readers[GENERIC[form]]()


def records_of(chunks: Iterable[bytes]) -> Iterator[Record]:
    """All records of a file. chunks: its plain bytes. NotStdfError when it is none."""
    yield from records(Framer(chunks))
