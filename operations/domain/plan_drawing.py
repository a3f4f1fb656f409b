"""Units in service by month as two lines: what was planned, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 240.0, 72.0, 6.0


@dataclass(frozen=True, slots=True)
class PlanPoint:
    """The end of a month. actual: None where it has not come."""

    month: str
    planned: int
    actual: int | None


@dataclass(frozen=True, slots=True)
class PlanMark:
    """A month that has an actual, on the page."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class PlanDrawing:
    """Two lines from zero up. highest: what the top edge stands for."""

    width: float
    height: float
    planned: str
    actual: str
    marks: tuple[PlanMark, ...]
    highest: int


def draw_plan(points: Sequence[PlanPoint]) -> PlanDrawing:
    """Months from left to right in the order given. Empty for none."""
    levels = [point.planned for point in points]
    levels += [point.actual for point in points if point.actual is not None]
    highest = max([*levels, 1])
    step = (WIDTH - 2 * MARGIN) / max(len(points) - 1, 1)

    def place(index: int, level: int) -> tuple[float, float]:
        height = HEIGHT - MARGIN - max(level, 0) / highest * (HEIGHT - 2 * MARGIN)
        return round(MARGIN + index * step, 2), round(height, 2)

    came = [(index, point, point.actual) for index, point in enumerate(points)
            if point.actual is not None]  # fmt: skip
    marks = tuple(
        PlanMark(*place(index, actual), f"{point.month}: {actual:,} of {point.planned:,} planned")
        for index, point, actual in came
    )
    return PlanDrawing(
        WIDTH,
        HEIGHT,
        _path([place(index, point.planned) for index, point in enumerate(points)]),
        _path([(mark.x, mark.y) for mark in marks]),
        marks,
        highest,
    )


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'L' if index else 'M'}{x} {y}" for index, (x, y) in enumerate(places))
