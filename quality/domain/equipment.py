"""A tool that costs yield, by lots that were on it: where they ran on others too, its units beside
theirs; else its lots beside those on others meanwhile.

Lots differ and dies are not independent, so a tool is judged over three lots or more, and by how
much tools differ on ordinary lots. Sources: Mantel and Haenszel 1959; Student's t of angles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, variance

from quality.domain.commonality import LOTS_MIN, WINDOWS, Basis, Factor, LotExposure, Tool
from quality.domain.dispersion import Count, angle
from quality.domain.limits import BASELINE_LOTS_MIN
from quality.domain.proportions import site_dispersion, step_dispersion
from supplychain.base.deferred import stats

METHOD = "equipment-v1"
UNITS_MIN = 30
"""On the tool and off it, over its lots together."""

REST_P_MAX = 0.01
"""Chance by which a tester must be worse without its worst site to be to blame itself."""

NEWEST_P_MAX = 0.1
"""Chance by which the newest lot must show the loss itself: a tool that was mended is told no more.
"""

EQUIPMENT = (
    Factor.TESTER, Factor.PROBE_CARD, Factor.LOAD_BOARD, Factor.OVEN, Factor.BURN_IN_BOARD,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ToolLot:
    """One lot of a tool. on: its units there, first inserted; off: those beside them, or None.
    sites: the same units by site, of a tester."""

    lot: str
    on: Count
    off: Count | None
    sites: Mapping[str, Count] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class ToolLoss:
    """A tool worse than the others. lots: oldest first. meanwhile: lots off it in the same time.

    effect: pass ratio on it less that off it, below 0. dispersion: how much tools of ordinary lots
    differ, over chance. p_value: over all tools and windows tried at once. newest_p: of the newest
    lot alone. alike: tools that the very same units were on.
    """

    tool: Tool
    basis: Basis
    lots: tuple[ToolLot, ...]
    meanwhile: tuple[str, ...]
    ratio: float
    others: float
    effect: float
    dispersion: float
    p_value: float
    newest_p: float
    alike: tuple[Tool, ...] = ()
    method: str = METHOD

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
    """The tools of the newest lot that lose `effect_min` or more on it and over their newest lots.

    lots: oldest first. A tester takes the blame for no single site of its own.
    """
    newest = lots[-1]
    tools = sorted(
        (tool for tool in newest.tools if tool.factor in EQUIPMENT),
        key=lambda tool: (EQUIPMENT.index(tool.factor), tool.name),
    )
    tried = [one for tool in tools for one in _tried(tool, lots)]
    best: dict[Tool, ToolLoss] = {}
    for one in sorted(tried, key=lambda one: one.p_value):
        is_loss = one.effect <= -effect_min and one.newest_p <= NEWEST_P_MAX
        if is_loss and not _is_one_site(one, effect_min):
            known = replace(one, p_value=min(1.0, one.p_value * len(tried)))
            best.setdefault(one.tool, known)
    return ToolsJudged(len(tried), _told_once(list(best.values())))


def _tried(tool: Tool, lots: Sequence[LotExposure]) -> list[ToolLoss]:
    on = [(place, lot) for place, lot in enumerate(lots) if tool in lot.tools]
    mixed = [one for one in on if _off(tool, one[1]) is not None]
    if on[-1] in mixed:
        found = [_within(tool, mixed[-size:], lots) for size in WINDOWS if size <= len(mixed)]
    else:
        whole = [one for one in on if one not in mixed]
        found = [_between(tool, whole[-size:], lots) for size in WINDOWS if size <= len(whole)]
    return [one for one in found if one is not None]


def _off(tool: Tool, lot: LotExposure) -> Count | None:
    """Units of the lot on other tools of the kind."""
    others = [
        count for other, count in lot.tools.items() if other.factor is tool.factor and other != tool
    ]
    return _sum(others) if others else None


def _row(tool: Tool, lot: LotExposure, off: Count | None) -> ToolLot:
    sites = {
        other.name: count
        for other, count in lot.tools.items()
        if other.factor is Factor.SITE and other.name.startswith(f"{tool.name}/")
    }
    is_tester = tool.factor is Factor.TESTER
    return ToolLot(lot.lot, lot.tools[tool], off, sites if is_tester else {})


def _within(
    tool: Tool, window: Sequence[tuple[int, LotExposure]], lots: Sequence[LotExposure]
) -> ToolLoss | None:
    """Units on the tool beside the others of the same lots: Cochran-Mantel-Haenszel, its variance
    wider by the dispersion."""
    rows = tuple(_row(tool, lot, _off(tool, lot)) for _, lot in window)
    dispersion = _dispersion(tool, lots)
    on, off = _sum([row.on for row in rows]), _sum([row.off for row in rows if row.off])
    if dispersion is None or min(on.units, off.units) < UNITS_MIN:
        return None
    effect = _effect(rows)
    return ToolLoss(
        tool, Basis.WITHIN, rows, (), on.ratio, on.ratio - effect, effect, dispersion,
        _chance(rows, dispersion), _chance(rows[-1:], dispersion),
    )  # fmt: skip


def _chance(rows: Sequence[ToolLot], dispersion: float) -> float:
    """Of so few passed on the tool, by their hypergeometric variance; 1 where nothing varies."""
    distance = spread = 0.0
    for row in rows:
        assert row.off is not None, "lots are mixed"
        total = _sum([row.on, row.off])
        failed, pairs = total.units - total.passed, total.units**2 * (total.units - 1)
        distance += row.on.passed - row.on.units * total.ratio
        spread += row.on.units * row.off.units * total.passed * failed / pairs
    return float(stats.norm.sf(-distance / math.sqrt(spread * dispersion))) if spread else 1.0


def _effect(rows: Sequence[ToolLot]) -> float:
    """Difference of ratios, lots weighed as by Mantel and Haenszel."""
    weights = [
        row.on.units * row.off.units / (row.on.units + row.off.units) for row in rows if row.off
    ]
    gaps = [row.on.ratio - row.off.ratio for row in rows if row.off]
    return sum(weight * gap for weight, gap in zip(weights, gaps, strict=True)) / sum(weights)


def _dispersion(tool: Tool, lots: Sequence[LotExposure]) -> float | None:
    """How much tools of a kind differ on lots without this one; where it is on nearly all of them,
    how much it changes from lot to lot. None where too few lots tell."""
    kinds = [
        {other.name: count for other, count in lot.tools.items() if other.factor is tool.factor}
        for lot in lots
    ]
    rest = [list(kind.values()) for kind in kinds if tool.name not in kind and len(kind) > 1]
    if len(rest) >= BASELINE_LOTS_MIN:
        return site_dispersion(rest, BASELINE_LOTS_MIN)
    own = [kind for kind in kinds if tool.name in kind and len(kind) > 1]
    if len(own) <= BASELINE_LOTS_MIN:
        return None
    return step_dispersion(own, [tool.name], BASELINE_LOTS_MIN)


def _between(
    tool: Tool, window: Sequence[tuple[int, LotExposure]], lots: Sequence[LotExposure]
) -> ToolLoss | None:
    """Lots on the tool beside lots off it since the first of them: Student's t with the spread of
    all lots off it. Those before it only say how much lots differ: date would be no other cause."""
    first = window[0][0]
    off = [
        (place, count)
        for place, lot in enumerate(lots)
        if tool not in lot.tools and (count := _off(tool, lot))
    ]
    meanwhile = [one for one in off if one[0] > first]
    if len(meanwhile) < LOTS_MIN or len(off) < BASELINE_LOTS_MIN:
        return None
    rows = tuple(_row(tool, lot, None) for _, lot in window)
    spread = variance(angle(count) for _, count in off)
    if spread <= 0:
        return None
    there = fmean(angle(count) for _, count in meanwhile)
    here = [angle(row.on) for row in rows]
    on, others = _sum([row.on for row in rows]).ratio, _sum([count for _, count in meanwhile]).ratio
    names = tuple(lots[place].lot for place, _ in meanwhile)
    p_value, newest_p = (
        float(stats.t.sf(
            (there - fmean(some)) / math.sqrt(spread * (1 / len(some) + 1 / len(meanwhile))),
            len(off) - 1,
        ))
        for some in (here, here[-1:])
    )  # fmt: skip
    return ToolLoss(
        tool, Basis.BETWEEN, rows, names, on, others, on - others, 1.0, p_value, newest_p
    )


def _sum(counts: Sequence[Count]) -> Count:
    return Count(sum(one.passed for one in counts), sum(one.units for one in counts))


def _is_one_site(one: ToolLoss, effect_min: float) -> bool:
    """Whether a tester is not clearly worse without one of its sites, which is then told by
    itself."""
    sites = {site for row in one.lots for site in row.sites}
    left = [_without(site, one.lots) for site in sites]
    return any(rows and not _is_clear(rows, one, effect_min) for rows in left)


def _without(site: str, rows: Sequence[ToolLot]) -> list[ToolLot]:
    """The lots with the other sites of the tester alone; none where there are no others."""
    return [
        replace(row, on=rest)
        for row in rows
        if (rest := _less(row.on, row.sites.get(site))) is not None
    ]


def _is_clear(rows: Sequence[ToolLot], one: ToolLoss, effect_min: float) -> bool:
    if one.basis is Basis.BETWEEN:
        return _sum([row.on for row in rows]).ratio - one.others <= -effect_min
    return _effect(rows) <= -effect_min and _chance(rows, one.dispersion) <= REST_P_MAX


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
