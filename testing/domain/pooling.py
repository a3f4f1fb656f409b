"""Summaries per site pooled into one per parameter, and how far its sites lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supplychain.base.deferred import stats

FLOATS = NDArray[np.float64]
COUNTS = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SiteSummaries:
    """One row per parameter and site; every column is (row,), group: its parameter from 0.

    executed: readings, with a value or without; count: finite values. mean is NaN without any,
    deviation (sample) below two.
    """

    group: COUNTS
    executed: COUNTS
    count: COUNTS
    fail_count: COUNTS
    mean: FLOATS
    deviation: FLOATS
    minimum: FLOATS
    maximum: FLOATS


@dataclass(frozen=True, slots=True)
class Pooled:
    """One row per parameter; every column is (parameter,).

    deviation: sample, of all values. within: pooled over sites, so free of differences between
    them. site_gap: largest difference of two sites' means, in deviations within. site_share: share
    of the variance that the site explains (eta squared). site_p: one-way ANOVA. NaN where there are
    too few values or, for the last three, fewer than two sites or no spread.
    """

    executed: COUNTS
    count: COUNTS
    fail_count: COUNTS
    mean: FLOATS
    deviation: FLOATS
    within: FLOATS
    minimum: FLOATS
    maximum: FLOATS
    site_gap: FLOATS
    site_share: FLOATS
    site_p: FLOATS


def pool_sites(sites: SiteSummaries, groups: int) -> Pooled:
    """Exact, without the values: squares within sites plus squares between them."""
    held = sites.count > 0
    group = sites.group[held]
    count: FLOATS = sites.count[held].astype(np.float64)
    total: FLOATS = np.bincount(group, count, groups).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        mean = np.bincount(group, count * sites.mean[held], groups) / total
        spread = np.where(count > 1, np.square(sites.deviation[held]) * (count - 1), 0.0)
        inside: FLOATS = np.bincount(group, spread, groups).astype(np.float64)
        apart = count * np.square(sites.mean[held] - mean[group])
        between: FLOATS = np.bincount(group, apart, groups).astype(np.float64)
        site_count: FLOATS = np.bincount(group, minlength=groups).astype(np.float64)
        within = _root(inside, total - site_count)
        lowest = _extreme(np.minimum, group, sites.mean[held], groups)
        highest = _extreme(np.maximum, group, sites.mean[held], groups)
        several = (site_count > 1) & (within > 0)
        ratio = between / (site_count - 1) / np.square(within)
        return Pooled(
            executed=np.bincount(sites.group, sites.executed, groups).astype(np.int64),
            count=total.astype(np.int64),
            fail_count=np.bincount(sites.group, sites.fail_count, groups).astype(np.int64),
            mean=mean,
            deviation=_root(inside + between, total - 1),
            within=within,
            minimum=_extreme(np.minimum, group, sites.minimum[held], groups),
            maximum=_extreme(np.maximum, group, sites.maximum[held], groups),
            site_gap=np.where(several, (highest - lowest) / within, np.nan),
            site_share=np.where(several, between / (inside + between), np.nan),
            site_p=np.where(several, stats.f.sf(ratio, site_count - 1, total - site_count), np.nan),
        )


def _root(squares: FLOATS, freedom: FLOATS) -> FLOATS:
    return np.where(freedom > 0, np.sqrt(squares / np.where(freedom > 0, freedom, 1)), np.nan)


def _extreme(take: np.ufunc, group: COUNTS, values: FLOATS, groups: int) -> FLOATS:
    """The smallest or largest value of each group; NaN for a group without any."""
    start = np.inf if take is np.minimum else -np.inf
    found = np.full(groups, start)
    take.at(found, group, values)
    return np.where(np.bincount(group, minlength=groups) > 0, found, np.nan)
