"""The part of a file that a Range header asks for. Source: RFC 9110, section 14."""

from __future__ import annotations

import re
from dataclasses import dataclass

from finance.domain.errors import RangeError

_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes start ≤ position < end."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.end - self.start


def part_of(header: str, size: int) -> Part | None:
    """None for the whole: no header, several parts at once, or a unit that nobody knows.

    RangeError for a part beyond the end.
    """
    found = _RANGE.fullmatch(header)
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise RangeError(f"The file has {size} bytes.", size=size)
    return Part(start, end)
