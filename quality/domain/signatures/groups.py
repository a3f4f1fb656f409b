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
from quality.domain.signatures.shapes import Pattern, Shapes, Values
from supplychain.base.deferred import special

METHOD = "wafer-group-v1"
RAISED = 2.5
"""Log odds by which dies inside a shape fail more often."""

SHARE = 0.25
"""Of the wafers of a lot that are thought to have the shape before they are looked at."""

EVIDENCE_MAX = 10_000.0
"""What one wafer may weigh: less than any shape among so many needs."""

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
    Its mean over the shapes, every kind of pattern weighing the same, is 1 at most in expectation
    without a pattern, so that the chance of evidence e is 1/e at most. Source: Vovk and Wang 2021.
    """
    if not len(forms.patterns) or not maps.bad.any():
        return None
    ratios = levelled(maps)
    single = _evidence(maps, ratios, forms.masks)
    together = np.log1p(SHARE * np.expm1(single)).sum(axis=1)
    peak = float(together.max())
    shares = _weights(forms.patterns) * np.exp(together - peak)
    names = np.array(forms.patterns)
    pattern = max(sorted(set(forms.patterns)), key=lambda one: float(shares[names == one].sum()))
    members = np.flatnonzero(names == pattern)
    best = members[int(together[members].argmax())]
    mask = forms.masks[best]
    return Group(
        pattern=pattern,
        p_value=math.exp(min(0.0, -peak - math.log(float(shares.sum())))),
        excess=float((maps.bad - maps.tested * ratios)[:, mask].sum()),
        dies=tuple(int(place) for place in np.flatnonzero(mask)),
        wafers=tuple(int(row) for row in np.flatnonzero(single[best] > math.log(1 / SHARE - 1))),
    )


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


def _evidence(maps: WaferMaps, ratios: Values, masks: NDArray[np.bool_]) -> Values:
    """(shape, wafer): log likelihood ratio of the wafer having the shape, bounded."""
    raised = special.expit(special.logit(ratios) + RAISED)
    good = maps.tested - maps.bad
    gains = maps.bad * np.log(raised / ratios) + good * np.log((1 - raised) / (1 - ratios))
    inside = masks.astype(np.float32) @ gains.T.astype(np.float32)
    return np.asarray(np.minimum(inside.astype(float), math.log(EVIDENCE_MAX)))


def _weights(patterns: Sequence[Pattern]) -> Values:
    """(shape,): each kind weighs the same, and so does each shape of a kind; the sum is 1."""
    kinds, which, counts = np.unique(np.array(patterns), return_inverse=True, return_counts=True)
    return np.asarray(1 / (len(kinds) * counts[which]))
