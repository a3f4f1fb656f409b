"""Many tests at once, and tests without end: which p-values may be believed."""

from __future__ import annotations

import math
from collections.abc import Sequence


def benjamini_hochberg(p_values: Sequence[float], size: int | None = None) -> list[float]:
    """Adjusted p-values in the given order; of those below q, at most q are false discoveries.

    size: of the whole family where it is larger; tests that are not given have a p-value of 1.
    """
    given = len(p_values)
    family = given if size is None else size
    order = sorted(range(given), key=lambda index: p_values[index], reverse=True)
    adjusted, running = [1.0] * given, 1.0
    for place, index in enumerate(order):
        running = min(running, p_values[index] * family / (given - place))
        adjusted[index] = running
    return adjusted


def bonferroni(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values; below alpha means: a single false one has at most that chance."""
    return [min(1.0, value * len(p_values)) for value in p_values]


def lord_gamma(place: int) -> float:
    """Weight of the place-th test (1, 2, …) after a discovery. Source: Javanmard 2018."""
    return 0.07720838 * math.log(max(place, 2)) / (place * math.exp(math.sqrt(math.log(place))))


def lond(p_values: Sequence[float], alpha: float) -> list[tuple[float, bool]]:
    """Threshold and verdict of each test in order of time: LOND. Source: Javanmard 2015."""
    answers: list[tuple[float, bool]] = []
    found = 0
    for place, value in enumerate(p_values, start=1):
        threshold = alpha * lord_gamma(place) * (found + 1)
        rejected = value <= threshold
        found += rejected
        answers.append((threshold, rejected))
    return answers


def lord_plus_plus(
    p_values: Sequence[float], alpha: float, wealth: float
) -> list[tuple[float, bool]]:
    """Threshold and verdict of each test in order of time: LORD++. 0 < wealth < alpha.

    Source: Ramdas 2017.
    """
    answers: list[tuple[float, bool]] = []
    found: list[int] = []
    for place, value in enumerate(p_values, start=1):
        threshold = wealth * lord_gamma(place)
        for order, earlier in enumerate(found):
            gain = alpha - wealth if order == 0 else alpha
            threshold += gain * lord_gamma(place - earlier)
        rejected = value <= threshold
        if rejected:
            found.append(place)
        answers.append((threshold, rejected))
    return answers
