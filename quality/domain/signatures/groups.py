"""A group of wafers with the same shape, among others of the lot without it.

Laid on each other, a few bad wafers drown in the good ones. So each wafer is asked by itself, and
what one wafer can say is bounded: an odd wafer makes no pattern of a lot. A shape is looked for on
as many wafers as it takes to cost what is worth telling: a small one on a few comes by chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quality.domain.signatures.scanning import RATIO_FLOOR
from quality.domain.signatures.shapes import Mask, Pattern, Shapes, Values
from supplychain.base.deferred import special

METHOD = "wafer-group-v4"
KILLED = 0.8
"""Share that a shape makes fail of the dies in it that would pass: the yields of independent causes
multiply. Source: Stapper, Armstrong and Saji 1983."""

SHARE = 0.2
"""Of the wafers of a lot that are thought to have the shape before they are looked at."""

EVIDENCE_MAX = 10_000.0
"""What one wafer may weigh: less than any shape among so many needs."""

LEVELS = tuple(step * 0.225 for step in range(-4, 5))
"""Log odds around the level of a wafer as it is: the dies in a shape have moved it."""

SPREAD_MIN = 0.15
SPREAD_FREEDOM = 4
"""Log odds by which wafers of a lot differ at least, and the freedom of Student's t about them."""

CANDIDATES = 1000
"""Shapes that are weighed with care; what others would add is left out."""

MAD_TO_SIGMA = 1.4826
EXPONENT_MAX = 80.0
NO_CHANCE = 1e-300
NEWTON_STEPS = 12
STEP_MAX = 2.0


@dataclass(frozen=True, slots=True)
class WaferMaps:
    """Wafers of one lot. tested, bad: (wafer, place), dies there and those that failed.

    usual: (place,), the share that usually fails there, 0 to 1.
    """

    tested: Values
    bad: Values
    usual: Values


@dataclass(frozen=True, slots=True)
class Group:
    """The pattern that some wafers of a lot have in common.

    p_value: bounds the chance of so much evidence where no wafer has a shape. wafers: rows that
    more likely have it than not. excess: dies that failed in the shape on these wafers, beyond
    those expected by the dies outside it. dies: places in the shape.
    """

    pattern: Pattern
    p_value: float
    excess: float
    dies: tuple[int, ...]
    wafers: tuple[int, ...]
    method: str = METHOD


def group_of(maps: WaferMaps, forms: Shapes, loss_min: float) -> Group | None:
    """The pattern with most evidence; None where no shape fits on the wafer or could cost so much,
    or no die is bad. loss_min: share of the lot's dies that a pattern costs, or is not looked for.

    The evidence of a shape is a likelihood ratio: each wafer has it with chance SHARE, and so many
    have it that it costs loss_min, or none has. Its mean over the shapes, as they weigh, is 1 at
    most in expectation without a pattern, so that the chance of evidence e is 1/e at most. Source:
    Vovk and Wang 2021.
    """
    if not len(forms.patterns) or not maps.bad.any():
        return None
    levels = own_levels(maps)
    least = _least_wafers(maps, forms.masks, loss_min)
    weights = forms.weights * special.bdtrc(least - 1, len(maps.bad), SHARE)
    if not weights.any():
        return None
    chosen = _candidates(maps, levels, forms, least)
    masks, names = forms.masks[chosen], np.array([forms.patterns[one] for one in chosen])
    single = _ratios(maps, levels, masks, LEVELS)
    together = _together(single, least[chosen]) - math.log(float(weights.sum()))
    peak = float(together.max())
    shares = forms.weights[chosen] * np.exp(together - peak)
    pattern = max(sorted(set(names)), key=lambda one: float(shares[names == one].sum()))
    members = np.flatnonzero(names == pattern)
    best = members[int(together[members].argmax())]
    wafers = np.flatnonzero(single[best] > 1 / SHARE - 1)
    return Group(
        pattern=Pattern(pattern),
        p_value=math.exp(min(0.0, -peak - math.log(float(shares.sum())))),
        excess=_excess(maps, masks[best], wafers),
        dies=tuple(int(place) for place in np.flatnonzero(masks[best])),
        wafers=tuple(int(row) for row in wafers),
    )


def _excess(maps: WaferMaps, mask: Mask, wafers: NDArray[np.intp]) -> float:
    tested, bad = maps.tested[wafers], maps.bad[wafers]
    levels = own_levels(WaferMaps(tested[:, ~mask], bad[:, ~mask], maps.usual[~mask]))
    expected = tested[:, mask] * ratios_at(maps.usual[mask], levels)
    return float((bad[:, mask] - expected).sum())


