"""What a figure of lots is measured in, and the scale on which its lots spread alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from supplychain.base.deferred import special


class Measure(StrEnum):
    """Units of units; counts for each of something; a value of its own; a time, which is skewed."""

    SHARE = "share"
    RATE = "rate"
    VALUE = "value"
    DURATION = "duration"


COUNTED = frozenset({Measure.SHARE, Measure.RATE})
SCALES = {Measure.SHARE: "logit", Measure.RATE: "log", Measure.DURATION: "log", Measure.VALUE: ""}
"""What the scale is called; a value is its own."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one lot shows. value: the figure; a time is above 0. size: units, wafers or values.

    counted: of shares and rates, whose value is counted / size.
    """

    value: float
    counted: int
    size: int


def score_of(measure: Measure, sample: Sample) -> float:
    """On the scale where the spread hardly depends on the level; counts half a unit from 0."""
    if measure is Measure.SHARE:
        return math.log((sample.counted + 0.5) / (sample.size - sample.counted + 0.5))
    if measure is Measure.RATE:
        return math.log((sample.counted + 0.5) / sample.size)
    return scaled(measure, sample.value)


def scaled(measure: Measure, value: float) -> float:
    """A level of the figure on its scale; a share strictly between 0 and 1, times above 0."""
    if measure is Measure.SHARE:
        return float(special.logit(value))
    return value if measure is Measure.VALUE else math.log(value)


def told(measure: Measure, score: float) -> float:
    """The level of the figure that lies there on the scale."""
    if measure is Measure.SHARE:
        return float(special.expit(score))
    return score if measure is Measure.VALUE else math.exp(score)


@dataclass(frozen=True, slots=True)
class Part:
    """Values that were summed up before. count: above 0."""

    count: int
    mean: float
    median: float


def pooled_mean(parts: Sequence[Part]) -> float:
    """Mean of all values behind the parts."""
    return math.fsum(part.count * part.mean for part in parts) / sum(part.count for part in parts)


def middle_median(parts: Sequence[Part]) -> float:
    """The median of a part at which half of all values are reached; of one part, its own.

    The values themselves are not read: their median lies between the lowest and the highest.
    """
    half, reached = sum(part.count for part in parts) / 2, 0
    for part in sorted(parts, key=lambda one: one.median):
        reached += part.count
        if reached >= half:
            return part.median
    raise AssertionError("there is a part")
