"""A yield trend as a small line with its limit, and one yield with its interval as a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 240.0, 56.0, 6.0
RANGE_MIN = 0.05  # ratio; a flat line must not look like an earthquake


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One lot's yield. ratio: 0 to 1. limit: what it had to reach, None without one."""

    name: str
    address: str
    ratio: float
    limit: float | None


@dataclass(frozen=True, slots=True)
class TrendMark:
    """A point on the page; below its limit it is a triangle, else a dot."""

    x: float
    y: float
    is_below: bool
    shape: str
    name: str
    address: str
    title: str


@dataclass(frozen=True, slots=True)
class TrendDrawing:
    """Line, limit and points. low_ratio, high_ratio: what the bottom and top edge stand for."""

    width: float
    height: float
    line: str
    limit: str
    marks: tuple[TrendMark, ...]
    low_ratio: float
    high_ratio: float


def draw_trend(points: Sequence[TrendPoint]) -> TrendDrawing:
    """Points from left to right in the order given. Empty for no points."""
    levels = [point.ratio for point in points]
    levels += [point.limit for point in points if point.limit is not None]
    low, high = _range(levels)

    def height_of(ratio: float) -> float:
        return round(HEIGHT - MARGIN - (ratio - low) / (high - low) * (HEIGHT - 2 * MARGIN), 2)

    step = (WIDTH - 2 * MARGIN) / max(len(points) - 1, 1)
    places = [round(MARGIN + index * step, 2) for index in range(len(points))]
    marks = tuple(
        _mark(point, x, height_of(point.ratio)) for point, x in zip(points, places, strict=True)
    )
    limits = [
        (x, height_of(point.limit))
        for point, x in zip(points, places, strict=True)
        if point.limit is not None
    ]
    return TrendDrawing(
        width=WIDTH,
        height=HEIGHT,
        line=_path([(mark.x, mark.y) for mark in marks]),
        limit=_path(limits),
        marks=marks,
        low_ratio=low,
        high_ratio=high,
    )


def _range(levels: Sequence[float]) -> tuple[float, float]:
    if not levels:
        return 0.0, 1.0
    low, high = min(levels), max(levels)
    if high - low < RANGE_MIN:
        middle = (high + low) / 2
        low, high = middle - RANGE_MIN / 2, middle + RANGE_MIN / 2
    return low, high


def _mark(point: TrendPoint, x: float, y: float) -> TrendMark:
    is_below = point.limit is not None and point.ratio < point.limit
    title = f"{point.name}: {_percent(point.ratio)}"
    if point.limit is not None:
        title += f", {'below' if is_below else 'limit'} {_percent(point.limit)}"
    shape = f"M{x - 4} {y - 3}h8l-4 7z" if is_below else ""
    return TrendMark(x, y, is_below, shape, point.name, point.address, title)


def _percent(ratio: float) -> str:
    return f"{ratio * 100:.1f} %"


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if index else 'M'}{x} {y}" for index, (x, y) in enumerate(places))


@dataclass(frozen=True, slots=True)
class IntervalDrawing:
    """A yield on a line from 0 to 100: its interval as a bar, its value as a tick."""

    left: float
    width: float
    tick: float
    title: str


def draw_interval(ratio: float, low: float, high: float) -> IntervalDrawing:
    """All three from 0 to 1."""
    return IntervalDrawing(
        left=round(low * 100, 2),
        width=round(max(high - low, 0.004) * 100, 2),
        tick=round(ratio * 100, 2),
        title=f"{_percent(ratio)}, 95 % interval {_percent(low)} to {_percent(high)}",
    )
