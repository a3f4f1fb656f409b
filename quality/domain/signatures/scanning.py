"""A spatial scan: is there a shape in which dies fail more often than elsewhere?

Every shape's likelihood ratio is taken against failures spread as they usually are on this product;
random maps with the same total say how large the best of so many shapes gets by chance.
Source: Kulldorff 1997, the scan statistic, here with the shapes of wafer processes for circles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from quality.domain.signatures.shapes import Frame, Pattern, Shapes, Values, shapes
from supplychain.base.deferred import optimize, special

METHOD = "shape-scan-v1"
RANDOM_MAPS = 199
NEAR_FULL_RATIO = 0.8
EULER = 0.5772156649
SHARE_STEP = 0.05
RATIO_FLOOR = 0.002
"""No die is taken to be sure to pass, or to fail."""

Floats: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class DieMap:
    """Places of one wafer, or of several wafers laid on each other. Arrays are (place,).

    x, y: grid positions. tested, bad: dies there, and those whose deciding insertion did not pass;
    every place has been tested. usual: the share that usually fails there, 0 to 1; equal values say
    that no place is worse than another.
    """

    x: tuple[int, ...]
    y: tuple[int, ...]
    tested: Values
    bad: Values
    usual: Values


@dataclass(frozen=True, slots=True)
class Signature:
    """What a map shows.

    p_value: chance of so clear a shape on a map without one; 1 where none was looked for.
    excess: dies that failed in the shape beyond those expected there. dies: places in the shape.
    """

    pattern: Pattern
    p_value: float
    excess: float
    dies: tuple[int, ...]
    method: str = METHOD


def signature(die_map: DieMap, frame: Frame, *, p_max: float = 0.01, seed: int = 0) -> Signature:
    """The pattern of one map. p_max: above it the map shows none, or is random when the whole
    wafer fails more than usual by as small a chance. seed: of the random maps."""
    bad, size = float(die_map.bad.sum()), float(die_map.tested.sum())
    if size and bad / size >= NEAR_FULL_RATIO:
        return Signature(Pattern.NEAR_FULL, 0.0, bad - _expected(die_map), _all(die_map))
    forms = shapes(frame, die_map.x, die_map.y)
    if len(forms.patterns) and 0 < bad < size:
        found = _scan(die_map, forms, seed, p_max)
        if found is not None and found.p_value <= p_max:
            return found
    return _overall(die_map, bad, p_max)


def _overall(die_map: DieMap, bad: float, p_max: float) -> Signature:
    """Random or none: whether more dies fail than usual, whatever their places."""
    usual = np.clip(die_map.usual, RATIO_FLOOR, 1 - RATIO_FLOOR)
    expected = _expected(die_map)
    deviation = math.sqrt(float((die_map.tested * usual * (1 - usual)).sum()))
    score = (bad - 0.5 - expected) / deviation if deviation else 0.0
    p_value = float(special.ndtr(-score))
    pattern = Pattern.RANDOM if p_value <= p_max else Pattern.NONE
    return Signature(pattern, p_value, bad - expected, _all(die_map))


def _scan(die_map: DieMap, forms: Shapes, seed: int, p_max: float) -> Signature | None:
    """The clearest shape; None where no shape is clear enough even if it were the only one."""
    tested, share = die_map.tested, float(die_map.bad.sum() / die_map.tested.sum())
    ratios = tilted(die_map.usual, tested, float(die_map.bad.sum()))
    gains = likelihood_gains(forms.masks, die_map.bad[None, :], tested, tested * ratios)[:, 0]
    if gains.max() < min(special.ndtri(p_max), 0.0) ** 2 / 2:
        return None
    chance = _by_chance(
        forms, _Draw(tested.tobytes(), die_map.usual.tobytes(), round(share / SHARE_STEP), seed)
    )
    clear = np.array([gains[rows].max() for rows in chance.rows]) - chance.usual_best
    winner = int(clear.argmax())
    members = chance.rows[winner]
    mask = forms.masks[members[int(gains[members].argmax())]]
    return Signature(
        forms.patterns[members[0]],
        gumbel_tail(float(clear[winner]), chance.clearest),
        float(die_map.bad[mask].sum() - (tested * ratios)[mask].sum()),
        tuple(int(place) for place in np.flatnonzero(mask)),
    )


@dataclass(frozen=True, slots=True)
class _Draw:
    """What the random maps depend on; floats as bytes, the share of bad dies in SHARE_STEPs."""

    tested: bytes
    usual: bytes
    share: int
    seed: int


@dataclass(frozen=True, slots=True)
class _Chance:
    """Random maps: rows of each pattern's shapes, its gain rarely passed, and each map's clearest
    pattern beyond that."""

    rows: tuple[NDArray[np.intp], ...]
    usual_best: Values
    clearest: Values


@lru_cache(maxsize=256)
def _by_chance(forms: Shapes, draw: _Draw) -> _Chance:
    """Wafers of a lot are alike, so a few sets of random maps serve them all."""
    tested, usual = np.frombuffer(draw.tested), np.frombuffer(draw.usual)
    ratios = tilted(usual, tested, draw.share * SHARE_STEP * float(tested.sum()))
    drawn = np.random.default_rng(draw.seed).binomial(
        np.maximum(tested.round(), 1).astype(np.int64), ratios, size=(RANDOM_MAPS, len(ratios))
    )
    gains = likelihood_gains(forms.masks, drawn.astype(float), tested, tested * ratios)
    names = np.array(forms.patterns)
    rows = tuple(np.flatnonzero(names == pattern) for pattern in sorted(set(forms.patterns)))
    best = np.array([gains[members].max(axis=0) for members in rows])
    usual_best = np.quantile(best, 0.95, axis=1)
    return _Chance(rows, usual_best, (best - usual_best[:, None]).max(axis=0))


def tilted(usual: Values, tested: Values, bad: float) -> Values:
    """The usual ratios moved by one step of log odds, so that so many bad dies are expected."""
    odds = special.logit(np.clip(usual, RATIO_FLOOR, 1 - RATIO_FLOOR))
    size = float(tested.sum())
    target = min(max(bad, RATIO_FLOOR * size), (1 - RATIO_FLOOR) * size)
    step = optimize.brentq(
        lambda by: float((tested * special.expit(odds + by)).sum()) - target, -20, 20
    )
    return np.asarray(special.expit(odds + step))


def likelihood_gains(
    masks: NDArray[np.bool_], bad: Values, tested: Values, expected: Values
) -> Floats:
    """(shape, map): log likelihood gained when dies inside a shape fail more than those outside.

    masks: (shape, place). bad: (map, place). tested, expected: (place,); expected bad dies are
    scaled to each map's total. 0 where the inside fails no more than expected.
    """
    inside = masks.astype(np.float32) @ bad.T.astype(np.float32)
    total = bad.sum(axis=1)[None, :].astype(np.float32)
    share = ((masks @ expected) / expected.sum())[:, None].astype(np.float32)
    size = (masks @ tested)[:, None].astype(np.float32)
    rest = np.float32(tested.sum()) - size
    wanted = share * total
    gain = _divergence(inside, wanted, size) + _divergence(total - inside, total - wanted, rest)
    return np.where(inside > wanted, gain, np.float32(0))


def _divergence(count: Floats, expected: Floats, size: Floats) -> Floats:
    """Size times the divergence of the observed ratio from the expected one."""
    mean = np.clip(expected, RATIO_FLOOR * size, (1 - RATIO_FLOOR) * size)
    good = size - count
    return np.asarray(
        special.xlogy(count, count / mean) + special.xlogy(good, good / (size - mean))
    )


def gumbel_tail(value: float, drawn: Values) -> float:
    """Chance of a largest value this large: the tail of a Gumbel law fitted by moments.

    Finer than counting among the drawn. Source: Abrams, Kulldorff and Kleinman 2010.
    """
    scale = max(float(drawn.std(ddof=1)) * math.sqrt(6) / math.pi, 1e-9)
    place = float(drawn.mean()) - EULER * scale
    return float(-np.expm1(-np.exp(np.clip(-(value - place) / scale, -700, 700))))


def _expected(die_map: DieMap) -> float:
    return float((die_map.tested * die_map.usual).sum())


def _all(die_map: DieMap) -> tuple[int, ...]:
    return tuple(range(len(die_map.x)))
