"""A tool that costs yield: its units beside those on other tools of its kind, in the same lots.

Lots differ and dies are not independent, so a tool is judged over three lots or more, and by how
much tools differ on ordinary lots. Lots that were wholly on one tool say nothing here: date and
material would explain them as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from quality.domain.dispersion import Count
from quality.domain.exposure import WINDOWS, Factor, LotExposure, Tool
from quality.domain.tool_gaps import (
    KindLots,
    Ordinary,
    ToolLot,
    chance_by_units,
    chance_of,
    effect_of,
    kind_lots,
    ordinary_of,
)

METHOD = "equipment-v2"
FAILS_MIN = 5
"""Expected on the tool over its lots: with fewer its angle is not normal."""

REST_P_MAX = 0.01
"""Chance by which a tester must be worse without its worst site to be to blame itself."""

NEWEST_P_MAX = 0.1
"""Chance by which the newest lot must show the loss itself: a tool that was mended is told no more.
"""

EQUIPMENT = (Factor.TESTER, Factor.PROBE_CARD, Factor.LOAD_BOARD, Factor.OVEN)


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
    kinds = {factor: kind_lots(factor, lots) for factor in {tool.factor for tool in tools}}
    tried = [one for tool in tools for one in _tried(tool, lots, kinds[tool.factor])]
    best: dict[Tool, ToolLoss] = {}
    for one in sorted(tried, key=lambda one: one.p_value):
        if one.effect <= -effect_min and one.newest_p <= NEWEST_P_MAX:
            known = replace(one, p_value=min(1.0, one.p_value * len(tried)))
            best.setdefault(one.tool, known)
    losses = _told_once(list(best.values()))
    return ToolsJudged(
        len(tried), tuple(one for one in losses if not _is_one_site(one, effect_min))
    )


def _tried(tool: Tool, lots: Sequence[LotExposure], kind: KindLots) -> list[ToolLoss]:
    """The tool over its newest lots, if the newest of all is one of them."""
    rows = [_row(tool, lot, row) for lot, row in zip(lots, kind.rows, strict=True)]
    known = [row for row in rows if row is not None]
    ordinary = ordinary_of(kind.gaps(without=tool), known)
    if rows[-1] is None or ordinary is None:
        return []
    found = [_loss(tool, known[-size:], ordinary) for size in WINDOWS if size <= len(known)]
    return [one for one in found if one is not None]


def _row(tool: Tool, lot: LotExposure, kind: Mapping[Tool, ToolLot]) -> ToolLot | None:
    """None where the lot has too few units on the tool, or beside it."""
    row = kind.get(tool)
    if row is None or not row.is_told:
        return None
    sites = {one: count for one, count in lot.tools.items() if one.tester == tool}
    return replace(row, sites=sites)


def _loss(tool: Tool, rows: Sequence[ToolLot], ordinary: Ordinary) -> ToolLoss | None:
    expected = sum(row.on.units * (1 - row.off.ratio) for row in rows)
    failed = sum(row.on.units - row.on.passed for row in rows)
    if max(expected, failed / 2) < FAILS_MIN:
        return None
    units = sum(row.on.units for row in rows)
    ratio = sum(row.on.passed for row in rows) / units
    others = sum(row.on.units * row.off.ratio for row in rows) / units
    chance = fmean(row.chance for row in rows)
    return ToolLoss(
        tool, tuple(rows), ratio, others, 1 + ordinary.variance / chance,
        chance_of(rows, ordinary), chance_of(rows[-1:], ordinary),
    )  # fmt: skip


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
    return effect_of(rows) <= -effect_min and chance_by_units(rows) <= REST_P_MAX


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