def _least_wafers(maps: WaferMaps, masks: Mask, loss_min: float) -> NDArray[np.int64]:
    """(shape,): wafers that must have it for the share loss_min of all dies to be lost in it; one
    more than there are where all of them are too few. Nothing that failed on the lot is asked."""
    lost = KILLED * (masks @ (maps.tested.mean(axis=0) * (1 - maps.usual)))
    least = np.ceil(loss_min * maps.tested.sum() / np.maximum(lost, RATIO_FLOOR))
    return np.asarray(np.minimum(least, len(maps.bad) + 1), np.int64)


def _candidates(
    maps: WaferMaps, own: Values, forms: Shapes, least: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Rows of the shapes with most evidence while each wafer is held at its own level."""
    if len(forms.weights) <= CANDIDATES:
        return np.arange(len(forms.weights))
    rough = _together(_ratios(maps, own, forms.masks, (0.0,)), least) + np.log(forms.weights)
    return np.sort(np.argpartition(rough, -CANDIDATES)[-CANDIDATES:])


def _together(single: Values, least: NDArray[np.int64]) -> Values:
    """(shape,): log of the likelihood ratio of all wafers and the chance that at least so many have
    the shape, each with chance SHARE. Summed up by how many have it, wafer after wafer."""
    sums = np.zeros((single.shape[1] + 1, len(single)))
    sums[0] = 1.0
    for ratios in single.T:
        with_it = SHARE * ratios * sums[:-1]
        sums *= 1 - SHARE
        sums[1:] += with_it
    counted = np.arange(len(sums))[:, None] >= least
    return np.asarray(np.log(np.maximum((sums * counted).sum(axis=0), NO_CHANCE)))


def own_levels(maps: WaferMaps) -> Values:
    """(wafer,): log odds that move the usual ratios to as many bad dies as each wafer has."""
    size = maps.tested.sum(axis=1)
    target = np.clip(maps.bad.sum(axis=1), 0.5, np.maximum(size - 0.5, 0.5))
    levels = np.zeros(len(size))
    for _ in range(NEWTON_STEPS):
        ratios = ratios_at(maps.usual, levels)
        slope = np.maximum((maps.tested * ratios * (1 - ratios)).sum(axis=1), RATIO_FLOOR)
        short = target - (maps.tested * ratios).sum(axis=1)
        levels = levels + np.clip(short / slope, -STEP_MAX, STEP_MAX)
    return np.asarray(levels)


def ratios_at(usual: Values, levels: Values) -> Values:
    """(wafer, place): the usual ratios, moved on each wafer by log odds to its level."""
    odds = special.logit(np.clip(usual, RATIO_FLOOR, 1 - RATIO_FLOOR))[None, :]
    found = special.expit(odds + levels[:, None])
    return np.asarray(np.clip(found, RATIO_FLOOR, 1 - RATIO_FLOOR))


def _ratios(maps: WaferMaps, own: Values, masks: Mask, levels: Sequence[float]) -> Values:
    """(shape, wafer): likelihood ratio of the wafer having the shape, bounded.

    A mean over levels that the wafer may be at, each weighing as its dies and the levels of the
    other wafers say where no shape is. own: levels of the wafers as they are.
    """
    inside, good = masks.astype(np.float32), maps.tested - maps.bad
    middle, spread = _levels_of_lot(maps, own)
    fits = []
    for step in levels:
        here = ratios_at(maps.usual, own + step)
        fit = (maps.bad * np.log(here) + good * np.log(1 - here)).sum(axis=1)
        fits.append(fit + _log_tail((own + step - middle) / spread))
    found = np.zeros((len(masks), len(maps.bad)), np.float32)
    for step, chance in zip(levels, special.softmax(fits, axis=0), strict=True):
        here = ratios_at(maps.usual, own + step)
        gains = maps.bad * np.log(1 / here * KILLED + 1 - KILLED) + good * math.log(1 - KILLED)
        odds = np.exp(np.minimum(inside @ gains.T.astype(np.float32), EXPONENT_MAX))
        found += chance.astype(np.float32) * odds
    return np.minimum(found, EVIDENCE_MAX).astype(float)


def _levels_of_lot(maps: WaferMaps, own: Values) -> tuple[float, float]:
    """Middle and spread of the wafers' levels, in log odds, with little heed to a few odd ones.

    The spread is what is left beyond chance, at least SPREAD_MIN.
    """
    ratios = ratios_at(maps.usual, own)
    known = np.maximum((maps.tested * ratios * (1 - ratios)).sum(axis=1), RATIO_FLOOR)
    middle = float(np.median(own))
    seen = MAD_TO_SIGMA * float(np.median(np.abs(own - middle)))
    left = seen**2 - float(np.median(1 / known))
    return middle, math.sqrt(max(left, SPREAD_MIN**2))


def _log_tail(distances: Values) -> Values:
    """Log density of Student's t, less a constant."""
    return np.asarray(-(SPREAD_FREEDOM + 1) / 2 * np.log1p(distances**2 / SPREAD_FREEDOM))
