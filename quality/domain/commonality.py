"""Which tool explains a loss: lots compared within themselves first, with each other second.

Units of a lot are not independent and tools differ on ordinary lots, so a tool is judged over three
lots or more, beside how it and others of its kind compared on the lots before. A contrast within
lots cannot come from date or material; one between lots can, and says so.
Sources: Mantel and Haenszel 1959; Student's t on angles; Benjamini and Hochberg 1995.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from statistics import fmean, variance

from quality.domain.dispersion import angle
from quality.domain.exposure import WINDOWS, Factor, LotExposure, Tool
from quality.domain.limits import BASELINE_LOTS_MIN
from quality.domain.multiplicity import benjamini_hochberg
from quality.domain.tool_gaps import (
    KindLots,
    Ordinary,
    chance_by_units,
    chance_of,
    effect_of,
    kind_lots,
    ordinary_of,
    usual_of,
)
from supplychain.base.deferred import stats

METHOD = "commonality-v3"
LOTS_MIN = 3
"""Below, one odd lot would name a tool."""

NEWEST_LOTS = 20
"""Of which a cause is sought; lots before them only say what is ordinary."""

SIBLINGS_P_MAX = 0.0001
"""Chance by which a site stands out from its tester's others: the worst of them always leads some
way when the tester is at fault."""

EFFECT_MIN = 0.01
UNITS_MIN = 30


class Basis(StrEnum):
    """What a suspect was compared with."""

    WITHIN = "within lots"
    BETWEEN = "between lots"


class Ground(StrEnum):
    """What a tool's difference was set against."""

    OWN = "its own lots before"
    KIND = "ordinary lots"
    CHANCE = "chance"


ORDINARY = {
    Ground.KIND: "its ordinary difference: too few lots on it before",
    Ground.CHANCE: "an ordinary difference: too little is known of how much {kind}s differ",
}
SURE = (
    (0.001, "very sure: at most 1 in 1,000 such is wrong"),
    (0.01, "sure: at most 1 in 100 such is wrong"),
)
FAIRLY_SURE = "fairly sure: at most 1 in 20 such is wrong"
NOT_SURE = "not sure"


@dataclass(frozen=True, slots=True)
class Suspect:
    """effect: pass ratio on the tool less that off it, below 0 is worse; usual: the same on its
    lots before, None where they are too few. units, lots: behind it. units_lost: what the effect
    cost. ground: what the chance knows of. p_adjusted: over all that was compared. confounders:
    what else would explain it."""

    tool: Tool
    basis: Basis
    ground: Ground
    effect: float
    usual: float | None
    units: int
    lots: tuple[str, ...]
    p_value: float
    p_adjusted: float = 1.0
    confounders: tuple[str, ...] = ()

    @property
    def how_sure(self) -> str:
        """That the difference is beyond chance and what is ordinary; not, that it is the cause."""
        is_whole = self.basis is Basis.BETWEEN and self.tool.factor is not Factor.TIME
        if self.ground is Ground.CHANCE or (is_whole and self.ground is Ground.KIND):
            return NOT_SURE
        return next((words for most, words in SURE if self.p_adjusted <= most), FAIRLY_SURE)

    @property
    def units_lost(self) -> float:
        """By the effect, on these lots."""
        return max(-self.effect, 0.0) * self.units


@dataclass(frozen=True, slots=True)
class Commonality:
    """suspects: most telling first. reason: why there is none, else empty."""

    suspects: tuple[Suspect, ...]
    reason: str
    method: str = METHOD


def commonality(lots: Sequence[LotExposure], *, q: float = 0.05) -> Commonality:
    """Suspects of a loss that the newest lots show; lots: oldest first. q: false discoveries among
    all that is compared.

    Ranked by how little chance and ordinary differences explain them, contrasts within lots before
    others, and a tester before a site of it that does not stand out from its other sites.
    """
    if not lots:
        return Commonality((), "inconclusive: it is not known what the lot was on")
    if len(lots) < LOTS_MIN:
        return Commonality((), f"inconclusive: {len(lots)} lots, {LOTS_MIN} are needed")
    newest = lots[-NEWEST_LOTS:]
    judged = _adjusted([*_tools_judged(lots), *_times(newest)])
    if not judged:
        return Commonality((), f"inconclusive: no tool was on {LOTS_MIN} lots")
    clear = [one for one in judged if one.p_adjusted < q and one.effect <= -EFFECT_MIN]
    best: dict[Tool, Suspect] = {}
    for one in sorted(clear, key=lambda one: (one.ground is Ground.CHANCE, _rank(one))):
        best.setdefault(one.tool, one)
    ranked = tuple(
        replace(one, confounders=_confounders(one, best, newest))
        for one in _testers_first(sorted(best.values(), key=_rank), newest)
    )
    return Commonality(ranked, "" if ranked else "no tool stands out")


