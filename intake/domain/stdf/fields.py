"""Fields of one record, read in order; whatever lies past its end is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from struct import Struct
from typing import Any

from intake.domain.stdf.words import MISSING_U4


class RecordError(Exception):
    """A record that cannot be used. The message is the reason kept with its position."""


@dataclass(frozen=True, slots=True)
class Layouts:
    """Fixed parts of records in one byte order."""

    header: Struct
    u2: Struct
    i2: Struct
    u4: Struct
    i4: Struct
    r4: Struct
    ptr: Struct  # TEST_NUM HEAD_NUM SITE_NUM TEST_FLG PARM_FLG RESULT
    mpr: Struct  # TEST_NUM HEAD_NUM SITE_NUM TEST_FLG PARM_FLG RTN_ICNT RSLT_CNT
    ftr: Struct  # TEST_NUM HEAD_NUM SITE_NUM TEST_FLG
    prr: Struct  # HEAD SITE PART_FLG NUM_TEST HARD_BIN SOFT_BIN X Y TEST_T


def layouts(mark: str) -> Layouts:
    """mark: "<" little-endian or ">" big-endian."""
    formats = ("HBB", "H", "h", "I", "i", "f", "IBBBBf", "IBBBBHH", "IBBB", "BBBHHHhhI")
    return Layouts(*(Struct(mark + letters) for letters in formats))


def decoded(raw: bytes) -> str:
    """Text of a C*n field without outer blanks and nulls; not always ASCII."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return text.strip(" \t\r\n\0")


def instant(seconds: int | None) -> datetime | None:
    """Seconds since 1970 as UTC; None for missing and for the two values testers put for it."""
    return None if seconds in {None, 0, MISSING_U4} else datetime.fromtimestamp(seconds or 0, UTC)


class Fields:
    """A reader over one record. is_damaged: a text claimed to be longer than its record.

    had_nulls: a text had null characters within it, which are left out.
    """

    __slots__ = ("_at", "_end", "_layouts", "_record", "had_nulls", "is_damaged")

    def __init__(self, layouts: Layouts, record: bytes) -> None:
        self._layouts = layouts
        self._record = record
        self._at = 0
        self._end = len(record)
        self.is_damaged = False
        self.had_nulls = False

    def _number(self, layout: Struct) -> Any:
        at = self._at
        self._at = at + layout.size
        if self._at > self._end:
            self._at = self._end
            return None
        return layout.unpack_from(self._record, at)[0]

    def u1(self) -> int | None:
        """One byte."""
        if self._at >= self._end:
            return None
        self._at += 1
        return self._record[self._at - 1]

    def i1(self) -> int | None:
        """One signed byte."""
        value = self.u1()
        return value if value is None or value < 128 else value - 256

    def u2(self) -> int | None:
        """Two bytes."""
        value: int | None = self._number(self._layouts.u2)
        return value

    def i2(self) -> int | None:
        """Two bytes, signed."""
        value: int | None = self._number(self._layouts.i2)
        return value

    def u4(self) -> int | None:
        """Four bytes."""
        value: int | None = self._number(self._layouts.u4)
        return value

    def r4(self) -> float | None:
        """Four bytes of IEEE float."""
        value: float | None = self._number(self._layouts.r4)
        return value

    def c1(self) -> str:
        """One character; empty when missing or blank."""
        value = self.u1()
        return "" if value is None else decoded(bytes([value]))

    def cn(self) -> str:
        """A text with its length in front; empty when missing."""
        length = self.u1()
        if length is None:
            return ""
        at = self._at
        self._at = at + length
        if self._at > self._end:
            self._at = self._end
            self.is_damaged = True
        text = decoded(self._record[at : self._at])
        self.had_nulls |= "\0" in text
        return text.replace("\0", "")

    def skip(self, count: int) -> None:
        """Pass over bytes."""
        self._at = min(self._end, self._at + count)

    def require_whole(self) -> None:
        """RecordError if a text ran past the end."""
        if self.is_damaged:
            raise RecordError("a text runs past the end of its record")
