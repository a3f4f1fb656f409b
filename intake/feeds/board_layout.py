"""Layouts of burn-in boards as a table: a line for each socket, by row and column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from intake.domain.contents import content_sha256
from intake.domain.mapping import AS_DOCUMENTED, ColumnMapping
from intake.domain.tables import BadLine, header_of, table_lines
from intake.services.registry import FeedContext, FeedItem, RejectedItem
from testing.domain.layouts import SIDE_MAX, layout_rows
from testing.services import record_board_layout

REQUIRED = ("layout", "row", "column", "socket")
BOARDS = "boards"
CODE_CHARACTERS_MAX = 64


@dataclass(slots=True)
class _Layout:
    """One layout of the file. number: of its first line."""

    number: int
    places: dict[tuple[int, int], str] = field(default_factory=dict)
    boards: set[str] = field(default_factory=set)
    line_count: int = 0


class BoardLayoutFeed:
    """All lines of one layout are one item; the newest statement of it counts."""

    kind = "board-layout"
    columns = (*REQUIRED, BOARDS)

    def recognises(self, name: str, head: bytes) -> bool:
        return name.endswith(".boardlayout.csv") or set(header_of(head)) >= set(REQUIRED)

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        return self.parse_mapped(stream, AS_DOCUMENTED)

    def parse_mapped(
        self, stream: IO[bytes], mapping: ColumnMapping
    ) -> Iterator[FeedItem | RejectedItem]:
        """Items in the order of their first lines, after the lines that cannot be read."""
        layouts: dict[str, _Layout] = {}
        for line in table_lines(stream, REQUIRED, (BOARDS,), mapping):
            if isinstance(line, BadLine):
                yield RejectedItem(line.number, line.reason, line.text)
                continue
            layout = layouts.get(line.values["layout"]) or _Layout(line.number)
            if fault := _fault(line.values, layout):
                yield RejectedItem(line.number, fault, ",".join(line.values.values()))
                continue
            layouts[line.values["layout"]] = layout
            _take(line.values, layout)
        for code, layout in layouts.items():
            yield _item(code, layout)

    def apply(self, item: FeedItem, context: FeedContext) -> None:
        words = item.content
        record_board_layout(code=words["layout"], sockets=words["sockets"], boards=words["boards"])


def _fault(values: dict[str, str], layout: _Layout) -> str:
    if not values["layout"] or len(values["layout"]) > CODE_CHARACTERS_MAX:
        return f"layout must be a text of 1 to {CODE_CHARACTERS_MAX} characters."
    for name in ("row", "column"):
        text = values[name]
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= SIDE_MAX):
            return f"{name} is {text!r}; it must be a whole number from 1 to {SIDE_MAX}."
    if not values["socket"]:
        return "socket is empty; leave out the line where there is none."
    if _place(values) in layout.places:
        return f"Row {values['row']}, column {values['column']} has a socket already."
    return ""


def _place(values: dict[str, str]) -> tuple[int, int]:
    return int(values["row"]), int(values["column"])


def _take(values: dict[str, str], layout: _Layout) -> None:
    layout.places[_place(values)] = values["socket"]
    layout.boards.update(values.get(BOARDS, "").split())
    layout.line_count += 1


def _item(code: str, layout: _Layout) -> FeedItem:
    content = {
        "layout": code,
        "sockets": layout_rows(layout.places),
        "boards": sorted(layout.boards),
    }
    key = f"board-layout:{code}:{content_sha256(content)}"
    return FeedItem(layout.number, key, content, None, layout.line_count)
