"""Which tool explains a loss: lots compared within themselves first, with each other second.

Units of a lot are not independent, so a tool is judged over three lots or more. A contrast within
lots cannot come from date or material; one between lots can, and says so.
Sources: Mantel and Haenszel 1959; Student's t on angles between lots.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean, variance

from quality.domain.dispersion import Count, angle
from quality.domain.multiplicity import benjamini_hochberg
from supplychain.base.deferred import stats

METHOD = "commonality-v2"
LOTS_MIN = 3
"""Below, one odd lot would name a tool."""

WINDOWS = (3, 6, 12)
"""A tool is judged on its newest lots: it may have been good before."""

SIBLINGS_P_MAX = 0.0001
"""Chance by which a site stands out from its tester's others: the worst of them always leads some
way when the tester is at fault."""

EFFECT_MIN = 0.01
UNITS_MIN = 30


class Factor(StrEnum):
    """What lots and units have in common."""

    TESTER = "tester"
    PROBE_CARD = "probe card"
    LOAD_BOARD = "load board"
    SITE = "site"
    OVEN = "oven"
    BURN_IN_BOARD = "burn-in board"
    TIME = "time"


class Basis(StrEnum):
    """What a suspect was compared with."""

    WITHIN = "within lots"
    BETWEEN = "between lots"


@dataclass(frozen=True, slots=True, order=True)
class Tool:
    """A thing that units were on. A site is named tester/head/site."""

    factor: Factor
    name: str


@dataclass(frozen=True, slots=True)
class LotExposure:
    """One lot at one step: all its units, and those on each tool. passed: at first insertion."""

    lot: str
    total: Count
    tools: Mapping[Tool, Count]


@dataclass(frozen=True, slots=True)
class Suspect:
    """effect: pass ratio on the tool less that off it, below 0 is worse. units, lots: behind it.
    units_lost: what the effect cost. score: sigma. confounders: what else would explain it."""

    tool: Tool
    basis: Basis
    effect: float
    units: int
    lots: tuple[str, ...]
    units_lost: float
    score: float
    p_value: float
    p_adjusted: float = 1.0
    confounders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Commonality:
    """suspects: most telling first. reason: why there is none, else empty."""

    suspects: tuple[Suspect, ...]
    reason: str
    method: str = METHOD


def commonality(lots: Sequence[LotExposure], *, q: float = 0.05) -> Commonality:
    """Suspects of a loss that lots show, oldest first. q: false discoveries among all tools.

    Ranked by how much of the deviation they explain, contrasts within lots before others, and a
    tester before a site of it that does not stand out from its other sites.
    """
    if len(lots) < LOTS_MIN:
        return Commonality((), f"inconclusive: {len(lots)} lots, {LOTS_MIN} are needed")
    judged = [found for tool in _tools(lots) for found in _judged(tool, lots)]
    judged += _times(lots)
    if not judged:
        return Commonality((), f"inconclusive: no tool was on {LOTS_MIN} lots")
    adjusted = benjamini_hochberg([one.p_value for one in judged])
    known = [replace(one, p_adjusted=p) for one, p in zip(judged, adjusted, strict=True)]
    clear = [one for one in known if one.p_adjusted < q and one.effect <= -EFFECT_MIN]
    best: dict[Tool, Suspect] = {}
    for one in sorted(clear, key=_rank):
        best.setdefault(one.tool, one)
    ranked = tuple(
        replace(one, confounders=_confounders(one, best, lots))
        for one in _testers_first(list(best.values()), lots)
    )
    return Commonality(ranked, "" if ranked else "no tool stands out")


def _rank(one: Suspect) -> tuple[bool, float, int, str]:
    """Of equals, the larger thing: a tester with one site before the site."""
    order = list(Factor).index(one.tool.factor)
    return one.basis is Basis.BETWEEN, -round(one.score, 6), order, one.tool.name


def _testers_first(ranked: Sequence[Suspect], lots: Sequence[LotExposure]) -> list[Suspect]:
    """Each tester moved before those of its sites that do not stand out from the others."""
    found: list[Suspect] = []
    for one in ranked:
        if one in found:
            continue
        found += [
            tester
            for tester in ranked
            if _is_part(one.tool, tester.tool)
            and tester.basis is one.basis
            and tester not in found
            and not _stands_out(one, tester.tool, lots)
        ]
        found.append(one)
    return found


def _is_part(site: Tool, tester: Tool) -> bool:
    is_pair = site.factor is Factor.SITE and tester.factor is Factor.TESTER
    return is_pair and site.name.startswith(f"{tester.name}/")


def _stands_out(site: Suspect, tester: Tool, lots: Sequence[LotExposure]) -> bool:
    """Whether units on the site differ from the others of its tester, in the same lots."""
    on_tester = [
        replace(lot, total=lot.tools[tester])
        for lot in lots
        if lot.lot in site.lots and lot.tools[site.tool].units < lot.tools[tester].units
    ]
    beside = _within(site.tool, on_tester)
    return beside is not None and beside.p_value <= SIBLINGS_P_MAX


def _tools(lots: Sequence[LotExposure]) -> list[Tool]:
    return sorted({tool for lot in lots for tool in lot.tools})


def _judged(tool: Tool, lots: Sequence[LotExposure]) -> list[Suspect]:
    """The tool over its newest lots, for each window that has enough."""
    on = [lot for lot in lots if tool in lot.tools]
    mixed = [lot for lot in on if lot.tools[tool].units < lot.total.units]
    windows = [size for size in WINDOWS if size <= max(len(mixed), LOTS_MIN)]
    if len(mixed) >= LOTS_MIN:
        found = [_within(tool, mixed[-size:]) for size in windows]
    else:
        off = [lot for lot in lots if tool not in lot.tools]
        found = [_between(tool, on[-size:], off) for size in WINDOWS if size <= len(on)]
    return [one for one in found if one is not None]


def _times(lots: Sequence[LotExposure]) -> list[Suspect]:
    """Everything since some lot, as if a tool had been on it."""
    found = [
        _between(Tool(Factor.TIME, f"since {lots[-size].lot}"), lots[-size:], lots[:-size])
        for size in WINDOWS
        if size < len(lots)
    ]
    return [one for one in found if one is not None]


def _within(tool: Tool, lots: Sequence[LotExposure]) -> Suspect | None:
    """Units on the tool beside the others of the same lot: Cochran-Mantel-Haenszel."""
    units = sum(lot.tools[tool].units for lot in lots)
    distance = spread = weight = difference = 0.0
    for lot in lots:
        on, total = lot.tools[tool], lot.total
        rest, failed = total.units - on.units, total.units - total.passed
        distance += on.passed - on.units * total.passed / total.units
        spread += on.units * rest * total.passed * failed / (total.units**2 * (total.units - 1))
        share = on.units * rest / total.units
        weight += share
        difference += share * (on.ratio - (total.passed - on.passed) / rest)
    if spread <= 0 or units < UNITS_MIN:
        return None
    effect = difference / weight
    score = -distance / math.sqrt(spread)
    return _suspect(tool, Basis.WITHIN, effect, lots, units, score, float(stats.norm.sf(score)))


def _between(tool: Tool, on: Sequence[LotExposure], off: Sequence[LotExposure]) -> Suspect | None:
    """Lots on the tool beside lots off it: Student's t with the spread of those off it."""
    if len(on) < LOTS_MIN or len(off) < LOTS_MIN:
        return None
    here, there = [angle(lot.total) for lot in on], [angle(lot.total) for lot in off]
    deviation = math.sqrt(variance(there) * (1 / len(here) + 1 / len(there)))
    if deviation <= 0:
        return None
    score = (fmean(there) - fmean(here)) / deviation
    effect = _pooled(on) - _pooled(off)
    units = sum(lot.total.units for lot in on)
    p_value = float(stats.t.sf(score, len(off) - 1))
    return _suspect(tool, Basis.BETWEEN, effect, on, units, score, p_value)


