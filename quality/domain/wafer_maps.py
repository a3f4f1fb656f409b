"""Whether bad dies lie together. A map: (x, y) → is the die bad; untested places are absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

Place = tuple[int, int]

ROOK = ((1, 0), (0, 1), (-1, 0), (0, -1))
QUEEN = (*ROOK, (1, 1), (1, -1), (-1, 1), (-1, -1))


@dataclass(frozen=True, slots=True)
class JoinCounts:
    """Neighbouring pairs, each once: both bad, one bad, none bad."""

    bad: int
    mixed: int
    good: int


def join_counts(dies: Mapping[Place, bool]) -> JoinCounts:
    """Pairs of dies that share an edge."""
    bad = mixed = good = 0
    for (x, y), is_bad in dies.items():
        for dx, dy in ROOK[:2]:
            other = dies.get((x + dx, y + dy))
            if other is not None:
                bad += is_bad and other
                mixed += is_bad != other
                good += not is_bad and not other
    return JoinCounts(bad, mixed, good)


def moran(dies: Mapping[Place, bool]) -> float | None:
    """Moran's I with rook neighbours; -1/(n-1) when random. None when all dies are alike."""
    size = len(dies)
    mean = sum(dies.values()) / size if size else 0.0
    square = sum((is_bad - mean) ** 2 for is_bad in dies.values())
    joins, product = 0, 0.0
    for (x, y), is_bad in dies.items():
        for dx, dy in ROOK:
            other = dies.get((x + dx, y + dy))
            if other is not None:
                joins += 1
                product += (is_bad - mean) * (other - mean)
    return size / joins * product / square if square > 0 and joins else None


def bad_neighbours(dies: Mapping[Place, bool]) -> dict[Place, int]:
    """Bad dies among the eight neighbours of each die."""
    return {(x, y): sum(dies.get((x + dx, y + dy), False) for dx, dy in QUEEN) for x, y in dies}


def bad_neighbourhood(dies: Mapping[Place, bool], share_min: float = 0.75) -> set[Place]:
    """Good dies in bad company (GDBN). At the edge the share is of the neighbours that exist."""
    counts = bad_neighbours(dies)
    found = set()
    for (x, y), is_bad in dies.items():
        present = sum((x + dx, y + dy) in dies for dx, dy in QUEEN)
        if not is_bad and present and counts[x, y] / present >= share_min:
            found.add((x, y))
    return found


def neighbour_residuals(values: Mapping[Place, float], least: int = 3) -> dict[Place, float]:
    """Each value less the median of its neighbours (NNR). With fewer than `least`, left out."""
    found = {}
    for (x, y), value in values.items():
        around = [values[x + dx, y + dy] for dx, dy in QUEEN if (x + dx, y + dy) in values]
        if len(around) >= least:
            found[x, y] = value - median(around)
    return found
