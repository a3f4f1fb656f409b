"""Ancestry of a lot as three columns of boxes: parents, the lot, children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BOX_WIDTH, BOX_HEIGHT = 172.0, 38.0
COLUMN_GAP, ROW_GAP, MARGIN = 76.0, 10.0, 4.0
RELATIVES_MAX = 8  # a side; more are counted in one last box


@dataclass(frozen=True, slots=True)
class Relative:
    """A parent or child lot. how: the word of the link, such as `split`."""

    name: str
    address: str
    note: str
    how: str


@dataclass(frozen=True, slots=True)
class FamilyBox:
    """One lot on the page; no address for the lot itself and for `n more`."""

    left: float
    top: float
    name: str
    note: str
    address: str
    is_self: bool


@dataclass(frozen=True, slots=True)
class FamilyLink:
    """A curve between two boxes, with its word in the middle."""

    path: str
    word: str
    word_x: float
    word_y: float


@dataclass(frozen=True, slots=True)
class FamilyDrawing:
    """Boxes and links in a frame of width and height."""

    width: float
    height: float
    box_width: float
    box_height: float
    boxes: tuple[FamilyBox, ...]
    links: tuple[FamilyLink, ...]


def draw_family(
    itself: Relative, parents: Sequence[Relative], children: Sequence[Relative]
) -> FamilyDrawing | None:
    """None for a lot without relatives."""
    if not parents and not children:
        return None
    columns = [shown for shown in (_shown(parents), _shown(children)) if shown]
    row_count = max(len(column) for column in columns)
    height = 2 * MARGIN + row_count * BOX_HEIGHT + (row_count - 1) * ROW_GAP
    own_left = MARGIN + (BOX_WIDTH + COLUMN_GAP if parents else 0)
    own = _box(itself, own_left, (height - BOX_HEIGHT) / 2, is_self=True)
    boxes, links = [own], []
    for lot, top in zip(_shown(parents), _tops(len(_shown(parents)), height), strict=True):
        box = _box(lot, MARGIN, top)
        boxes.append(box)
        links.append(_link(box, own, lot.how))
    child_left = own_left + BOX_WIDTH + COLUMN_GAP
    for lot, top in zip(_shown(children), _tops(len(_shown(children)), height), strict=True):
        box = _box(lot, child_left, top)
        boxes.append(box)
        links.append(_link(own, box, lot.how))
    width = (child_left if children else own_left) + BOX_WIDTH + MARGIN
    return FamilyDrawing(width, height, BOX_WIDTH, BOX_HEIGHT, tuple(boxes), tuple(links))


def _shown(relatives: Sequence[Relative]) -> list[Relative]:
    if len(relatives) <= RELATIVES_MAX:
        return list(relatives)
    rest = len(relatives) - (RELATIVES_MAX - 1)
    return [*relatives[: RELATIVES_MAX - 1], Relative(f"{rest} more", "", "", "")]


def _tops(count: int, height: float) -> list[float]:
    used = count * BOX_HEIGHT + (count - 1) * ROW_GAP
    first = (height - used) / 2
    return [round(first + index * (BOX_HEIGHT + ROW_GAP), 2) for index in range(count)]


def _box(lot: Relative, left: float, top: float, *, is_self: bool = False) -> FamilyBox:
    address = "" if is_self else lot.address
    return FamilyBox(left, round(top, 2), lot.name, lot.note, address, is_self)


def _link(source: FamilyBox, target: FamilyBox, word: str) -> FamilyLink:
    start_x, start_y = source.left + BOX_WIDTH, source.top + BOX_HEIGHT / 2
    end_x, end_y = target.left, target.top + BOX_HEIGHT / 2
    middle = (start_x + end_x) / 2
    path = f"M{start_x} {start_y}C{middle} {start_y} {middle} {end_y} {end_x} {end_y}"
    return FamilyLink(path, word, middle, round((start_y + end_y) / 2, 2))
