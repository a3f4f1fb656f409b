"""Units on a tool beside those on others of its kind in the same lots, and how much such gaps
differ on ordinary lots.

Dies are not independent and tools differ, so a gap is set against chance and against that.
Sources: Anscombe 1948; DerSimonian and Laird 1986; Mantel and Haenszel 1959.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean

from quality.domain.dispersion import Count, angle, angle_variance
from quality.domain.exposure import Factor, LotExposure, Tool
from quality.domain.limits import BASELINE_LOTS_MIN
from supplychain.base.deferred import stats

UNITS_MIN = 15
"""On the tool and off it, of each lot whose gap counts: with fewer an angle is not normal."""


@dataclass(frozen=True, slots=True)
class ToolLot:
    """One lot of a tool. on: its units there, first inserted; off: those beside them. sites: the
    units on it by site, of a tester."""

    lot: str
    on: Count
    off: Count
    sites: Mapping[Tool, Count] = field(default_factory=dict, compare=False)

    @property
    def is_told(self) -> bool:
        """Whether there are units enough to tell a gap."""
        return min(self.on.units, self.off.units) >= UNITS_MIN

    @property
    def varies(self) -> bool:
        """Whether some units failed and some passed."""
        units = self.on.units + self.off.units
        return 0 < self.on.passed + self.off.passed < units

    @property
    def gap(self) -> float:
        """Difference of angles; below 0 is worse."""
        return angle(self.on) - angle(self.off)

    @property
    def chance(self) -> float:
        """Variance of the gap by chance alone."""
        return angle_variance(self.on.units) + angle_variance(self.off.units)


@dataclass(frozen=True, slots=True)
class Ordinary:
    """How much tools of a kind differ on ordinary lots. variance: between gaps of angles beyond
    chance, and a standard error more, as few lots tell it badly. count: of gaps."""

    variance: float
    count: int


@dataclass(frozen=True, slots=True)
class Usual:
    """The gap that a tool has on ordinary lots, as far as it is known, and the variance of that."""

    gap: float
    variance: float


@dataclass(frozen=True, slots=True)
class KindLots:
    """Lots, oldest first, as one kind of tool tells them: each tool beside the others."""

    rows: tuple[Mapping[Tool, ToolLot], ...]

    def of(self, tool: Tool) -> list[ToolLot]:
        """The tool's lots, with however few units."""
        return [row[tool] for row in self.rows if tool in row]

    def places(self, tool: Tool) -> list[int]:
        """Where its lots stand among all, from 0."""
        return [place for place, row in enumerate(self.rows) if tool in row]

    def until(self, place: int) -> KindLots:
        """Only the lots before that one."""
        return KindLots(self.rows[:place])

    def gaps(self, without: Tool | None = None) -> list[ToolLot]:
        """Of all lots, or of those that a tool was not on. Of two tools one is told: the other is
        its mirror."""
        return [
            one
            for row in self.rows
            if without not in row
            for one in list(row.values())[: 1 if len(row) == 2 else None]
            if one.is_told
        ]

    def lasting(self, ordinary: Ordinary) -> float:
        """Variance between the mean gaps of tools: of what stays with a tool from lot to lot."""
        tools = {tool for row in self.rows for tool in row}
        own = [[row for row in self.of(tool) if row.is_told] for tool in sorted(tools)]
        means = [_mean(rows, ordinary) for rows in own if rows]
        return max(0.0, fmean(mean**2 - variance for mean, variance in means)) if means else 0.0


def ordinary_of(gaps: Sequence[ToolLot], own: Sequence[ToolLot] = ()) -> Ordinary | None:
    """gaps: of ordinary lots; where they are too few, of how much the gap of the tool's own lots
    changes from one to the next. None where these are too few as well."""
    rest = [(one.gap, one.chance) for one in gaps]
    if len(rest) < BASELINE_LOTS_MIN:
        rest = [
            ((later.gap - one.gap) / math.sqrt(2), (one.chance + later.chance) / 2)
            for one, later in pairwise(row for row in own if row.is_told)
        ]
    if len(rest) < BASELINE_LOTS_MIN:
        return None
    beyond = [gap**2 - chance for gap, chance in rest]
    error = math.sqrt(2 * fmean(chance**2 for _, chance in rest) / len(rest))
    return Ordinary(max(0.0, fmean(beyond)) + error, len(rest))


def usual_of(before: Sequence[ToolLot], ordinary: Ordinary, lasting: float) -> Usual:
    """Of a tool by its own lots before, shrunk towards none by how much tools differ for good: not
    at all known without lots of its own, none where tools do not differ. Source: Efron and Morris
    1973."""
    if not before or not lasting:
        return Usual(0.0, lasting)
    mean, variance = _mean(before, ordinary)
    share = lasting / (lasting + variance)
    return Usual(share * mean, share * variance)


def kind_lots(factor: Factor, lots: Sequence[LotExposure]) -> KindLots:
    """A lot on one tool of the kind alone tells nothing of it."""
    return KindLots(tuple(_beside(factor, lot) for lot in lots))


def _beside(factor: Factor, lot: LotExposure) -> dict[Tool, ToolLot]:
    tools = {tool: count for tool, count in lot.tools.items() if tool.factor is factor}
    passed = sum(count.passed for count in tools.values())
    units = sum(count.units for count in tools.values())
    return {
        tool: ToolLot(lot.lot, on, Count(passed - on.passed, units - on.units))
        for tool, on in sorted(tools.items())
        if len(tools) > 1
    }


def chance_of(rows: Sequence[ToolLot], ordinary: Ordinary, usual: Usual | None = None) -> float:
    """Of so large a gap: Student's t of the mean gap, each weighed by its variance, less the usual
    one if that is not to count; and never less than Mantel and Haenszel's by units, which knows of
    few fails."""
    mean, variance = _mean(rows, ordinary)
    if usual is not None:
        mean, variance = mean - usual.gap, variance + usual.variance
    student = float(stats.t.sf(-mean / math.sqrt(variance), ordinary.count))
    return max(student, chance_by_units(rows))


def _mean(rows: Sequence[ToolLot], ordinary: Ordinary) -> tuple[float, float]:
    """Gap, and its variance."""
    weights = [1 / (ordinary.variance + row.chance) for row in rows]
    total = sum(weights)
    return sum(
        weight * row.gap for weight, row in zip(weights, rows, strict=True)
    ) / total, 1 / total


def chance_by_units(rows: Sequence[ToolLot]) -> float:
    """Half a unit is taken off for continuity; 1 where nothing varies."""
    distance = spread = 0.0
    for row in rows:
        units, passed = row.on.units + row.off.units, row.on.passed + row.off.passed
        pairs = units**2 * (units - 1)
        distance += row.on.passed - row.on.units * passed / units
        spread += row.on.units * row.off.units * passed * (units - passed) / pairs
    return float(stats.norm.sf((-distance - 0.5) / math.sqrt(spread))) if spread else 1.0


def effect_of(rows: Sequence[ToolLot]) -> float:
    """Pass ratio on the tool less that off it, lots weighed as on the tool."""
    units = sum(row.on.units for row in rows)
    return sum(row.on.units * (row.on.ratio - row.off.ratio) for row in rows) / units
