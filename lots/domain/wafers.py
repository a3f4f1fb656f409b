"""Dies on a wafer."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

WAFER_DIAMETER_MM = 300.0
EDGE_EXCLUSION_MM = 3.0
HALVES = (0.0, 0.5)


@dataclass(frozen=True, slots=True)
class Placing:
    """Rectangles on a grid within the usable radius. Sizes in mm; a die is less its scribe lines.

    scribe_mm: between two dies. Sizes are above zero, the rest not below.
    """

    width_mm: float
    height_mm: float
    scribe_mm: float = 0.0
    edge_mm: float = EDGE_EXCLUSION_MM
    diameter_mm: float = WAFER_DIAMETER_MM

    @property
    def radius_mm(self) -> float:
        """Of what may be used."""
        return self.diameter_mm / 2 - self.edge_mm


@dataclass(frozen=True, slots=True)
class PlacedDie:
    """Lower left corner of a die, in mm from the middle of the wafer."""

    x_mm: float
    y_mm: float


def placed_dies(placing: Placing) -> tuple[PlacedDie, ...]:
    """Whole dies for the best of four grid offsets, row by row; the first offset among equals."""
    assert placing.width_mm > 0 and placing.height_mm > 0, "a die has a size"
    found = [_whole_dies(placing, dx, dy) for dx in HALVES for dy in HALVES]
    return max(found, key=len)


def gross_die_count(width_mm: float, height_mm: float) -> int:
    """Whole dies on a 300 mm wafer with 3 mm edge exclusion, for the best of four grid offsets.

    26 by 33 mm gives 64. Sizes are above zero.
    """
    return len(placed_dies(Placing(width_mm, height_mm)))


def _whole_dies(placing: Placing, dx: float, dy: float) -> tuple[PlacedDie, ...]:
    """Dies whose far corner lies inside the usable radius; dx, dy shift the grid, in pitches."""
    width, height, radius = placing.width_mm, placing.height_mm, placing.radius_mm
    across, up = width + placing.scribe_mm, height + placing.scribe_mm
    columns, rows = int(radius / across) + 2, int(radius / up) + 2
    middles = [
        ((x + dx) * across, (y + dy) * up)
        for y in range(-rows, rows)
        for x in range(-columns, columns)
    ]
    return tuple(
        PlacedDie(x - width / 2, y - height / 2)
        for x, y in middles
        if hypot(abs(x) + width / 2, abs(y) + height / 2) <= radius
    )
