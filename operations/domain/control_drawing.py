"""Lots in order of time on a chart with its limits, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

WIDTH, HEIGHT = 720.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 12.0, 22.0
WORDS = 16.0
LETTER = 6.6
FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One lot. value, low, high: in one unit; None: not drawn, no such limit there.

    signal: empty for none. is_left_out: drawn hollow, apart from the line. span: the value's own
    interval. address: empty for what has no page.
    """

    name: str
    address: str
    value: float | None
    low: float | None = None
    high: float | None = None
    signal: str = ""
    is_left_out: bool = False
    span: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Axes:
    """What runs up and across; with it the points are named as far as there is room."""

    up: str
    across: str


@dataclass(frozen=True, slots=True)
class ControlMark:
    """A point on the page; a signal is a triangle, one left out a ring, else a dot.

    whisker: path of the value's own interval; empty for none.
    """

    x: float
    y: float
    shape: str
    address: str
    title: str
    is_left_out: bool
    whisker: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A level that the axis names."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class NameTick:
    """A point that the axis names."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class ControlDrawing:
    """Paths of the values, both limits, the middle and the end of the first phase; may be empty."""

    width: float
    height: float
    left: float
    right: float
    line: str
    low: str
    high: str
    middle: str
    split: str
    marks: tuple[ControlMark, ...]
    ticks: tuple[Tick, ...]
    axes: Axes | None = None
    names: tuple[NameTick, ...] = ()

    @property
    def top(self) -> float:
        """The upper edge of what is seen."""
        return -WORDS if self.axes else 0.0

    @property
    def tall(self) -> float:
        """The drawing with the words above and below it."""
        return self.height + (2 * WORDS if self.axes else 0.0)

    @property
    def foot(self) -> float:
        """Where the names of points stand."""
        return self.height - BOTTOM + WORDS


def draw_control(
    points: Sequence[ControlPoint],
    middle: float | None,
    *,
    as_percent: bool,
    first_phase: int = 0,
    is_joined: bool = True,
    axes: Axes | None = None,
) -> ControlDrawing:
    """Points from left to right in the order given. as_percent: values are ratios 0 to 1.

    first_phase: how many points stand left of the upright line; 0: no such line. is_joined: by a
    line, as what follows in time is; else they stand side by side, away from the edges.
    """
    low, high = _range(_levels(points, middle))
    high = min(high, 1.0) if as_percent and low < 1 else high

    def height_of(level: float) -> float:
        return round(HEIGHT - BOTTOM - (level - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 2)

    step = (WIDTH - LEFT - RIGHT) / max(len(points) - 1 if is_joined else len(points), 1)
    left = LEFT if is_joined else LEFT + step / 2
    pairs = [(point, round(left + index * step, 2)) for index, point in enumerate(points)]
    marks = [
        replace(
            _mark(point, (x, height_of(point.value)), point.value, as_percent=as_percent),
            whisker=_whisker(x, [height_of(level) for level in point.span or ()]),
        )
        for point, x in pairs
        if point.value is not None
    ]
    return ControlDrawing(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        line=_path([(mark.x, mark.y) for mark in marks if not mark.is_left_out and is_joined]),
        low=_limit([(x, height_of(point.low)) for point, x in pairs if point.low is not None]),
        high=_limit([(x, height_of(point.high)) for point, x in pairs if point.high is not None]),
        middle="" if middle is None else f"M{LEFT} {height_of(middle)}H{WIDTH - RIGHT}",
        split=_split(first_phase, len(points), step),
        marks=tuple(marks),
        ticks=tuple(
            Tick(height_of(level), figure(level, as_percent=as_percent))
            for level in (low, (low + high) / 2, high)
        ),
        axes=axes,
        names=_names(pairs) if axes else (),
    )


def _levels(points: Sequence[ControlPoint], middle: float | None) -> list[float]:
    return [
        level
        for point in points
        for level in (point.value, point.low, point.high, middle, *(point.span or ()))
        if level is not None
    ]


def _whisker(x: float, heights: Sequence[float]) -> str:
    if not heights:
        return ""
    bottom, top = heights
    return f"M{x - 4} {bottom}h8M{x} {bottom}V{top}M{x - 4} {top}h8"


def _names(pairs: Sequence[tuple[ControlPoint, float]]) -> tuple[NameTick, ...]:
    """As many as stand beside each other, the last one among them, none beyond the edges."""
    width = max((len(point.name) for point, _ in pairs), default=0) * LETTER
    room = max(int((WIDTH - LEFT - RIGHT) / (width + LETTER)), 1)
    every = math.ceil(len(pairs) / room) or 1
    last = len(pairs) - 1
    return tuple(
        NameTick(round(min(max(x, width / 2), WIDTH - width / 2), 2), point.name)
        for place, (point, x) in enumerate(pairs)
        if (last - place) % every == 0
    )


def _split(first_phase: int, count: int, step: float) -> str:
    """Half-way behind the last point of the first phase; nothing where that is all or none."""
    if not 0 < first_phase < count:
        return ""
    return f"M{round(LEFT + (first_phase - 0.5) * step, 2)} {TOP}V{HEIGHT - BOTTOM}"


def _range(levels: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest with a little air, none below 0; a flat line lies in the middle."""
    if not levels:
        return 0.0, 1.0
    low, high = min(levels), max(levels)
    if high - low <= FLAT * max(1.0, abs(high)):
        air = abs(high) * 0.05 or 0.5
        return low - air, high + air
    air = (high - low) * 0.05
    return (max(low - air, 0.0) if low >= 0 else low - air), high + air


def _mark(
    point: ControlPoint, place: tuple[float, float], value: float, *, as_percent: bool
) -> ControlMark:
    x, y = place
    title = f"{point.name}: {figure(value, as_percent=as_percent)}"
    if point.signal:
        title += f", {point.signal}"
    shape = f"M{x - 5} {y - 4}h10l-5 9z" if point.signal and not point.is_left_out else ""
    return ControlMark(x, y, shape, point.address, title, point.is_left_out)


def figure(level: float, *, as_percent: bool) -> str:
    """`91.5 %` for a ratio, else four digits."""
    return f"{level * 100:.1f} %" if as_percent else f"{level:.4g}"


def _limit(places: Sequence[tuple[float, float]]) -> str:
    """From edge to edge where it is the same for all."""
    heights = {y for _, y in places}
    return f"M{LEFT} {heights.pop()}H{WIDTH - RIGHT}" if len(heights) == 1 else _path(places)


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if index else 'M'}{x} {y}" for index, (x, y) in enumerate(places))
