"""Single values as ATDF writes them, both ways."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from intake.domain.stdf.atdf.words import (
    GENERIC_FORMS,
    GENERIC_LETTERS,
    HEXADECIMAL,
    MONTHS,
    RADIX_LETTERS,
    RADIXES,
    TIMES,
)
from intake.domain.stdf.fields import RecordError
from intake.domain.stdf.records import Bits, Generic, Scalar
from intake.domain.stdf.words import MISSING_U4

BLANKS = " \t\r\n\0"
BITS_MAX = 0xFFFF


def number_of(text: str, form: str, name: str) -> int | float:
    """A number; RecordError when it is none."""
    try:
        if name in TIMES:
            return seconds_of(text)
        if form[0] == "R":
            return float(text)
        if name == "GRP_RADX":
            return RADIXES[text]
        return int(text, 16 if name in HEXADECIMAL else 10)
    except (ValueError, KeyError) as error:
        raise RecordError(f"{name} is no value of its kind: {text[:40]!r}") from error


def value_of(text: str, form: str, name: str) -> Scalar:
    """A single value of any kind; RecordError when it is none."""
    if form in {"C1", "Cn", "Sn"}:
        return text
    if form == "Bn":
        return bytes_of(text, name)
    if form == "Dn":
        return bits_of(text, name)
    return number_of(text, form, name)


def text_of(value: Scalar, form: str, name: str) -> str:
    """How ATDF writes a value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, Bits):
        return ",".join(map(str, value.positions()))
    assert not isinstance(value, Generic)
    return number_text(value, form, name)


def number_text(value: int | float, form: str, name: str) -> str:
    """The shortest that is read back the same."""
    if isinstance(value, float):
        return str(np.float32(value)) if form == "R4" else repr(value)
    if name in TIMES:
        return instant_text(value)
    if name == "GRP_RADX":
        return RADIX_LETTERS.get(value, "")
    return f"{value:X}" if name in HEXADECIMAL else str(value)


def seconds_of(text: str) -> int:
    """`8:23:02 23-JUL-1992` as seconds since 1970, taken as UTC. ValueError when it is none."""
    clock, _, day = text.partition(" ")
    hour, minute, second = (int(word) for word in clock.split(":"))
    number, month, year = day.strip().split("-")
    if month.upper() not in MONTHS:
        raise ValueError(month)
    date = (int(year), MONTHS.index(month.upper()) + 1, int(number))
    return int(datetime(*date, hour, minute, second, tzinfo=UTC).timestamp())


def instant_text(seconds: int) -> str:
    """The other way; empty for a missing one."""
    if seconds in {0, MISSING_U4}:
        return ""
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at.hour}:{at:%M:%S} {at.day}-{MONTHS[at.month - 1]}-{at.year}"


def bytes_of(text: str, name: str) -> bytes:
    """Hexadecimal digits as bytes."""
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise RecordError(f"{name} is not hexadecimal: {text[:40]!r}") from error


def bits_of(text: str, name: str) -> Bits:
    """Positions of the bits that are set, as `2,3,6`."""
    positions = [int(word) for word in words_of(text) if word.isdecimal()]
    count = max(positions, default=-1) + 1
    if len(positions) != len(words_of(text)) or count > BITS_MAX:
        raise RecordError(f"{name} is no list of bits: {text[:40]!r}")
    raw = bytearray((count + 7) // 8)
    for position in positions:
        raw[position // 8] |= 1 << position % 8
    return Bits(count, bytes(raw))


def words_of(text: str) -> list[str]:
    """Items of an array; none of an empty one."""
    return [word.strip(BLANKS) for word in text.split(",")] if text else []


def generic_of(text: str) -> Generic:
    """A value of a GDR: the letter of its type, and the value. RecordError when it is none."""
    form = GENERIC_FORMS.get(text[:1])
    if form is None:
        raise RecordError(f"a value of the unknown type {text[:1]!r}")
    # A nibble is written as the states of a pin are.
    value = value_of(text[1:], form, "RTN_STAT" if form == "N1" else "a value")
    assert not isinstance(value, Generic)
    return Generic(form, value)


def generic_text(one: Generic) -> str:
    """The other way."""
    name = "RTN_STAT" if one.form == "N1" else ""
    return GENERIC_LETTERS[one.form] + text_of(one.value, one.form, name)
