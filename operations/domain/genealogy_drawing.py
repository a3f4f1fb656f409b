"""Genealogy drawn from left to right: what it went into, the thing itself, what it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from operations.domain.genealogy_folding import Knot, Neighbours, Place, unfolded

BOX_WIDTH, BOX_HEIGHT = 176.0, 40.0
COLUMN_GAP, ROW_GAP, MARGIN = 60.0, 10.0, 4.0
SIDE_MARGIN = 32.0  # room for a sign
ROWS_ABOVE_MAX = 2.0
SIGN_GAP, SIGN_RADIUS, SIGN_ARM = 15.0, 12.0, 5.0
UP, DOWN = "up", "down"
TELLS = {UP: "Uses of", DOWN: "Origins of"}


@dataclass(frozen=True, slots=True)
class Sign:
    """A plus or minus at the end of a box. turned: all that is turned once it is pressed.

    turn: its own name; x, y: its middle; path: of the sign itself.
    """

    turn: str
    turned: str
    label: str
    is_open: bool
    x: float
    y: float
    path: str


@dataclass(frozen=True, slots=True)
class DrawnKnot:
    """A knot with its place, and the signs by which what is beyond it unfolds."""

    knot: Knot
    left: float
    top: float
    is_self: bool
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """A curve between two knots; dashed where it has ended."""

    path: str
    is_former: bool


@dataclass(frozen=True, slots=True)
class GenealogyDrawing:
    """Boxes and curves in a frame of width and height. radius: of a sign."""

    width: float
    height: float
    box_width: float
    box_height: float
    radius: float
    knots: tuple[DrawnKnot, ...]
    links: tuple[DrawnLink, ...]


def draw_genealogy(
    itself: Knot, up: Neighbours, down: Neighbours, turned: frozenset[str] = frozenset()
) -> GenealogyDrawing:
    """up: what each went into, drawn to the left; down: what each came from, to the right.

    turned: places that are folded or unfolded otherwise than at first.
    """
    sides = {UP: unfolded(itself, UP, up, turned), DOWN: unfolded(itself, DOWN, down, turned)}
    rows: dict[str, float] = {}
    for place in sides.values():
        _lay(place, rows, 0)
    _align(sides, rows)
    columns = max(place.column for place in _all(sides[UP]))
    drawing = _Drawing(rows, columns, turned)
    drawn = [*drawing.side(sides[DOWN], DOWN, sides[UP]), *drawing.side(sides[UP], UP)]
    rights = columns + max(place.column for place in _all(sides[DOWN])) + 1
    return GenealogyDrawing(
        width=2 * SIDE_MARGIN + rights * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP,
        height=2 * MARGIN + (max(rows.values()) + 1) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP,
        box_width=BOX_WIDTH,
        box_height=BOX_HEIGHT,
        radius=SIGN_RADIUS,
        knots=tuple(drawn),
        links=tuple(drawing.links(sides)),
    )


def _all(place: Place) -> Iterator[Place]:
    yield place
    for one in place.beyond:
        yield from _all(one)


def _lay(place: Place, rows: dict[str, float], row: int) -> int:
    """Give every place its row, its own in the middle of what follows or near the top of much.

    row: the first that is free; returns the next.
    """
    if not place.beyond:
        rows[place.turn] = row
        return row + 1
    for one in place.beyond:
        row = _lay(one, rows, row)
    first, last = place.beyond[0], place.beyond[-1]
    middle = (rows[first.turn] + rows[last.turn]) / 2
    rows[place.turn] = min(middle, rows[first.turn] + ROWS_ABOVE_MAX)
    return row


def _align(sides: dict[str, Place], rows: dict[str, float]) -> None:
    """The thing itself stands in one row of both sides, and nothing above the frame."""
    lower = rows[sides[DOWN].turn] - rows[sides[UP].turn]
    for place in _all(sides[UP]):
        rows[place.turn] += lower
    top = min(rows.values())
    for turn in rows:
        rows[turn] -= top


@dataclass(frozen=True, slots=True)
class _Drawing:
    rows: dict[str, float]
    columns: int
    turned: frozenset[str]

    def side(self, start: Place, side: str, other: Place | None = None) -> Iterator[DrawnKnot]:
        """Boxes of one side. other: the thing itself on the other side, if it is drawn here."""
        for place in _all(start):
            is_self = place is start
            if is_self and other is None:
                continue
            signs = [self._sign(place, side)] if self._folds(place) else []
            if is_self and other is not None and self._folds(other):
                signs.insert(0, self._sign(other, UP))
            left, top = self._left(place, side), self._top(place)
            yield DrawnKnot(place.knot, left, top, is_self, tuple(signs))

    def links(self, sides: dict[str, Place]) -> Iterator[DrawnLink]:
        for side, start in sides.items():
            for place in _all(start):
                for one in place.beyond:
                    yield self._link(place, one, side)

    def _folds(self, place: Place) -> bool:
        return bool(place.follows)

    def _left(self, place: Place, side: str) -> float:
        column = self.columns + (place.column if side == DOWN else -place.column)
        return SIDE_MARGIN + column * (BOX_WIDTH + COLUMN_GAP)

    def _top(self, place: Place) -> float:
        return round(MARGIN + self.rows[place.turn] * (BOX_HEIGHT + ROW_GAP), 2)

    def _sign(self, place: Place, side: str) -> Sign:
        outside = BOX_WIDTH + SIGN_GAP if side == DOWN else -SIGN_GAP
        x, y = self._left(place, side) + outside, self._top(place) + BOX_HEIGHT / 2
        across = f"M{x - SIGN_ARM} {y}H{x + SIGN_ARM}"
        upright = f"M{x} {y - SIGN_ARM}V{y + SIGN_ARM}"
        name = place.knot.name
        return Sign(
            turn=place.turn,
            turned=".".join(sorted(self.turned ^ {place.turn})),
            label=name if place.knot.is_fold else f"{TELLS[side]} {name}, {len(place.follows):,}",
            is_open=place.is_open,
            x=x,
            y=y,
            path=across if place.is_open else across + upright,
        )

    def _link(self, near: Place, far: Place, side: str) -> DrawnLink:
        start, end = (near, far) if side == DOWN else (far, near)
        start_x, end_x = self._left(start, side) + BOX_WIDTH, self._left(end, side)
        if side == DOWN:
            start_x += SIGN_GAP + SIGN_RADIUS
        else:
            end_x -= SIGN_GAP + SIGN_RADIUS
        start_y, end_y = (self._top(one) + BOX_HEIGHT / 2 for one in (start, end))
        middle = (start_x + end_x) / 2
        path = f"M{start_x} {start_y}C{middle} {start_y} {middle} {end_y} {end_x} {end_y}"
        return DrawnLink(path, near.knot.is_former or far.knot.is_former)
