"""Curves over hours as SVG: what survives burn-in, and what a burn-in of some length leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 220.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 16.0, 12.0, 30.0
FLAT = 1e-12
AIR = 0.06
WHOLE_FROM = 1000.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A level that an axis names. at: where it stands."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class LifeDrawing:
    """Paths; line: joined, steps: of a staircase, level, upright: empty for none."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    line: str
    steps: str
    dots: tuple[tuple[float, float], ...]
    level: str
    upright: str
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """What stands beside a curve. level: a height. upright: hours; None for neither."""

    level: float | None = None
    upright: float | None = None


def draw_life(
    curve: Sequence[tuple[float, float]],
    stairs: Sequence[tuple[float, float]] = (),
    lines: Lines = Lines(),
) -> LifeDrawing:
    """curve, stairs: (hours, height), hours rising; either may be empty."""
    points = [*curve, *stairs]
    end = max([hours for hours, _ in points] + [lines.upright or 0.0, FLAT])
    heights = [height for _, height in points] + ([lines.level] if lines.level is not None else [])
    low, high = _range(heights)

    def across(hours: float) -> float:
        return round(LEFT + hours / end * (WIDTH - LEFT - RIGHT), 2)

    def up(height: float) -> float:
        return round(HEIGHT - BOTTOM - (height - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 2)

    return LifeDrawing(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        top=TOP,
        bottom=HEIGHT - BOTTOM,
        line=_joined([(across(hours), up(height)) for hours, height in curve]),
        steps=_stairs([(across(hours), up(height)) for hours, height in stairs]),
        dots=tuple((across(hours), up(height)) for hours, height in stairs),
        level="" if lines.level is None else f"M{LEFT} {up(lines.level)}H{WIDTH - RIGHT}",
        upright=""
        if lines.upright is None
        else f"M{across(lines.upright)} {TOP}V{HEIGHT - BOTTOM}",
        rows=tuple(Tick(up(one), _figure(one)) for one in (low, (low + high) / 2, high)),
        columns=tuple(Tick(across(one), f"{one:.3g} h") for one in (0.0, end / 2, end)),
    )


def _range(heights: Sequence[float]) -> tuple[float, float]:
    """With a little air below, none under 0; a flat line lies in the middle."""
    if not heights:
        return 0.0, 1.0
    low, high = min(heights), max(heights)
    if high - low > FLAT:
        return max(low - (high - low) * AIR, 0.0), high
    air = abs(high) * AIR or 0.5
    return max(low - air, 0.0), high + air


def _figure(height: float) -> str:
    """Whole above a thousand, else four digits."""
    return f"{height:,.0f}" if height >= WHOLE_FROM else f"{height:.4g}"


def _joined(places: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if index else 'M'}{x} {y}" for index, (x, y) in enumerate(places))


def _stairs(places: Sequence[tuple[float, float]]) -> str:
    """Level until the next place, then to its height."""
    return "".join(f"H{x}V{y}" if index else f"M{x} {y}" for index, (x, y) in enumerate(places))
