"""X12 interchanges as segments, with the envelope's counts checked.

Source: ASC X12.5 and X12.6; delimiters stand at fixed places of the ISA segment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intake.domain.errors import FileRefusedError

ISA_CHARACTERS = 106
SEGMENTS_MAX = 1_000_000


class X12Error(FileRefusedError):
    """What breaks the format; the detail names the segment and its position."""

    code = "bad-x12"
    title = "The X12 file cannot be read"


@dataclass(frozen=True, slots=True)
class Segment:
    """number: position in the file, the ISA being 1. elements: without the segment's name."""

    number: int
    name: str
    elements: tuple[str, ...]

    def get(self, position: int) -> str:
        """Element by its X12 number, from 1; "" when it is not there."""
        return self.elements[position - 1] if position <= len(self.elements) else ""

    @property
    def place(self) -> str:
        """As messages name it."""
        return f"{self.name} at segment {self.number}"

    def pairs(self, first: int) -> Iterator[tuple[str, str]]:
        """Qualifiers and values from an element on, two by two."""
        for position in range(first, len(self.elements), 2):
            yield self.get(position), self.get(position + 1)

    def whole(self, position: int) -> int:
        """An element that is a whole number, also written 20.0. X12Error otherwise."""
        text = self.get(position)
        digits, _, rest = text.partition(".")
        if not (digits.isascii() and digits.isdigit()) or rest.strip("0") or len(digits) > 9:
            raise X12Error(
                f"{self.place}: element {position} is {text!r}, which is no whole number.",
                segment=self.name,
                position=self.number,
            )
        return int(digits)


@dataclass(frozen=True, slots=True)
class Transaction:
    """One ST to SE. sender: of its group. segments: between ST and SE."""

    kind: str
    control: str
    sender: str
    opened: Segment
    segments: tuple[Segment, ...]


def looks_like_x12(head: bytes) -> bool:
    """By the first bytes: ISA and its first three elements, which have fixed lengths."""
    text = head.lstrip()
    return text[:3] == b"ISA" and len(text) > 17 and text[3] == text[6] == text[17]


def transactions(content: bytes) -> list[Transaction]:
    """All of a file, one interchange or several. X12Error naming segment and position."""
    segments = _segments(content)
    found: list[Transaction] = []
    position = 0
    while position < len(segments):
        position = _interchange(segments, position, found)
    return found


def _segments(content: bytes) -> list[Segment]:
    try:
        text = content.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError as error:
        raise X12Error("The file is no text. Send it as ASCII or UTF-8.") from error
    if len(text) < ISA_CHARACTERS or not text.startswith("ISA"):
        raise X12Error("The file does not begin with a whole ISA segment of 106 characters.")
    between, end = text[3], text[ISA_CHARACTERS - 1]
    if between.isalnum() or end.isalnum() or between == end:
        raise X12Error(f"ISA at segment 1 gives {between!r} and {end!r} as delimiters.")
    if text[:ISA_CHARACTERS].count(between) != 16:
        raise X12Error("ISA at segment 1 has not 16 elements of fixed length.")
    parts = [part.strip("\r\n") for part in text.split(end)]
    if parts[-1].strip():
        raise X12Error(
            f"The last segment, {len(parts)}, has no end mark. The file was probably cut; send it "
            "again."
        )
    kept = [part for part in parts if part.strip()]
    if len(kept) > SEGMENTS_MAX:
        raise X12Error(f"The file has more than {SEGMENTS_MAX:,} segments. Split it.")
    return [_segment(number, part, between) for number, part in enumerate(kept, 1)]


def _segment(number: int, part: str, between: str) -> Segment:
    name, *elements = (element.strip() for element in part.split(between))
    return Segment(number, name, tuple(elements))


def _interchange(segments: Sequence[Segment], start: int, found: list[Transaction]) -> int:
    """Position behind the IEA. Groups between are read."""
    opened = _expected(segments, start, "ISA")
    position, groups = start + 1, 0
    while _at(segments, position).name == "GS":
        position = _group(segments, position, found)
        groups += 1
    closed = _expected(segments, position, "IEA")
    _check(closed, groups, "groups")
    _check_control(opened.get(13), closed)
    return position + 1


def _group(segments: Sequence[Segment], start: int, found: list[Transaction]) -> int:
    opened = _expected(segments, start, "GS")
    position, sets = start + 1, 0
    while _at(segments, position).name == "ST":
        position = _transaction(segments, position, opened.get(2), found)
        sets += 1
    closed = _expected(segments, position, "GE")
    _check(closed, sets, "transactions")
    _check_control(opened.get(6), closed)
    return position + 1


def _transaction(
    segments: Sequence[Segment], start: int, sender: str, found: list[Transaction]
) -> int:
    opened = segments[start]
    position = start + 1
    while _at(segments, position).name not in {"SE", "ST", "GE", "IEA", "GS", "ISA"}:
        position += 1
    closed = _expected(segments, position, "SE")
    _check(closed, position - start + 1, "segments")
    _check_control(opened.get(2), closed)
    body = tuple(segments[start + 1 : position])
    found.append(Transaction(opened.get(1), opened.get(2), sender, opened, body))
    return position + 1


def _at(segments: Sequence[Segment], position: int) -> Segment:
    if position >= len(segments):
        raise X12Error(
            f"The file ends behind {segments[-1].place}. It was probably cut; send it again."
        )
    return segments[position]


def _expected(segments: Sequence[Segment], position: int, name: str) -> Segment:
    segment = _at(segments, position)
    if segment.name != name:
        raise X12Error(
            f"{segment.place}: {name} was expected here.", segment=segment.name, expected=name
        )
    return segment


def _check(closed: Segment, count: int, things: str) -> None:
    if closed.whole(1) != count:
        raise X12Error(
            f"{closed.place} counts {closed.get(1)} {things}, {count} are there.",
            segment=closed.name,
            position=closed.number,
        )


def _check_control(number: str, closed: Segment) -> None:
    if closed.get(2) != number:
        raise X12Error(
            f"{closed.place} has control number {closed.get(2)!r}, its begin has {number!r}.",
            segment=closed.name,
            position=closed.number,
        )
