"""The shapes that a process leaves on a wafer, as sets of die positions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import TypeAlias

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
LINE_ANGLES_MIN = 72
LINE_OFFSET_MAX = 0.03
LINE_SPANS = (2.0, 1.3, 0.8)
LINE_SHIFT = 0.3
RIM_FROM = RINGS[0]
SCRATCH_WEIGHT = 5
"""What a scratch weighs before it is seen, beside any other pattern: it covers few dies of a wafer
and may lie at most places, so that it shows least."""


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


Kind: TypeAlias = tuple[Pattern, float]
"""A pattern and the size of a shape of it."""

Candidate: TypeAlias = tuple[Pattern, float, Mask]


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

    weights: (shape,), what each is worth before anything is seen; the sum is 1. Equal only to
    itself: `shapes` makes each once.
    """

    patterns: tuple[Pattern, ...]
    masks: Mask
    weights: Values


@lru_cache(maxsize=8)
def shapes(frame: Frame, x: tuple[int, ...], y: tuple[int, ...]) -> Shapes:
    """All shapes that these dies can show. The first of equal masks stands: the simpler one."""
    across = (np.array(x, float) - frame.middle_x) / frame.half_x
    up = (np.array(y, float) - frame.middle_y) / frame.half_y
    found: dict[bytes, tuple[Kind, Mask]] = {}
    pitch = max(1 / frame.half_x, 1 / frame.half_y)
    for pattern, size, mask in _candidates(across, up, pitch):
        if DIES_MIN <= mask.sum() <= SHARE_MAX * len(mask):
            found.setdefault(mask.tobytes(), ((pattern, size), mask))
    kinds = [kind for kind, _ in found.values()]
    return Shapes(
        tuple(pattern for pattern, _ in kinds),
        np.array([mask for _, mask in found.values()], bool).reshape(len(kinds), len(x)),
        _weights(kinds),
    )


def _weights(kinds: Sequence[Kind]) -> Values:
    """(shape,): each pattern but a scratch weighs the same, so does each size of it, and each shape
    of a size."""
    shapes_of = Counter(kinds)
    sizes_of = Counter(pattern for pattern, _ in shapes_of)
    worth = {one: SCRATCH_WEIGHT if one is Pattern.SCRATCH else 1 for one in sizes_of}
    total = sum(worth.values())
    return np.array([worth[one[0]] / (total * sizes_of[one[0]] * shapes_of[one]) for one in kinds])


def _candidates(across: Values, up: Values, pitch: float) -> Iterator[Candidate]:
    """Pattern, size and mask of each."""
    radius, turn = np.hypot(across, up), np.arctan2(up, across)
    for within in DISCS:
        yield Pattern.CENTER, within, radius <= within
    for inner in RINGS:
        yield Pattern.EDGE_RING, inner, radius >= inner
    for inner, outer in HOLES:
        yield Pattern.DONUT, inner + outer, (radius >= inner) & (radius <= outer)
    for inner, width, place in product(RINGS, ARCS, range(ARC_STEPS)):
        gap = np.abs((turn - 2 * math.pi * place / ARC_STEPS + math.pi) % (2 * math.pi) - math.pi)
        yield Pattern.EDGE_LOC, width, (radius >= inner) & (gap <= width / 2)
    yield from _spots(across, up)
    yield from _lines(across, up, pitch)


def _spots(across: Values, up: Values) -> Iterator[Candidate]:
    steps = np.arange(-SPOTS_WITHIN[1], SPOTS_WITHIN[1] + SPOT_STEP, SPOT_STEP)
    for size, left, height in product(SPOTS, steps, steps):
        if SPOTS_WITHIN[0] <= math.hypot(left, height) <= SPOTS_WITHIN[1]:
            yield Pattern.LOC, size, np.hypot(across - left, up - height) <= size


def _lines(across: Values, up: Values, pitch: float) -> Iterator[Candidate]:
    """Strips one die wide, of several lengths, at every angle that the dies can tell.

    A strip that stays near the rim is not one: what fails there in a row is an edge cluster.
    """
    radius = np.hypot(across, up)
    count = max(LINE_ANGLES_MIN, math.ceil(math.pi / pitch))
    for angle in np.arange(count) * math.pi / count:
        along = across * math.cos(angle) + up * math.sin(angle)
        beside = up * math.cos(angle) - across * math.sin(angle)
        for offset in np.arange(-0.9, 0.91, min(pitch / 2, LINE_OFFSET_MAX)):
            near = np.abs(beside - offset) <= pitch / 2
            for span in LINE_SPANS:
                for start in np.arange(-1.0, 1.01 - span, LINE_SHIFT):
                    strip = near & (along >= start) & (along <= start + span)
                    if radius[strip].min(initial=1.0) < RIM_FROM:
                        yield Pattern.SCRATCH, span, strip