def _suspect(  # noqa: PLR0913, PLR0917 - the row that the two comparisons share
    tool: Tool,
    basis: Basis,
    effect: float,
    lots: Sequence[LotExposure],
    units: int,
    score: float,
    p_value: float,
) -> Suspect:
    names = tuple(lot.lot for lot in lots)
    return Suspect(tool, basis, effect, units, names, max(-effect, 0.0) * units, score, p_value)


def _pooled(lots: Sequence[LotExposure]) -> float:
    return sum(lot.total.passed for lot in lots) / sum(lot.total.units for lot in lots)


def _confounders(
    one: Suspect, others: Mapping[Tool, Suspect], lots: Sequence[LotExposure]
) -> tuple[str, ...]:
    """Date, where all its lots are the newest; tools that the same lots were on as a whole; the
    tester that a site is part of."""
    found = []
    if one.basis is Basis.BETWEEN:
        newest = {lot.lot for lot in lots[-len(one.lots) :]}
        if one.tool.factor is not Factor.TIME and set(one.lots) == newest:
            found.append("date: all its lots are the newest")
        found += [
            f"{other.tool.factor} {other.tool.name}: on the same lots"
            for other in others.values()
            if other is not one and other.basis is one.basis and set(other.lots) == set(one.lots)
        ]
    else:
        found += [
            f"{tool.factor} {tool.name}: it is part of it"
            for tool in others
            if _is_part(one.tool, tool)
        ]
    return tuple(found)
