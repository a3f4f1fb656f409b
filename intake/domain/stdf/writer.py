"""Records as bytes, in either byte order: the other way round of `records`. All of V4 and V4-2007.

A record ends with its last given field; what is missing before that gets the value that stands for
it. Counts of arrays follow from the arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from struct import error as StructError  # noqa: N812
from typing import Literal

from intake.domain.stdf.fields import RecordError, decoded
from intake.domain.stdf.layouts import LAYOUTS, WITHOUT_INDEX, Layout
from intake.domain.stdf.records import GENERIC, NUMBERS, Bits, Generic, Scalar, Value
from intake.domain.stdf.records import is_there as is_gate_open
from intake.domain.stdf.words import RECORD_KINDS

TEXT_BYTES_MAX = 255
RECORD_BYTES_MAX = 0xFFFF
MISSING: dict[str, Scalar] = {
    **dict.fromkeys(("X_COORD", "Y_COORD", "CENTER_X", "CENTER_Y"), -32768),
    **dict.fromkeys(("SOFT_BIN", "BURN_TIM", "HARD_BIN"), 65535),
    **dict.fromkeys(("PART_CNT", "RTST_CNT", "ABRT_CNT", "GOOD_CNT", "FUNC_CNT"), 4_294_967_295),
    **dict.fromkeys(("EXEC_CNT", "FAIL_CNT", "ALRM_CNT"), 4_294_967_295),
    **dict.fromkeys(("SITE_GRP", "PATG_NUM", "INV_VAL"), 255),
}
"""What stands for a missing value, where it is neither 0, blank nor empty."""
EMPTY: dict[str, Scalar] = {"C1": " ", "Cn": "", "Sn": "", "Bn": b"", "Dn": Bits(0, b"")}
GENERIC_CODES = {form: code for code, form in GENERIC.items()}


class RecordWriter:
    """Writes records in one byte order. mark: "<" little-endian or ">" big-endian."""

    def __init__(self, mark: str = "<") -> None:
        self.mark = mark
        self._order: Literal["little", "big"] = "little" if mark == "<" else "big"
        self._header = Struct(f"{mark}HBB")
        self._structs = {form: Struct(mark + letter) for form, letter in NUMBERS.items()}

    def far(self, version: int = 4) -> bytes:
        """The record that begins a file."""
        return self.record("FAR", CPU_TYPE=2 if self.mark == "<" else 1, STDF_VER=version)

    def record(self, kind: str, /, **values: Value) -> bytes:
        """A record from its fields by name; RecordError for a value that its field cannot hold."""
        return self.write(kind, values)

    def write(self, kind: str, values: Mapping[str, Value]) -> bytes:
        """The same, from names and values. Those of None are missing."""
        code = RECORD_KINDS[kind]
        layout = LAYOUTS[code]
        if code in WITHOUT_INDEX and values.get("NMR_INDX") is None:
            layout = WITHOUT_INDEX[code]
        given = {name: value for name, value in values.items() if value is not None}
        body = self._body(layout, _counted(layout, given))
        if len(body) > RECORD_BYTES_MAX:
            raise RecordError(f"longer than the {RECORD_BYTES_MAX:,} bytes a record may have")
        return self.framed(code, body)

    def framed(self, code: int, body: bytes) -> bytes:
        """Header and body. code: as in `words`."""
        return self._header.pack(len(body), code >> 8, code & 0xFF) + body

    def _body(self, layout: Sequence[Layout], given: Mapping[str, Value]) -> bytes:
        last = max((at for at, one in enumerate(layout) if one.name in given), default=-1)
        pieces = []
        for field in layout[: last + 1]:
            if field.gate and not is_gate_open(field, given.get(field.gate)):
                continue
            try:
                pieces.append(self._field(field, given))
            except (StructError, OverflowError, TypeError, ValueError, AttributeError) as error:
                raise RecordError(f"{field.name} cannot hold {given.get(field.name)!r}") from error
        return b"".join(pieces)

    def _field(self, field: Layout, given: Mapping[str, Value]) -> bytes:
        value = given.get(field.name)
        if not field.count:
            if value is None:
                value = MISSING.get(field.name, EMPTY.get(field.form, 0))
            return self._one(field.form, value)
        items = value if isinstance(value, tuple) else ()
        count = given.get(field.count, 0)
        if not isinstance(count, int) or count != len(items):
            raise ValueError(field.count)
        return self._many(field, items, given.get(field.width))

    def _many(self, field: Layout, items: tuple[Scalar, ...], width: Value) -> bytes:
        if field.form == "N1":
            even = (*items, 0) if len(items) % 2 else items
            return bytes(_nibble(low) | _nibble(high) << 4 for low, high in _pairs(even))
        if field.width:
            return b"".join(self._sized(field.form, one, width) for one in items)
        if field.form == "Vn":
            return self._generic(items)
        return b"".join(self._one(field.form, one) for one in items)

    def _one(self, form: str, value: Value) -> bytes:
        if form in self._structs:
            return self._structs[form].pack(value)
        if form in {"C1", "Cn", "Sn"} and isinstance(value, str):
            return self._text(form, value)
        if form == "Dn" and isinstance(value, Bits):
            return self._structs["U2"].pack(value.count) + value.raw
        if form == "Bn" and isinstance(value, bytes):
            return bytes([len(value)]) + value
        return bytes([_nibble(value)])

    def _text(self, form: str, value: str) -> bytes:
        if form == "C1":
            return (encoded(value, 1) or b" ")[:1]
        raw = encoded(value, TEXT_BYTES_MAX if form == "Cn" else RECORD_BYTES_MAX)
        return self._structs["U1" if form == "Cn" else "U2"].pack(len(raw)) + raw

    def _sized(self, form: str, value: Scalar, width: Value) -> bytes:
        if not isinstance(width, int):
            raise TypeError(width)
        if form == "Cf" and isinstance(value, str):
            return encoded(value, width).ljust(width)
        if form == "Uf" and isinstance(value, int):
            return value.to_bytes(width, self._order)
        raise TypeError(value)

    def _generic(self, items: tuple[Scalar, ...]) -> bytes:
        pieces = []
        for one in items:
            if not isinstance(one, Generic):
                raise TypeError(one)
            pieces += [bytes([GENERIC_CODES[one.form]]), self._one(one.form, one.value)]
        return b"".join(pieces)


def encoded(text: str, bytes_max: int) -> bytes:
    """Latin-1 where it is read back the same, else UTF-8; whole characters that fit."""
    try:
        raw = text.encode("latin-1")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "replace")
    else:
        if decoded(raw) != decoded(text.encode()):
            raw = text.encode()
    if len(raw) <= bytes_max:
        return raw
    return encoded(text[:-1] if len(text) <= bytes_max else text[:bytes_max], bytes_max)


def written(records: Sequence[tuple[str, Mapping[str, Value]]], mark: str = "<") -> bytes:
    """A file of these records behind its FAR."""
    writer = RecordWriter(mark)
    return writer.far() + b"".join(writer.write(kind, values) for kind, values in records)


def _counted(layout: Sequence[Layout], given: Mapping[str, Value]) -> dict[str, Value]:
    """With counts of the arrays, and arrays of one count made alike in length."""
    arrays: dict[str, list[Layout]] = {}
    for field in layout:
        if field.count:
            arrays.setdefault(field.count, []).append(field)
    counts: dict[str, Value] = {}
    for count, fields in arrays.items():
        lists = [value for one in fields if isinstance(value := given.get(one.name), tuple)]
        if not lists:
            continue
        longest = max(map(len, lists))
        counts[count] = longest
        for one in fields:
            value = given.get(one.name, ())
            if isinstance(value, tuple) and (one.name in given or _is_before(one, layout, given)):
                blank = EMPTY.get(one.form, "" if one.form == "Cf" else 0)
                counts[one.name] = value + (blank,) * (longest - len(value))
    return {**given, **counts}


def _is_before(field: Layout, layout: Sequence[Layout], given: Mapping[str, Value]) -> bool:
    """Whether something that is given comes after the field."""
    return any(one.name in given for one in layout[layout.index(field) + 1 :])


def _pairs(items: tuple[Scalar, ...]) -> list[tuple[Scalar, Scalar]]:
    return list(zip(items[::2], items[1::2], strict=True))


def _nibble(value: Value) -> int:
    if not isinstance(value, int) or not 0 <= value < 16:
        raise ValueError(value)
    return value
