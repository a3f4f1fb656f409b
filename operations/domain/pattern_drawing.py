"""Wafers laid on each other: how often each place failed, and the shape that stands out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from operations.domain.bins import BinLook
from operations.domain.orientation import Orientation
from operations.domain.wafer_drawing import UNKNOWN_LIE, DieResult, DieSize, draw_wafer

LEVELS = 5
LABEL_RATIO = 0.8
"""Three digits must fit where a bin has one."""


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """One position: dies tested there, and those that failed."""

    x: int
    y: int
    tested: int
    bad: int

    @property
    def ratio(self) -> float:
        """0 to 1."""
        return self.bad / self.tested

    @property
    def level(self) -> int:
        """0 for few failures to LEVELS - 1 for nearly all."""
        return min(int(self.ratio * LEVELS), LEVELS - 1)


@dataclass(frozen=True, slots=True)
class PatternPlace:
    """One position on the page, in drawing units. label: percent that failed."""

    count: PlaceCount
    left: float
    top: float
    width: float
    height: float
    level: int
    label: str
    label_x: float
    label_y: float
    title: str
    is_in_shape: bool


@dataclass(frozen=True, slots=True)
class PatternStep:
    """One step of the legend: which shares it stands for, and at how many places."""

    level: int
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class PatternDrawing:
    """A square of `side` units with the wafer in it. label_size: 0 where none would be readable."""

    side: float
    centre: float
    radius: float
    notch: str
    label_size: float
    places: tuple[PatternPlace, ...]
    lie: Orientation = UNKNOWN_LIE

    @property
    def legend(self) -> tuple[PatternStep, ...]:
        """Every step, the lowest share first."""
        width = 100 // LEVELS
        counts = Counter(place.level for place in self.places)
        last = LEVELS - 1
        return tuple(
            PatternStep(
                level,
                f"{level * width} to {'' if level == last else 'under '}{(level + 1) * width} %",
                counts[level],
            )
            for level in range(LEVELS)
        )


def draw_pattern(
    counts: Sequence[PlaceCount],
    shape: Sequence[tuple[int, int]],
    size: DieSize,
    lie: Orientation = UNKNOWN_LIE,
) -> PatternDrawing:
    """counts: one or more, each with tested > 0. shape: positions that stand out."""
    inside = set(shape)
    dies = [DieResult(one.x, one.y, one.level, is_pass=False) for one in counts]
    looks: dict[tuple[int | None, bool], BinLook] = {
        (level, False): BinLook(level, "", False, 0, str(level), "") for level in range(LEVELS)
    }
    drawing = draw_wafer(dies, size, looks, lie)
    places = tuple(
        PatternPlace(
            count=one,
            left=mark.left,
            top=mark.top,
            width=mark.width,
            height=mark.height,
            level=one.level,
            label=f"{one.ratio * 100:.0f}",
            label_x=mark.label_x,
            label_y=mark.label_y,
            title=f"X {one.x}, Y {one.y}: {one.bad} of {one.tested} failed",
            is_in_shape=(one.x, one.y) in inside,
        )
        for one, mark in zip(counts, drawing.dies, strict=True)
    )
    label_size = round(drawing.label_size * LABEL_RATIO, 2)
    return PatternDrawing(
        drawing.side, drawing.centre, drawing.radius, drawing.notch, label_size, places, lie
    )
