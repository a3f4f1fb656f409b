"""Genealogy drawn from left to right: containers, the unit, its parts, wafers and lots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT = 164.0, 40.0
COLUMN_GAP, ROW_GAP, MARGIN = 44.0, 10.0, 4.0
BOXES_MAX = 6  # a column; what is over stands in one last box


@dataclass(frozen=True, slots=True)
class Knot:
    """Like things in one column. key: names it in links; address: its page, where it is one."""

    key: str
    name: str
    note: str
    address: str = ""
    is_self: bool = False
    is_former: bool = False
    is_declared: bool = False


@dataclass(frozen=True, slots=True)
class DrawnKnot:
    """A knot with its place."""

    knot: Knot
    left: float
    top: float


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """A curve between two knots; dashed where it has ended."""

    path: str
    is_former: bool


@dataclass(frozen=True, slots=True)
class GenealogyDrawing:
    """Boxes and curves in a frame of width and height."""

    width: float
    height: float
    box_width: float
    box_height: float
    knots: tuple[DrawnKnot, ...]
    links: tuple[DrawnLink, ...]


def draw_genealogy(
    columns: Sequence[Sequence[Knot]], links: Sequence[tuple[str, str]]
) -> GenealogyDrawing:
    """columns: from the outermost container to the first lots. links: keys of joined knots."""
    shown = [_shown(number, column) for number, column in enumerate(columns) if column]
    rows = max(len(column) for column in shown)
    height = 2 * MARGIN + rows * BOX_HEIGHT + (rows - 1) * ROW_GAP
    drawn: dict[str, DrawnKnot] = {}
    for number, column in enumerate(shown):
        used = len(column) * BOX_HEIGHT + (len(column) - 1) * ROW_GAP
        left = MARGIN + number * (BOX_WIDTH + COLUMN_GAP)
        for row, knot in enumerate(column):
            top = (height - used) / 2 + row * (BOX_HEIGHT + ROW_GAP)
            drawn[knot.key] = DrawnKnot(knot, left, round(top, 2))
    width = 2 * MARGIN + len(shown) * BOX_WIDTH + (len(shown) - 1) * COLUMN_GAP
    joined = [
        _link(drawn[start], drawn[end]) for start, end in links if start in drawn and end in drawn
    ]
    return GenealogyDrawing(
        width, height, BOX_WIDTH, BOX_HEIGHT, tuple(drawn.values()), tuple(joined)
    )


def _shown(number: int, column: Sequence[Knot]) -> list[Knot]:
    if len(column) <= BOXES_MAX:
        return list(column)
    rest = len(column) - (BOXES_MAX - 1)
    return [*column[: BOXES_MAX - 1], Knot(f"more-{number}", f"{rest} more", "in the table")]


def _link(start: DrawnKnot, end: DrawnKnot) -> DrawnLink:
    start_x, start_y = start.left + BOX_WIDTH, start.top + BOX_HEIGHT / 2
    end_x, end_y = end.left, end.top + BOX_HEIGHT / 2
    middle = (start_x + end_x) / 2
    path = f"M{start_x} {start_y}C{middle} {start_y} {middle} {end_y} {end_x} {end_y}"
    return DrawnLink(path, start.knot.is_former or end.knot.is_former)
