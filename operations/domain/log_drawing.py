"""An oven's log over time: one panel a quantity, its window as a band, its gaps left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor, log10

WIDTH, HEIGHT = 960.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 24.0, 8.0, 26.0
TICK_COUNT = 6


@dataclass(frozen=True, slots=True)
class LogPoint:
    """One reading; value None where the sensor gave none."""

    measured_at: datetime
    value: float | None


@dataclass(frozen=True, slots=True)
class Window:
    """What a reading has to lie in, both ends included. gap_max: longer silence is not proven."""

    low: float
    high: float
    gap_max: timedelta


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis; place: along it, in drawing units."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class GapMark:
    """A stretch without a usable reading."""

    left: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class LogDrawing:
    """A panel: band of the window, line of the readings, points outside, gaps and axes."""

    width: float
    height: float
    plot_left: float
    plot_top: float
    plot_right: float
    plot_bottom: float
    band_top: float
    band_height: float
    line: str
    outside: str
    outside_count: int
    gaps: tuple[GapMark, ...]
    value_ticks: tuple[Tick, ...]
    time_ticks: tuple[Tick, ...]

    @property
    def plot_width(self) -> float:
        """Between the axes."""
        return self.plot_right - self.plot_left

    @property
    def plot_height(self) -> float:
        """Between the axes."""
        return self.plot_bottom - self.plot_top


def draw_log(points: Sequence[LogPoint], window: Window) -> LogDrawing | None:
    """The panel of one quantity; None below two readings. points: in order of time."""
    if len(points) < 2:
        return None
    scale = _scale(points, window)
    runs, gaps = _runs(points, window.gap_max)
    outside = [
        point
        for point in points
        if point.value is not None and not window.low <= point.value <= window.high
    ]
    band_top, band_bottom = scale.height_of(window.high), scale.height_of(window.low)
    return LogDrawing(
        width=WIDTH,
        height=HEIGHT,
        plot_left=LEFT,
        plot_top=TOP,
        plot_right=WIDTH - RIGHT,
        plot_bottom=HEIGHT - BOTTOM,
        band_top=band_top,
        band_height=round(band_bottom - band_top, 2),
        line="".join(_line(run, scale) for run in runs),
        outside="".join(_cross(point, scale) for point in outside),
        outside_count=len(outside),
        gaps=tuple(_gap(start, end, scale) for start, end in gaps),
        value_ticks=_value_ticks(scale),
        time_ticks=_time_ticks(scale),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    seconds: float
    low: float
    high: float

    def place_of(self, moment: datetime) -> float:
        part = (moment - self.start).total_seconds() / self.seconds
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 2)

    def height_of(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 2)


def _scale(points: Sequence[LogPoint], window: Window) -> _Scale:
    values = [point.value for point in points if point.value is not None]
    low, high = min([*values, window.low]), max([*values, window.high])
    room = (high - low) * 0.08
    seconds = (points[-1].measured_at - points[0].measured_at).total_seconds()
    return _Scale(points[0].measured_at, max(seconds, 1.0), low - room, high + room)


def _runs(
    points: Sequence[LogPoint], gap_max: timedelta
) -> tuple[list[list[LogPoint]], list[tuple[datetime, datetime]]]:
    """Unbroken stretches of usable readings, and the stretches between them."""
    runs: list[list[LogPoint]] = []
    gaps: list[tuple[datetime, datetime]] = []
    last: LogPoint | None = None
    is_broken = True
    for point in points:
        if point.value is None:
            is_broken = True
            continue
        is_late = last is not None and point.measured_at - last.measured_at > gap_max
        if last is not None and (is_broken or is_late):
            gaps.append((last.measured_at, point.measured_at))
        if is_broken or is_late:
            runs.append([])
        runs[-1].append(point)
        last, is_broken = point, False
    if last is not None and points[-1].value is None:
        gaps.append((last.measured_at, points[-1].measured_at))
    return runs, gaps


def _line(run: Sequence[LogPoint], scale: _Scale) -> str:
    return "".join(
        f"{'L' if index else 'M'}{scale.place_of(point.measured_at)} {scale.height_of(point.value)}"
        for index, point in enumerate(run)
        if point.value is not None
    )


def _cross(point: LogPoint, scale: _Scale) -> str:
    assert point.value is not None
    x, y = scale.place_of(point.measured_at), scale.height_of(point.value)
    return f"M{x - 3} {y - 3}l6 6M{x + 3} {y - 3}l-6 6"


def _gap(start: datetime, end: datetime, scale: _Scale) -> GapMark:
    left = scale.place_of(start)
    minutes = (end - start).total_seconds() / 60
    return GapMark(left, round(scale.place_of(end) - left, 2), f"No reading for {minutes:.0f} min")


def _value_ticks(scale: _Scale) -> tuple[Tick, ...]:
    step = _round_step((scale.high - scale.low) / 4)
    first = floor(scale.low / step) + 1
    digits = max(0, -floor(log10(step)))
    count = int((scale.high - first * step) / step) + 1
    values = [(first + index) * step for index in range(count)]
    return tuple(Tick(scale.height_of(value), f"{value:.{digits}f}") for value in values)


def _time_ticks(scale: _Scale) -> tuple[Tick, ...]:
    moments = [
        scale.start + timedelta(seconds=scale.seconds * index / (TICK_COUNT - 1))
        for index in range(TICK_COUNT)
    ]
    return tuple(Tick(scale.place_of(moment), f"{moment:%H:%M}") for moment in moments)


def _round_step(rough: float) -> float:
    """The next step of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
