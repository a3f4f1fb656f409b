"""Parts of a wafer that go wrong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import hypot

CENTRE_RATIO = 0.5  # of the distance from the middle to the outermost die


class Zone(StrEnum):
    """Where on a wafer. Quadrants count from X and Y upwards against the clock."""

    CENTRE = "centre"
    EDGE_RING = "edge-ring"
    QUADRANT_1 = "quadrant-1"
    QUADRANT_2 = "quadrant-2"
    QUADRANT_3 = "quadrant-3"
    QUADRANT_4 = "quadrant-4"


ZONE_WORDS = {
    Zone.CENTRE: "Centre: the inner half of the radius",
    Zone.EDGE_RING: "Edge ring: dies with an empty place beside them",
    Zone.QUADRANT_1: "Quadrant 1: high X, high Y",
    Zone.QUADRANT_2: "Quadrant 2: low X, high Y",
    Zone.QUADRANT_3: "Quadrant 3: low X, low Y",
    Zone.QUADRANT_4: "Quadrant 4: high X, low Y",
}
SIDES = {
    Zone.QUADRANT_1: (1, 1),
    Zone.QUADRANT_2: (-1, 1),
    Zone.QUADRANT_3: (-1, -1),
    Zone.QUADRANT_4: (1, -1),
}
NEIGHBOURS = ((1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True, slots=True)
class PlacedDie:
    """A die by its row and its place in die steps."""

    id: int
    x: int
    y: int


def dies_in_zone(
    zone: Zone, dies: Sequence[PlacedDie], width: float = 1, height: float = 1
) -> list[int]:
    """Ids of the wafer's dies in the zone, in the order given; none for no dies.

    dies: every die of one wafer, good or not. width, height: of a die, in any one unit. The middle
    is that of the outermost columns and rows; a die on a middle line is in both quadrants.
    """
    if not dies:
        return []
    if zone is Zone.EDGE_RING:
        return _edge_ring(dies)
    middle_x = (min(die.x for die in dies) + max(die.x for die in dies)) / 2
    middle_y = (min(die.y for die in dies) + max(die.y for die in dies)) / 2
    if zone in SIDES:
        right, up = SIDES[zone]
        return [
            die.id
            for die in dies
            if (die.x - middle_x) * right >= 0 and (die.y - middle_y) * up >= 0
        ]
    radii = [hypot((die.x - middle_x) * width, (die.y - middle_y) * height) for die in dies]
    limit = max(radii) * CENTRE_RATIO
    return [die.id for die, radius in zip(dies, radii, strict=True) if radius <= limit]


def _edge_ring(dies: Sequence[PlacedDie]) -> list[int]:
    places = {(die.x, die.y) for die in dies}
    return [
        die.id
        for die in dies
        if any((die.x + right, die.y + up) not in places for right, up in NEIGHBOURS)
    ]