def _adjusted(judged: Sequence[Suspect]) -> list[Suspect]:
    """Within each kind of tool, then over the kinds by their least: a kind with many tools, such as
    sites, does not hide the others. Source: Benjamini and Bogomolov 2014."""
    kinds: dict[Factor, list[Suspect]] = defaultdict(list)
    for one in judged:
        kinds[one.tool.factor].append(one)
    within = [benjamini_hochberg([one.p_value for one in kind]) for kind in kinds.values()]
    leasts = [min(p_values) for p_values in within]
    over = benjamini_hochberg(leasts)
    return [
        replace(one, p_adjusted=min(1.0, p_value * (total / least if least else 1.0)))
        for kind, p_values, least, total in zip(kinds.values(), within, leasts, over, strict=True)
        for one, p_value in zip(kind, p_values, strict=True)
    ]


def _rank(one: Suspect) -> tuple[bool, float, int, str]:
    """Of equals, the larger thing: a tester with one site before the site."""
    order = list(Factor).index(one.tool.factor)
    sigma = float(stats.norm.isf(one.p_value))
    return one.basis is Basis.BETWEEN, -round(sigma, 6), order, one.tool.name


def _testers_first(ranked: Sequence[Suspect], lots: Sequence[LotExposure]) -> list[Suspect]:
    """Each tester moved before those of its sites that do not stand out from the others."""
    found: list[Suspect] = []
    for one in ranked:
        if one in found:
            continue
        found += [
            tester
            for tester in ranked
            if one.tool.tester == tester.tool
            and tester.basis is one.basis
            and tester not in found
            and not _stands_out(one, tester.tool, lots)
        ]
        found.append(one)
    return found


def _stands_out(site: Suspect, tester: Tool, lots: Sequence[LotExposure]) -> bool:
    """Whether units on the site differ from the others of its tester, in the same lots."""
    here = [lot for lot in lots if lot.lot in site.lots]
    sisters = [
        replace(lot, tools={one: on for one, on in lot.tools.items() if one.tester == tester})
        for lot in here
    ]
    return chance_by_units(kind_lots(Factor.SITE, sisters).of(site.tool)) <= SIBLINGS_P_MAX


