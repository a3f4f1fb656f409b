"""A tool that costs yield: its units beside those on other tools of its kind, in the same lots.

Lots differ and dies are not independent, so a tool is judged over three lots or more, and by how
much tools differ on ordinary lots. Lots that were wholly on one tool say nothing here: date and
material would explain them as well. Sources: Anscombe 1948; DerSimonian and Laird 1986; Mantel and
Haenszel 1959.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import fmean

from quality.domain.commonality import WINDOWS, Factor, LotExposure, Tool
from quality.domain.dispersion import Count, angle, angle_variance
from quality.domain.limits import BASELINE_LOTS_MIN
from supplychain.base.deferred import stats

METHOD = "equipment-v2"
UNITS_MIN = 15
"""On the tool and off it, of each lot that counts: with fewer an angle is not normal."""

FAILS_MIN = 5
"""Expected on the tool over its lots, for the same reason."""

REST_P_MAX = 0.01
"""Chance by which a tester must be worse without its worst site to be to blame itself."""

NEWEST_P_MAX = 0.1
"""Chance by which the newest lot must show the loss itself: a tool that was mended is told no more.
"""

EQUIPMENT = (Factor.TESTER, Factor.PROBE_CARD, Factor.LOAD_BOARD, Factor.OVEN)


@dataclass(frozen=True, slots=True)
class ToolLot:
    """One lot of a tool. on: its units there, first inserted; off: those beside them. sites: the
    units on it by site, of a tester."""

    lot: str
    on: Count
    off: Count
    sites: Mapping[Tool, Count] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Ordinary:
    """How much tools of a kind differ on ordinary lots. variance: between gaps of angles beyond
    chance, and a standard error more, as few lots tell it badly. count: of gaps."""

    variance: float
    count: int


@dataclass(frozen=True, slots=True)
class ToolLoss:
    """A tool worse than the others. lots: oldest first.

    ratio: of its units; others: of the units beside them, lots weighed as on the tool. dispersion:
    variance of the gaps over chance. p_value: over all tools and windows tried at once. newest_p:
    of the newest lot alone. alike: tools that the very same units were on.
    """

    tool: Tool
    lots: tuple[ToolLot, ...]
    ratio: float
    others: float
    dispersion: float
    p_value: float
    newest_p: float
    alike: tuple[Tool, ...] = ()
    method: str = METHOD

    @property
    def effect(self) -> float:
        """Pass ratio on the tool less that off it; below 0 is worse."""
        return self.ratio - self.others

    @property
    def units(self) -> int:
        """On the tool."""
        return sum(one.on.units for one in self.lots)

    @property
    def units_lost(self) -> float:
        """What the effect cost on these lots."""
        return -self.effect * self.units


@dataclass(frozen=True, slots=True)
class ToolsJudged:
    """tried: comparisons that could be made, 0 where nothing is known. losses: clearest first."""

    tried: int
    losses: tuple[ToolLoss, ...]


def tool_losses(lots: Sequence[LotExposure], *, effect_min: float) -> ToolsJudged:
    """The tools of the newest lot that lose `effect_min` or more, on it and over their newest lots.

    lots: oldest first. No tool takes the blame for a single site of a tester.
    """
    tools = sorted(
        (tool for tool in lots[-1].tools if tool.factor in EQUIPMENT),
        key=lambda tool: (EQUIPMENT.index(tool.factor), tool.name),
    )
    tried = [one for tool in tools for one in _tried(tool, lots)]
    best: dict[Tool, ToolLoss] = {}
    for one in sorted(tried, key=lambda one: one.p_value):
        if one.effect <= -effect_min and one.newest_p <= NEWEST_P_MAX:
            known = replace(one, p_value=min(1.0, one.p_value * len(tried)))
            best.setdefault(one.tool, known)
    losses = _told_once(list(best.values()))
    return ToolsJudged(
        len(tried), tuple(one for one in losses if not _is_one_site(one, effect_min))
    )


def _tried(tool: Tool, lots: Sequence[LotExposure]) -> list[ToolLoss]:
    """The tool over its newest lots, if the newest of all is one of them."""
    rows = [_row(tool, lot) for lot in lots]
    known = [row for row in rows if row is not None]
    ordinary = _ordinary(tool, lots)
    if rows[-1] is None or ordinary is None:
        return []
    found = [_loss(tool, known[-size:], ordinary) for size in WINDOWS if size <= len(known)]
    return [one for one in found if one is not None]


def _row(tool: Tool, lot: LotExposure) -> ToolLot | None:
    """None where the lot has too few units on the tool, or beside it."""
    on, off = lot.tools.get(tool), _sum(_beside(tool, lot))
    if on is None or off is None or min(on.units, off.units) < UNITS_MIN:
        return None
    sites = _sites(tool, lot) if tool.factor is Factor.TESTER else {}
    return ToolLot(lot.lot, on, off, sites)


def _beside(tool: Tool, lot: LotExposure) -> list[Count]:
    return [
        count for other, count in lot.tools.items() if other.factor is tool.factor and other != tool
    ]


def _sites(tester: Tool, lot: LotExposure) -> dict[Tool, Count]:
    return {
        tool: count
        for tool, count in lot.tools.items()
        if tool.factor is Factor.SITE and tool.name.rsplit("/", 2)[0] == tester.name
    }


def _ordinary(tool: Tool, lots: Sequence[LotExposure]) -> Ordinary | None:
    """Of lots without this tool; where it is on nearly all of them, of how much its gap changes
    from lot to lot. None where too few lots tell."""
    own = [_gap(row.on, row.off) for lot in lots if (row := _row(tool, lot)) is not None]
    rest = [gap for lot in lots if tool not in lot.tools for gap in _gaps_of(tool.factor, lot)]
    if len(rest) < BASELINE_LOTS_MIN:
        rest = [
            ((later - gap) / math.sqrt(2), (chance + more) / 2)
            for (gap, chance), (later, more) in pairwise(own)
        ]
    if len(rest) < BASELINE_LOTS_MIN:
        return None
    beyond = [gap**2 - chance for gap, chance in rest]
    error = math.sqrt(2 * fmean(chance**2 for _, chance in rest) / len(rest))
    return Ordinary(max(0.0, fmean(beyond)) + error, len(rest))


def _gaps_of(factor: Factor, lot: LotExposure) -> list[tuple[float, float]]:
    """Each tool of the kind beside the others; of two, one is told: the other is its mirror."""
    tools = sorted(tool for tool in lot.tools if tool.factor is factor)
    rows = [_row(tool, lot) for tool in (tools[:1] if len(tools) == 2 else tools)]
    return [_gap(row.on, row.off) for row in rows if row is not None]


def _gap(on: Count, off: Count) -> tuple[float, float]:
    """Difference of angles, and its variance by chance."""
    return angle(on) - angle(off), angle_variance(on.units) + angle_variance(off.units)


def _loss(tool: Tool, rows: Sequence[ToolLot], ordinary: Ordinary) -> ToolLoss | None:
    expected = sum(row.on.units * (1 - row.off.ratio) for row in rows)
    failed = sum(row.on.units - row.on.passed for row in rows)
    if max(expected, failed / 2) < FAILS_MIN:
        return None
    units = sum(row.on.units for row in rows)
    ratio = sum(row.on.passed for row in rows) / units
    others = sum(row.on.units * row.off.ratio for row in rows) / units
    chance = fmean(_gap(row.on, row.off)[1] for row in rows)
    return ToolLoss(
        tool, tuple(rows), ratio, others, 1 + ordinary.variance / chance,
        _chance(rows, ordinary), _chance(rows[-1:], ordinary),
    )  # fmt: skip


def _chance(rows: Sequence[ToolLot], ordinary: Ordinary) -> float:
    """Of so large a gap: Student's t of the mean gap, each weighed by its variance; and never less
    than Mantel and Haenszel's by units, which knows of few fails."""
    gaps = [_gap(row.on, row.off) for row in rows]
    weights = [1 / (ordinary.variance + chance) for _, chance in gaps]
    mean = sum(weight * gap for weight, (gap, _) in zip(weights, gaps, strict=True))
    student = float(stats.t.sf(-mean / math.sqrt(sum(weights)), ordinary.count))
    return max(student, _by_units(rows))


