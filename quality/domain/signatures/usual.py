"""Where dies of a product usually fail: what a map must be compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from quality.domain.signatures.scanning import DieMap, tilted
from quality.domain.signatures.shapes import Frame, Values

Place = tuple[int, int]
Stack = Mapping[Place, tuple[int, int]]
"""(x, y) → dies tested there and of those bad, over the wafers of a lot."""

RINGS = 8
RING_WEIGHT = 20.0
"""Dies by which a place leans on others as far from the middle."""

RATIO_UNKNOWN = 0.5
PLACES_MAX = 1500


def laid_together(wafers: Iterable[Mapping[Place, bool]]) -> dict[Place, tuple[int, int]]:
    """The stack of these wafers: of each, position → whether its die is bad."""
    found: dict[Place, tuple[int, int]] = {}
    for place, is_bad in (pair for wafer in wafers for pair in wafer.items()):
        tested, bad = found.get(place, (0, 0))
        found[place] = tested + 1, bad + is_bad
    return found


def merged(stack: Stack, pitch: int) -> dict[Place, tuple[int, int]]:
    """The stack on a grid `pitch` times as coarse."""
    coarse: dict[Place, tuple[int, int]] = {}
    for (x, y), (tested, bad) in stack.items():
        place = x // pitch, y // pitch
        before = coarse.get(place, (0, 0))
        coarse[place] = before[0] + tested, before[1] + bad
    return coarse


def pitch_for(place_count: int) -> int:
    """How much coarser a map of so many dies must be to stay within PLACES_MAX; 1: as it is."""
    pitch = 1
    while place_count > PLACES_MAX * pitch * pitch:
        pitch += 1
    return pitch


def usual_ratios(places: Sequence[Place], earlier: Sequence[Stack], frame: Frame) -> Values:
    """(place,): share that failed there in earlier lots, drawn towards its ring. Flat without."""
    tested, bad = np.zeros(len(places)), np.zeros(len(places))
    for stack in earlier:
        counts = np.array([stack.get(place, (0, 0)) for place in places], float).reshape(-1, 2)
        tested, bad = tested + counts[:, 0], bad + counts[:, 1]
    if not tested.sum():
        return np.full(len(places), RATIO_UNKNOWN)
    rings = ring_ratios(places, tested, bad, frame)
    return np.asarray((bad + RING_WEIGHT * rings) / (tested + RING_WEIGHT))


def ring_ratios(places: Sequence[Place], tested: Values, bad: Values, frame: Frame) -> Values:
    """(place,): share that failed among all dies as far from the middle. tested, bad: (place,), not
    all without dies."""
    rings = _rings(places, frame)
    ring_tested = np.bincount(rings, tested, minlength=RINGS + 1)
    overall = bad.sum() / tested.sum()
    ring_bad = np.bincount(rings, bad, minlength=RINGS + 1) + overall
    return np.asarray((ring_bad / (ring_tested + 1))[rings])


def map_dispersion(maps: Sequence[DieMap]) -> float:
    """Spread of the places of ordinary lots around what is usual, over that of chance; 1 or more.

    Each lot is compared at its own level: only the shape is judged. 1 without maps.
    """
    found = []
    for one in maps:
        ratios = tilted(one.usual, one.tested, float(one.bad.sum()))
        expected = one.tested * ratios
        squares = (one.bad - expected) ** 2 / (expected * (1 - ratios))
        found.append(float(squares.sum()) / (len(one.x) - 1))
    return max(1.0, float(np.median(found))) if found else 1.0


def _rings(places: Sequence[Place], frame: Frame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    x, y = (np.array(axis, float) for axis in zip(*places, strict=True))
    radius = np.hypot((x - frame.middle_x) / frame.half_x, (y - frame.middle_y) / frame.half_y)
    return np.minimum((radius * RINGS).astype(np.int64), RINGS)
