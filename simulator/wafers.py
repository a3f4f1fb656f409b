"""Dies on a 300 mm wafer, and where defects like to fall.

Arrays are (die,) in order of DIES.
"""

from __future__ import annotations

from math import hypot

import numpy as np

RADIUS_MM = 150.0
EDGE_EXCLUSION_MM = 3.0
DIE_WIDTH_MM = 26.0
DIE_HEIGHT_MM = 33.0
EDGE_RING_FROM = 0.7
"""Distance of a die's centre, as a share of the usable radius, from which it is an edge die."""


def die_grid() -> tuple[tuple[int, int], ...]:
    """Column and row, from 0, of every whole die; a corner of the grid is the wafer's centre."""
    usable = RADIUS_MM - EDGE_EXCLUSION_MM
    places = [
        (column, row)
        for row in range(-5, 5)
        for column in range(-6, 6)
        if hypot(_far(column) * DIE_WIDTH_MM, _far(row) * DIE_HEIGHT_MM) <= usable
    ]
    first_column = min(column for column, _ in places)
    first_row = min(row for _, row in places)
    return tuple((column - first_column, row - first_row) for column, row in places)


def _far(index: int) -> int:
    """The outer edge of a cell, in cells from the centre."""
    return max(abs(index), abs(index + 1))


DIES = die_grid()
X = np.array([x for x, _ in DIES])
Y = np.array([y for _, y in DIES])
ACROSS_MM = (X - X.max() / 2) * DIE_WIDTH_MM
UP_MM = (Y - Y.max() / 2) * DIE_HEIGHT_MM
RADIUS = np.hypot(ACROSS_MM, UP_MM) / (RADIUS_MM - EDGE_EXCLUSION_MM)
ON_EDGE = RADIUS > EDGE_RING_FROM


def radial_loss(depth: float) -> np.ndarray:
    """Log odds lost towards the edge: (die,), zero in the middle, `depth` at the rim."""
    return np.asarray(depth * RADIUS**4)


def cluster_loss(rng: np.random.Generator, depth: float) -> np.ndarray:
    """Log odds lost around one random spot: (die,)."""
    angle, distance = rng.uniform(0, 2 * np.pi), rng.uniform(0, 110)
    gap = np.hypot(ACROSS_MM - distance * np.cos(angle), UP_MM - distance * np.sin(angle))
    return np.asarray(depth * np.exp(-((gap / 30.0) ** 2)))


def scratch_loss(rng: np.random.Generator, depth: float) -> np.ndarray:
    """Log odds lost along a random straight line: (die,)."""
    angle, offset = rng.uniform(0, np.pi), rng.uniform(-80, 80)
    gap = np.abs(ACROSS_MM * np.sin(angle) - UP_MM * np.cos(angle) - offset)
    return np.asarray(depth * (gap < 16.0))
