"""Lots in order of time on a chart with its limits, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 12.0, 22.0
FLAT = 1e-9


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One lot. value, low, high: in one unit; None: not drawn, no such limit there.

    signal: empty for none. is_left_out: drawn hollow, apart from the line.
    """

    name: str
    address: str
    value: float | None
    low: float | None = None
    high: float | None = None
    signal: str = ""
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class ControlMark:
    """A point on the page; a signal is a triangle, one left out a ring, else a dot."""

    x: float
    y: float
    shape: str
    address: str
    title: str
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A level that the axis names."""

    y: float
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


def draw_control(
    points: Sequence[ControlPoint],
    middle: float | None,
    *,
    as_percent: bool,
    first_phase: int = 0,
) -> ControlDrawing:
    """Points from left to right in the order given. as_percent: values are ratios 0 to 1.

    first_phase: how many points stand left of the upright line; 0: no such line.
    """
    low, high = _range(_levels(points, middle))

    def height_of(level: float) -> float:
        return round(HEIGHT - BOTTOM - (level - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 2)

    step = (WIDTH - LEFT - RIGHT) / max(len(points) - 1, 1)
    pairs = [(point, round(LEFT + index * step, 2)) for index, point in enumerate(points)]
    marks = [
        _mark(point, (x, height_of(point.value)), point.value, as_percent=as_percent)
        for point, x in pairs
        if point.value is not None
    ]
    return ControlDrawing(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        line=_path([(mark.x, mark.y) for mark in marks if not mark.is_left_out]),
        low=_path([(x, height_of(point.low)) for point, x in pairs if point.low is not None]),
        high=_path([(x, height_of(point.high)) for point, x in pairs if point.high is not None]),
        middle="" if middle is None else f"M{LEFT} {height_of(middle)}H{WIDTH - RIGHT}",
        split=_split(first_phase, len(points), step),
        marks=tuple(marks),
        ticks=tuple(
            Tick(height_of(level), figure(level, as_percent=as_percent))
            for level in (low, (low + high) / 2, high)
        ),
    )


def _levels(points: Sequence[ControlPoint], middle: float | None) -> list[float]:
    return [
        level
        for point in points
        for level in (point.value, point.low, point.high, middle)
        if level is not None
    ]


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


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if index else 'M'}{x} {y}" for index, (x, y) in enumerate(places))
