"""Dies as they are placed on a wafer, as SVG in millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lots.domain.wafers import PlacedDie, Placing

AIR_MM = 4.0


@dataclass(frozen=True, slots=True)
class PlacingDrawing:
    """side: of the square picture. dies: one path of all rectangles; y runs downward here."""

    side: float
    middle: float
    radius: float
    usable: float
    dies: str


def draw_placing(placing: Placing, dies: Sequence[PlacedDie]) -> PlacingDrawing:
    """The wafer with its usable radius and every whole die."""
    radius = placing.diameter_mm / 2
    middle = radius + AIR_MM
    width, height = _figure(placing.width_mm), _figure(placing.height_mm)
    rectangles = [
        f"M{_figure(middle + die.x_mm)} {_figure(middle - die.y_mm - placing.height_mm)}"
        f"h{width}v{height}h-{width}z"
        for die in dies
    ]
    return PlacingDrawing(
        side=middle * 2,
        middle=middle,
        radius=radius,
        usable=placing.radius_mm,
        dies="".join(rectangles),
    )


def _figure(length: float) -> str:
    return f"{length:.2f}".rstrip("0").rstrip(".")
