"""Dies on a wafer and the defect density that each model reads from the yields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lots.domain.wafers import Placing, placed_dies
from lots.models import Product
from operations.domain.placing_drawing import PlacingDrawing, draw_placing
from quality.domain.defects import Densities, densities, dies_by_area, dies_by_root
from quality.selectors.yield_levels import YieldAsked, YieldRow, step_rows

MM_PER_CM = 10.0


@dataclass(frozen=True, slots=True)
class StepDensity:
    """A step's yield and the density at it. lowest, highest: at the ends of its interval."""

    row: YieldRow
    density: Densities
    lowest: Densities
    highest: Densities


@dataclass(frozen=True, slots=True)
class Dies:
    """area: cm². by_area, by_root: dies by formula, for comparison only."""

    placing: Placing
    count: int
    area: float
    by_area: float
    by_root: float
    drawing: PlacingDrawing
    steps: Sequence[StepDensity]


def dies_of(product: Product, placing: Placing, clustering: float, layers: int) -> Dies:
    """One query, for the yields: all weeks, deciding insertions, bins that can be sold."""
    placed = placed_dies(placing)
    area = placing.width_mm * placing.height_mm / MM_PER_CM**2
    diameter = placing.radius_mm * 2 / MM_PER_CM
    return Dies(
        placing=placing,
        count=len(placed),
        area=area,
        by_area=max(dies_by_area(diameter, area), 0.0),
        by_root=max(dies_by_root(diameter, area), 0.0),
        drawing=draw_placing(placing, placed),
        steps=[
            StepDensity(
                row,
                densities(row.ratio, area, clustering, layers),
                densities(row.high or row.ratio, area, clustering, layers),
                densities(row.low or 0.0, area, clustering, layers),
            )
            for row in step_rows(YieldAsked(product=product.code))
            if row.ratio is not None
        ],
    )
