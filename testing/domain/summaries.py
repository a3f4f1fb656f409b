"""Readings summed up per parameter and site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from testing.domain.records import OUTCOME_CODES, Readings
from testing.domain.words import Outcome

FLOATS = NDArray[np.float64]
SITES = 256  # STDF keeps a site in one byte


@dataclass(frozen=True, slots=True)
class Summaries:
    """One row per parameter and site that has readings; every column is (group,).

    count: finite values; fail_count: readings flagged as failed. The rest is NaN without a finite
    value; deviation: sample, NaN below two. Quartiles interpolate linearly (Hyndman and Fan, 7).
    """

    parameter_index: NDArray[np.int64]
    site: NDArray[np.int64]
    count: NDArray[np.int64]
    fail_count: NDArray[np.int64]
    mean: FLOATS
    deviation: FLOATS
    minimum: FLOATS
    quartile_low: FLOATS
    median: FLOATS
    quartile_high: FLOATS
    maximum: FLOATS


def summarise_readings(readings: Readings, site_of_part: NDArray[np.uint8]) -> Summaries:
    """Summaries in order of parameter and site. site_of_part: (part,)."""
    key = readings.parameter_index.astype(np.int64) * SITES + site_of_part[readings.part_index]
    groups, group = np.unique(key, return_inverse=True)
    is_fail = readings.outcome == OUTCOME_CODES[Outcome.FAIL]
    is_finite = np.isfinite(readings.value)
    count = np.bincount(group[is_finite], minlength=len(groups))
    values = _grouped(readings.value[is_finite], group[is_finite])
    start = np.concatenate(([0], np.cumsum(count)))[: len(groups)]
    mean, deviation = _moments(values, start, count)
    return Summaries(
        parameter_index=groups // SITES,
        site=groups % SITES,
        count=count,
        fail_count=np.bincount(group[is_fail], minlength=len(groups)),
        mean=mean,
        deviation=deviation,
        minimum=_quantile(values, start, count, 0.0),
        quartile_low=_quantile(values, start, count, 0.25),
        median=_quantile(values, start, count, 0.5),
        quartile_high=_quantile(values, start, count, 0.75),
        maximum=_quantile(values, start, count, 1.0),
    )


def _grouped(values: FLOATS, group: NDArray[np.intp]) -> FLOATS:
    """Values group by group, each ascending."""
    return values[np.lexsort((values, group))]


def _moments(
    values: FLOATS, start: NDArray[np.int64], count: NDArray[np.int64]
) -> tuple[FLOATS, FLOATS]:
    mean = np.full(len(count), np.nan)
    deviation = np.full(len(count), np.nan)
    held = count > 0
    if not held.any():
        return mean, deviation
    with np.errstate(over="ignore", invalid="ignore"):
        mean[held] = np.add.reduceat(values, start[held]) / count[held]
        squares = np.square(values - np.repeat(mean[held], count[held]))
        spread = np.add.reduceat(squares, start[held])
        several = count[held] > 1
        deviation[count > 1] = np.sqrt(spread[several] / (count[held][several] - 1))
    return mean, deviation


def _quantile(
    values: FLOATS, start: NDArray[np.int64], count: NDArray[np.int64], fraction: float
) -> FLOATS:
    result = np.full(len(count), np.nan)
    held = count > 0
    place = (count[held] - 1) * fraction
    below = np.floor(place).astype(np.int64)
    above = np.ceil(place).astype(np.int64)
    low, high = values[start[held] + below], values[start[held] + above]
    weight = place - below
    result[held] = low * (1 - weight) + high * weight
    return result
