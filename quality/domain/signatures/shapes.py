"""The shapes that a process leaves on a wafer, as sets of die positions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Values = NDArray[np.float64]

DIES_MIN = 3
SHARE_MAX = 0.6
"""Shapes of fewer dies, or of more of the wafer, say nothing."""

RINGS = (0.65, 0.72, 0.8, 0.87, 0.93)
ARCS = tuple(math.radians(width) for width in (45, 75, 110))
ARC_STEPS = 24
DISCS = (0.25, 0.35, 0.45, 0.55)
HOLES = ((0.25, 0.6), (0.3, 0.7), (0.35, 0.65), (0.35, 0.8), (0.45, 0.75))
SPOTS = (0.16, 0.24, 0.33)
SPOT_STEP = 0.15
SPOTS_WITHIN = (0.3, 0.78)
LINE_ANGLES_MIN = 18
LINE_SPANS = (0.8, 1.3, 2.0)
LINE_SHIFT = 0.3
RIM_FROM = 0.55


class Pattern(StrEnum):
    """The nine classes in use since the WM-811K maps."""

    NONE = "none"
    CENTER = "center"
    DONUT = "donut"
    EDGE_LOC = "edge-loc"
    EDGE_RING = "edge-ring"
    LOC = "loc"
    RANDOM = "random"
    SCRATCH = "scratch"
    NEAR_FULL = "near-full"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the wafer lies on its grid: the middle, and the half width and height, in dies.

    Die aspect needs no number of its own: the wafer is round, so both halves are one radius.
    """

    middle_x: float
    middle_y: float
    half_x: float
    half_y: float

    @classmethod
    def around(cls, x: Sequence[int], y: Sequence[int]) -> Frame:
        """The smallest frame that holds these dies whole; at least one."""
        return cls(
            (min(x) + max(x)) / 2,
            (min(y) + max(y)) / 2,
            (max(x) - min(x) + 1) / 2,
            (max(y) - min(y) + 1) / 2,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """masks: (shape, die), True inside. patterns: what each shape is a sign of; no mask twice.

    Equal only to itself: `shapes` makes each once.
    """

    patterns: tuple[Pattern, ...]
    masks: Mask


@lru_cache(maxsize=64)
def shapes(frame: Frame, x: tuple[int, ...], y: tuple[int, ...]) -> Shapes:
    """All shapes that these dies can show. The first of equal masks stands: the simpler one."""
    across = (np.array(x, float) - frame.middle_x) / frame.half_x
    up = (np.array(y, float) - frame.middle_y) / frame.half_y
    found: dict[bytes, tuple[Pattern, Mask]] = {}
    for pattern, mask in _candidates(across, up, max(1 / frame.half_x, 1 / frame.half_y)):
        if DIES_MIN <= mask.sum() <= SHARE_MAX * len(mask):
            found.setdefault(mask.tobytes(), (pattern, mask))
    masks = [mask for _, mask in found.values()]
    return Shapes(
        tuple(pattern for pattern, _ in found.values()),
        np.array(masks, bool).reshape(len(masks), len(x)),
    )


def _candidates(across: Values, up: Values, pitch: float) -> Iterator[tuple[Pattern, Mask]]:
    radius, turn = np.hypot(across, up), np.arctan2(up, across)
    for within in DISCS:
        yield Pattern.CENTER, radius <= within
    for inner in RINGS:
        yield Pattern.EDGE_RING, radius >= inner
    for inner, outer in HOLES:
        yield Pattern.DONUT, (radius >= inner) & (radius <= outer)
    for inner, width, place in product(RINGS, ARCS, range(ARC_STEPS)):
        gap = np.abs((turn - 2 * math.pi * place / ARC_STEPS + math.pi) % (2 * math.pi) - math.pi)
        yield Pattern.EDGE_LOC, (radius >= inner) & (gap <= width / 2)
    yield from _spots(across, up)
    yield from _lines(across, up, pitch)


def _spots(across: Values, up: Values) -> Iterator[tuple[Pattern, Mask]]:
    steps = np.arange(-SPOTS_WITHIN[1], SPOTS_WITHIN[1] + SPOT_STEP, SPOT_STEP)
    for size, left, height in product(SPOTS, steps, steps):
        if SPOTS_WITHIN[0] <= math.hypot(left, height) <= SPOTS_WITHIN[1]:
            yield Pattern.LOC, np.hypot(across - left, up - height) <= size


def _lines(across: Values, up: Values, pitch: float) -> Iterator[tuple[Pattern, Mask]]:
    """Strips about one die wide, of several lengths, at every angle that the dies can tell.

    A strip that stays near the rim is not one: what fails there in a row is an edge cluster.
    """
    radius = np.hypot(across, up)
    count = max(LINE_ANGLES_MIN, math.ceil(math.pi / pitch))
    for angle in np.arange(count) * math.pi / count:
        along = across * math.cos(angle) + up * math.sin(angle)
        beside = up * math.cos(angle) - across * math.sin(angle)
        for offset in np.arange(-0.9, 0.91, pitch / 2):
            near = np.abs(beside - offset) <= pitch * 0.6
            for span in LINE_SPANS:
                for start in np.arange(-1.0, 1.01 - span, LINE_SHIFT):
                    strip = near & (along >= start) & (along <= start + span)
                    if radius[strip].min(initial=1.0) < RIM_FROM:
                        yield Pattern.SCRATCH, strip
