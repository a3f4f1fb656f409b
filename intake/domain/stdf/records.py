"""Any record, field by field as written: for looking, converting and the datalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Literal, TypeAlias

from intake.domain.stdf.fields import decoded
from intake.domain.stdf.layouts import LAYOUTS, WITHOUT_INDEX, Layout
from intake.domain.stdf.words import record_name


@dataclass(frozen=True, slots=True)
class Bits:
    """A D*n: so many bits, the first in the lowest place of the first byte."""

    count: int
    raw: bytes

    def positions(self) -> tuple[int, ...]:
        """Which of them are set."""
        return tuple(at for at in range(self.count) if self.raw[at // 8] >> at % 8 & 1)


@dataclass(frozen=True, slots=True)
class Generic:
    """One value of a GDR with its type, as "U2"."""

    form: str
    value: int | float | str | bytes | Bits


Scalar: TypeAlias = int | float | str | bytes | Bits | Generic
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
WIDTHS = (1, 2, 4, 8)


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

    def number(self, name: str) -> int:
        """A field that counts; 0 when missing."""
        value = self[name]
        return value if isinstance(value, int) else 0

    def list(self, name: str) -> tuple[Scalar, ...]:
        """An array; empty when missing."""
        value = self[name]
        return value if isinstance(value, tuple) else ()


def is_there(field: Layout, flags: Value) -> bool:
    """Whether a field that hangs on flags is written."""
    return isinstance(flags, int) and flags & 3 * field.gate_bit == field.gate_bit


class RecordReader:
    """Reads fields in one byte order. mark: "<" little-endian or ">" big-endian."""

    def __init__(self, mark: str) -> None:
        self._order: Literal["little", "big"] = "little" if mark == "<" else "big"
        self._structs = {form: Struct(mark + letter) for form, letter in NUMBERS.items()}
        self._raw = b""
        self._at = 0
        self._readers: dict[str, Callable[[], Scalar]] = {
            **{form: self._number_of(struct) for form, struct in self._structs.items()},
            "C1": lambda: decoded(self._take(1)),
            "Cn": lambda: decoded(self._take(self._count("U1"))),
            "Sn": lambda: decoded(self._take(self._count("U2"))),
            "Bn": lambda: self._take(self._count("U1")),
            "Dn": self._bits,
            "N1": lambda: self._take(1)[0] & 0x0F,
        }

    def read(self, kind: int, position: int, raw: bytes) -> Record:
        """One record from its fields. A field that is cut is missing, and all after it."""
        values, is_cut = self._fields(LAYOUTS.get(kind, ()), raw)
        if kind in WITHOUT_INDEX and (is_cut or self._at != len(raw)):
            others, is_cut = self._fields(WITHOUT_INDEX[kind], raw)
            if not is_cut and self._at == len(raw):
                values = {**dict.fromkeys(values), **others}
        return Record(record_name(kind), position, tuple(values), tuple(values.values()))

    def fills(self, kind: int, raw: bytes) -> bool:
        """Whether the fields end where the record does, some at its end missing or not."""
        return any(
            not self._fields(layout, raw)[1] and self._at == len(raw)
            for layout in (LAYOUTS.get(kind, ()), WITHOUT_INDEX.get(kind, ()))
        )

    def _fields(self, layout: tuple[Layout, ...], raw: bytes) -> tuple[dict[str, Value], bool]:
        """Values by name, and whether the record ends within one."""
        self._raw, self._at = raw, 0
        values: dict[str, Value] = {field.name: None for field in layout}
        try:
            for field in layout:
                if field.gate and not is_there(field, values[field.gate]):
                    continue
                if self._at >= len(raw) and not (field.count and not values[field.count]):
                    break
                values[field.name] = self._value(field, values)
        except EndOfRecord:
            return values, True
        return values, False

    def _value(self, field: Layout, values: Mapping[str, Value]) -> Value:
        if not field.count:
            return self._readers[field.form]()
        many = values[field.count]
        count = many if isinstance(many, int) else 0
        if field.width:
            width = values[field.width]
            return self._sized(field.form, count, width if isinstance(width, int) else 0)
        if field.form == "N1":
            packed = self._take((count + 1) // 2)
            return tuple(packed[place // 2] >> 4 * (place % 2) & 0x0F for place in range(count))
        if field.form == "Vn":
            return self._generics(count)
        read = self._readers[field.form]
        return tuple(read() for _ in range(count))

    def _sized(self, form: str, count: int, width: int) -> tuple[Scalar, ...]:
        if form == "Cf":
            return tuple(decoded(self._take(width)) for _ in range(count))
        if count and width not in WIDTHS:
            raise EndOfRecord
        return tuple(int.from_bytes(self._take(width), self._order) for _ in range(count))

    def _take(self, size: int) -> bytes:
        start, end = self._at, self._at + size
        if end > len(self._raw):
            raise EndOfRecord
        self._at = end
        return self._raw[start:end]

    def _number_of(self, struct: Struct) -> Callable[[], Scalar]:
        def read() -> Scalar:
            value: int | float = struct.unpack(self._take(struct.size))[0]
            return value

        return read

    def _count(self, form: str) -> int:
        count: int = self._structs[form].unpack(self._take(self._structs[form].size))[0]
        return count

    def _bits(self) -> Bits:
        count = self._count("U2")
        return Bits(count, self._take((count + 7) // 8))

    def _generics(self, count: int) -> tuple[Scalar, ...]:
        """Values of a GDR; the null bytes that align them may be counted or not."""
        values: list[Scalar] = []
        paddings = 0
        while len(values) < count:
            if self._at == len(self._raw) and len(values) + paddings >= count:
                break
            form = self._take(1)[0]
            if form == PADDING:
                paddings += 1
            elif form in GENERIC:
                value = self._readers[GENERIC[form]]()
                assert not isinstance(value, Generic)
                values.append(Generic(GENERIC[form], value))
            else:
                raise EndOfRecord
        return tuple(values)
