"""Dies on a wafer."""

from __future__ import annotations

from math import hypot

WAFER_DIAMETER_MM = 300.0
EDGE_EXCLUSION_MM = 3.0


def gross_die_count(width_mm: float, height_mm: float) -> int:
    """Whole dies on a 300 mm wafer with 3 mm edge exclusion, for the best of four grid offsets.

    26 by 33 mm gives 64. Sizes are above zero.
    """
    assert width_mm > 0 and height_mm > 0, "a die has a size"
    return max(_whole_dies(width_mm, height_mm, dx, dy) for dx in (0.0, 0.5) for dy in (0.0, 0.5))


def _whole_dies(width: float, height: float, dx: float, dy: float) -> int:
    """Dies whose far corner lies inside the usable radius; dx, dy shift the grid, in dies."""
    radius = WAFER_DIAMETER_MM / 2 - EDGE_EXCLUSION_MM
    columns, rows = int(radius / width) + 2, int(radius / height) + 2
    return sum(
        hypot((abs(x + dx) + 0.5) * width, (abs(y + dy) + 0.5) * height) <= radius
        for x in range(-columns, columns)
        for y in range(-rows, rows)
    )
