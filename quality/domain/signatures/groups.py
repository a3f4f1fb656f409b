"""A group of wafers with the same shape, among others of the lot without it.

Laid on each other, a few bad wafers drown in the good ones. So each wafer is asked by itself, and
what one wafer can say is bounded: an odd wafer makes no pattern of a lot.
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

METHOD = "wafer-group-v2"
RAISED = 2.5
"""Log odds by which dies inside a shape fail more often."""

SHARE = 0.2
"""Of the wafers of a lot that are thought to have the shape before they are looked at."""

EVIDENCE_MAX = 10_000.0
"""What one wafer may weigh: less than any shape among so many needs."""

LEVELS = (-0.9, -0.45, 0.0, 0.45, 0.9)
"""Log odds around the level of a wafer as it is: the dies in a shape have moved it."""

CANDIDATES = 500
"""Shapes that are weighed with care; what others would add is left out."""

EXPONENT_MAX = 80.0
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

    p_value: bounds the chance of so much evidence where no wafer has a shape. excess: dies that
    failed in the shape beyond those expected there, on all wafers. dies: places in the shape.
    wafers: rows that more likely have it than not.
    """

    pattern: Pattern
    p_value: float
    excess: float
    dies: tuple[int, ...]
    wafers: tuple[int, ...]
    method: str = METHOD


def group_of(maps: WaferMaps, forms: Shapes) -> Group | None:
    """The pattern with most evidence; None where no shape fits on the wafer, or no die is bad.

    The evidence of a shape is a likelihood ratio: each wafer has it with chance SHARE, or none has.
    Its mean over the shapes, as they weigh, is 1 at most in expectation without a pattern, so that
    the chance of evidence e is 1/e at most. Source: Vovk and Wang 2021.
    """
    if not len(forms.patterns) or not maps.bad.any():
        return None
    ratios = levelled(maps)
    chosen = _candidates(maps, ratios, forms)
    masks, names = forms.masks[chosen], np.array([forms.patterns[one] for one in chosen])
    single = _ratios(maps, ratios, masks, LEVELS)
    together = _together(single)
    peak = float(together.max())
    shares = forms.weights[chosen] * np.exp(together - peak)
    pattern = max(sorted(set(names)), key=lambda one: float(shares[names == one].sum()))
    members = np.flatnonzero(names == pattern)
    best = members[int(together[members].argmax())]
    return Group(
        pattern=Pattern(pattern),
        p_value=math.exp(min(0.0, -peak - math.log(float(shares.sum())))),
        excess=float((maps.bad - maps.tested * ratios)[:, masks[best]].sum()),
        dies=tuple(int(place) for place in np.flatnonzero(masks[best])),
        wafers=tuple(int(row) for row in np.flatnonzero(single[best] > 1 / SHARE - 1)),
    )


def _candidates(maps: WaferMaps, ratios: Values, forms: Shapes) -> NDArray[np.intp]:
    """Rows of the shapes with most evidence while each wafer is held at its own level."""
    if len(forms.weights) <= CANDIDATES:
        return np.arange(len(forms.weights))
    rough = _together(_ratios(maps, ratios, forms.masks, (0.0,))) + np.log(forms.weights)
    return np.sort(np.argpartition(rough, -CANDIDATES)[-CANDIDATES:])


def _together(single: Values) -> Values:
    """(shape,): log likelihood ratio of all wafers; each has the shape with chance SHARE."""
    return np.asarray(np.log1p(SHARE * (single - 1)).sum(axis=1))


def levelled(maps: WaferMaps) -> Values:
    """(wafer, place): the usual ratios, moved on each wafer by log odds to its own level."""
    odds = special.logit(np.clip(maps.usual, RATIO_FLOOR, 1 - RATIO_FLOOR))[None, :]
    size = maps.tested.sum(axis=1)
    target = np.clip(maps.bad.sum(axis=1), 0.5, np.maximum(size - 0.5, 0.5))
    step = np.zeros((len(size), 1))
    for _ in range(NEWTON_STEPS):
        ratios = special.expit(odds + step)
        slope = np.maximum((maps.tested * ratios * (1 - ratios)).sum(axis=1), RATIO_FLOOR)
        short = target - (maps.tested * ratios).sum(axis=1)
        step += np.clip(short / slope, -STEP_MAX, STEP_MAX)[:, None]
    return np.asarray(np.clip(special.expit(odds + step), RATIO_FLOOR, 1 - RATIO_FLOOR))


def _ratios(maps: WaferMaps, ratios: Values, masks: Mask, levels: Sequence[float]) -> Values:
    """(shape, wafer): likelihood ratio of the wafer having the shape, bounded.

    A mean over levels that the wafer may be at, each weighing as its dies say where no shape is.
    """
    inside, good = masks.astype(np.float32), maps.tested - maps.bad
    here = [_moved(ratios, step) for step in levels]
    chances = special.softmax(
        [(maps.bad * np.log(one) + good * np.log(1 - one)).sum(axis=1) for one in here], axis=0
    )
    found = np.zeros((len(masks), len(maps.bad)), np.float32)
    for one, chance in zip(here, chances.astype(np.float32), strict=True):
        raised = _moved(one, RAISED)
        gains = maps.bad * np.log(raised / one) + good * np.log((1 - raised) / (1 - one))
        found += chance * np.exp(np.minimum(inside @ gains.T.astype(np.float32), EXPONENT_MAX))
    return np.minimum(found, EVIDENCE_MAX).astype(float)


def _moved(ratios: Values, step: float) -> Values:
    odds = special.logit(ratios) + step
    return np.asarray(np.clip(special.expit(odds), RATIO_FLOOR, 1 - RATIO_FLOOR))
