"""How many units of a part of a lot are of one wafer: what its interval is widened by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quality.domain.clustering import ClusterSums, WaferLikeness
from quality.domain.words import YieldSlice

WAFERS_MIN = 6
"""Fewer wafers of a lot do not say how it varies."""


@dataclass(frozen=True, slots=True)
class LotWafers:
    """The wafers of a lot at a step, and how alike their units are: None where not known."""

    sums: ClusterSums
    likeness: WaferLikeness | None

    @property
    def size(self) -> float:
        """Units of a wafer of this lot, by which a unit is drawn."""
        return self.sums.units_squared / self.sums.units


@dataclass(frozen=True, slots=True)
class PartSize:
    """A part of a lot by slice and key, and its units."""

    slice: YieldSlice
    key: str
    units: int


def units_by_tester(parts: Sequence[PartSize]) -> Mapping[str, int]:
    """Tester → units on all of its sites. parts: of a lot; those that are no sites do not count."""
    found: Counter[str] = Counter()
    for part in parts:
        if part.slice is YieldSlice.SITE:
            found[_tester(part.key)] += part.units
    return found


def units_on_one_wafer(part: PartSize, wafers: LotWafers, by_tester: Mapping[str, int]) -> float:
    """A zone is on every wafer, a site has its share of each that its tester had; of other tools
    nothing is known but that they take whole wafers. by_tester: see `units_by_tester`."""
    if part.slice is YieldSlice.WAFER:
        return float(part.units)
    if part.slice is YieldSlice.ZONE:
        return part.units / wafers.sums.lots
    if part.slice is YieldSlice.SITE:
        return wafers.size * part.units / by_tester[_tester(part.key)]
    return min(wafers.size, part.units)


def _tester(site: str) -> str:
    return site.rsplit("/", 2)[0]