def _tools_judged(lots: Sequence[LotExposure]) -> Iterator[Suspect]:
    """Every tool of the last lot, whose loss no other explains, over its newest lots, for each
    window that has enough."""
    newest = lots[-NEWEST_LOTS:]
    tools = sorted(lots[-1].tools)
    kinds = {factor: _Kind(kind_lots(factor, lots)) for factor in {tool.factor for tool in tools}}
    for tool in tools:
        kind = kinds[tool.factor]
        mixed = sum(tool in row for row in kind.lots.rows[-NEWEST_LOTS:])
        if mixed >= LOTS_MIN:
            found = [_within(tool, kind, size) for size in WINDOWS if size <= mixed]
        else:
            on = [lot for lot in lots if tool in lot.tools]
            here = sum(tool in lot.tools for lot in newest)
            off = [lot for lot in newest if tool not in lot.tools]
            found = [_between(tool, on, off, size) for size in WINDOWS if size <= here]
        yield from (one for one in found if one is not None)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Tools of a kind on all lots. known: how they differ on the lots before a place, and how much
    of that stays with a tool, once it was asked for."""

    lots: KindLots
    known: dict[int, tuple[Ordinary | None, float]] = field(default_factory=dict)

    def before(self, place: int) -> tuple[Ordinary | None, float]:
        """Of the lots before that place; None where these are too few."""
        if place not in self.known:
            earlier = self.lots.until(place)
            ordinary = ordinary_of(earlier.gaps())
            self.known[place] = ordinary, earlier.lasting(ordinary) if ordinary else 0.0
        return self.known[place]


def _times(lots: Sequence[LotExposure]) -> Iterator[Suspect]:
    """Everything since some lot, as if a tool had been on it."""
    for size in WINDOWS:
        if size < len(lots):
            tool = Tool(Factor.TIME, f"since {lots[-size].lot}")
            one = _between(tool, lots[-size:], lots[:-size], size)
            if one is not None:
                yield one


def _within(tool: Tool, kind: _Kind, size: int) -> Suspect | None:
    """Units on the tool beside those on others of its kind in the same lots."""
    own = kind.lots.of(tool)
    rows, before = own[-size:], [row for row in own[:-size] if row.is_told]
    units = sum(row.on.units for row in rows)
    if units < UNITS_MIN or not any(row.varies for row in rows):
        return None
    p_value, ground, usual = chance_by_units(rows), Ground.CHANCE, None
    told = [row for row in rows if row.is_told]
    ordinary, lasting = kind.before(kind.lots.places(tool)[-size])
    if told and (known := ordinary or ordinary_of((), own)):
        p_value = max(p_value, chance_of(told, known, usual_of(before, known, lasting)))
    if told and ordinary:
        ground = Ground.KIND
    if ground is Ground.KIND and len(before) >= BASELINE_LOTS_MIN:
        ground, usual = Ground.OWN, effect_of(before)
    names = tuple(row.lot for row in rows)
    return Suspect(tool, Basis.WITHIN, ground, effect_of(rows), usual, units, names, p_value)


def _between(
    tool: Tool, lots: Sequence[LotExposure], off: Sequence[LotExposure], size: int
) -> Suspect | None:
    """The newest lots on the tool beside lots off it, and beside its own before where it has
    enough: Student's t with the spread of those lots, the less sure of the two."""
    on, before = lots[-size:], lots[:-size]
    p_value = _t_chance(on, off)
    if p_value is None:
        return None
    own = _t_chance(on, before) if len(before) >= BASELINE_LOTS_MIN else None
    return Suspect(
        tool, Basis.BETWEEN, Ground.KIND if own is None else Ground.OWN,
        _pooled(on) - _pooled(off), None if own is None else _pooled(before) - _pooled(off),
        sum(lot.total.units for lot in on), tuple(lot.lot for lot in on),
        max(p_value, own or 0.0),
    )  # fmt: skip


def _t_chance(on: Sequence[LotExposure], off: Sequence[LotExposure]) -> float | None:
    """None where too few lots, or lots that do not differ at all, give no scale."""
    if len(on) < LOTS_MIN or len(off) < LOTS_MIN:
        return None
    here, there = [angle(lot.total) for lot in on], [angle(lot.total) for lot in off]
    deviation = math.sqrt(variance(there) * (1 / len(here) + 1 / len(there)))
    if deviation <= 0:
        return None
    return float(stats.t.sf((fmean(there) - fmean(here)) / deviation, len(off) - 1))


def _pooled(lots: Sequence[LotExposure]) -> float:
    return sum(lot.total.passed for lot in lots) / sum(lot.total.units for lot in lots)


def _confounders(
    one: Suspect, others: Mapping[Tool, Suspect], lots: Sequence[LotExposure]
) -> tuple[str, ...]:
    """Date, where all its lots are the newest; tools that the same lots were on as a whole; the
    tester that a site is part of; an ordinary difference, where too little is known of it."""
    kind = one.tool.factor
    found = []
    if one.basis is Basis.BETWEEN:
        newest = {lot.lot for lot in lots[-len(one.lots) :]}
        if kind is not Factor.TIME and set(one.lots) == newest:
            found.append("date: all its lots are the newest")
        found += [
            f"{other.tool}: on the same lots"
            for other in others.values()
            if other is not one and other.basis is one.basis and set(other.lots) == set(one.lots)
        ]
    elif (tester := one.tool.tester) in others:
        found.append(f"{tester}: it is part of it")
    if one.ground is not Ground.OWN and kind is not Factor.TIME:
        found.append(ORDINARY[one.ground].format(kind=kind))
    return tuple(found)