def _by_units(rows: Sequence[ToolLot]) -> float:
    """Half a unit is taken off for continuity; 1 where nothing varies."""
    distance = spread = 0.0
    for row in rows:
        units, passed = row.on.units + row.off.units, row.on.passed + row.off.passed
        pairs = units**2 * (units - 1)
        distance += row.on.passed - row.on.units * passed / units
        spread += row.on.units * row.off.units * passed * (units - passed) / pairs
    return float(stats.norm.sf((-distance - 0.5) / math.sqrt(spread))) if spread else 1.0


def _is_one_site(one: ToolLoss, effect_min: float) -> bool:
    """Whether a tester, and what the same units were on, is not clearly worse without one of its
    sites, which is then told by itself."""
    sites = {site for row in one.lots for site in row.sites}
    left = [_without(site, one.lots) for site in sites]
    return any(rows and not _is_clear(rows, effect_min) for rows in left)


def _without(site: Tool, rows: Sequence[ToolLot]) -> list[ToolLot]:
    """The lots with the other sites alone; none where there are no others."""
    return [
        replace(row, on=rest)
        for row in rows
        if (rest := _less(row.on, row.sites.get(site))) is not None
    ]


def _is_clear(rows: Sequence[ToolLot], effect_min: float) -> bool:
    lost = sum(row.on.units * (row.on.ratio - row.off.ratio) for row in rows)
    units = sum(row.on.units for row in rows)
    return lost / units <= -effect_min and _by_units(rows) <= REST_P_MAX


def _less(whole: Count, part: Count | None) -> Count | None:
    if part is None:
        return whole
    units = whole.units - part.units
    return Count(whole.passed - part.passed, units) if units else None


def _told_once(losses: Sequence[ToolLoss]) -> tuple[ToolLoss, ...]:
    """Tools that the very same units were on are one loss, told of the first of them."""
    by_units: dict[tuple[ToolLot, ...], list[ToolLoss]] = {}
    for one in losses:
        by_units.setdefault(one.lots, []).append(one)
    return tuple(
        replace(first, alike=tuple(one.tool for one in others))
        for first, *others in by_units.values()
    )


def _sum(counts: Sequence[Count]) -> Count | None:
    if not counts:
        return None
    return Count(sum(one.passed for one in counts), sum(one.units for one in counts))
