"""Comparing proportions: one site with its siblings, one tool with the others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from quality.domain.dispersion import Count, chi2_median
from quality.domain.multiplicity import benjamini_hochberg
from supplychain.base.deferred import stats

Table = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class SiteVerdict:
    """One site beside all the others of the same lot and step.

    value, others: pass ratios. effect: value - others; below 0 is worse. p_value: two-sided.
    """

    value: float
    others: float
    effect: float
    units: int
    p_value: float
    p_adjusted: float
    method: str


def compare_sites(sites: Sequence[Count], dispersion: float = 1.0) -> list[SiteVerdict]:
    """Each site against the rest, in the given order; empty below two sites.

    Exact test; where ordinary lots differ between sites by more than chance (dispersion > 1), also
    χ² divided by it, and the larger p counts. p_adjusted: Benjamini-Hochberg over all the sites.
    """
    if len(sites) < 2:
        return []
    passed, units = sum(s.passed for s in sites), sum(s.units for s in sites)
    rests = [Count(passed - site.passed, units - site.units) for site in sites]
    p_values = [_p_value(site, rest, dispersion) for site, rest in zip(sites, rests, strict=True)]
    return [
        SiteVerdict(
            value=site.ratio,
            others=rest.ratio,
            effect=site.ratio - rest.ratio,
            units=site.units,
            p_value=p_value,
            p_adjusted=adjusted,
            method="fisher-bh-v1" if dispersion <= 1 else "fisher-inflated-chi2-bh-v1",
        )
        for site, rest, p_value, adjusted in zip(
            sites, rests, p_values, benjamini_hochberg(p_values), strict=True
        )
    ]


def worst_effect(sites: Sequence[Count]) -> float:
    """The lowest effect of any of the sites, cheap to find; 0 below two sites."""
    if len(sites) < 2:
        return 0.0
    return min(site_effects(sites))


def site_effects(sites: Sequence[Count]) -> list[float]:
    """Ratio of each site less that of all the others; two sites or more."""
    passed, units = sum(s.passed for s in sites), sum(s.units for s in sites)
    return [s.ratio - (passed - s.passed) / (units - s.units) for s in sites]


def _p_value(site: Count, rest: Count, dispersion: float) -> float:
    exact = fisher(
        [[site.passed, site.units - site.passed], [rest.passed, rest.units - rest.passed]]
    )
    if dispersion <= 1:
        return exact
    statistic, _ = homogeneity([site, rest])
    return max(exact, float(stats.chi2.sf(statistic / dispersion, 1)))


def fisher(table: Table, *, greater: bool = False) -> float:
    """p of a 2 x 2 table by Fisher's exact test, two-sided or for odds above 1."""
    answer = stats.fisher_exact(
        np.asarray(table), alternative="greater" if greater else "two-sided"
    )
    return float(min(1.0, answer.pvalue))


def homogeneity(counts: Sequence[Count]) -> tuple[float, int]:
    """χ² of equal ratios and its degrees of freedom; 0 when every unit passed or none did."""
    passed, units = sum(c.passed for c in counts), sum(c.units for c in counts)
    pooled = passed / units
    if pooled in (0, 1):
        return 0.0, len(counts) - 1
    statistic = sum((c.passed - c.units * pooled) ** 2 / c.units for c in counts)
    return statistic / (pooled * (1 - pooled)), len(counts) - 1


def site_dispersion(lots: Sequence[Sequence[Count]], lots_min: int) -> float:
    """How much sites of ordinary lots differ beyond chance, 1 or more.

    The median over lots of χ² over its own median, so that one bad lot does not hide the next.
    1 when fewer than lots_min lots have two sites or more.
    """
    shown = [
        statistic / chi2_median(degrees)
        for statistic, degrees in (homogeneity(sites) for sites in lots if len(sites) > 1)
    ]
    return max(1.0, median(shown)) if len(shown) >= lots_min else 1.0


def step_dispersion(
    lots: Sequence[Mapping[str, Count]], sites: Sequence[str], lots_min: int
) -> float:
    """How much a site's difference from its siblings changes between lots beyond chance, 1 or more.

    lots: of one tester in order of time, site → its count. The median square of the change, over
    its variance by chance, over the median of χ²: a fault that stays changes once, so that it does
    not hide itself. 1 for fewer than lots_min changes.
    """
    shown = [
        change
        for before, after in pairwise(lots)
        for site in sites
        if (change := _change(before, after, site)) is not None
    ]
    return max(1.0, median(shown) / chi2_median(1)) if len(shown) >= lots_min else 1.0


def _change(before: Mapping[str, Count], after: Mapping[str, Count], site: str) -> float | None:
    """Square of the change over its variance; None where either has no such site or no other."""
    if any(site not in lot or len(lot) < 2 for lot in (before, after)):
        return None
    (first, chance), (second, later) = (_difference(lot, site) for lot in (before, after))
    total = chance + later
    return (second - first) ** 2 / total if total else 0.0


def _difference(lot: Mapping[str, Count], site: str) -> tuple[float, float]:
    """Ratio of a site less that of the others, and its variance by chance."""
    passed, units = sum(s.passed for s in lot.values()), sum(s.units for s in lot.values())
    one = lot[site]
    rest = Count(passed - one.passed, units - one.units)
    chance = sum(each.ratio * (1 - each.ratio) / each.units for each in (one, rest))
    return one.ratio - rest.ratio, chance


@dataclass(frozen=True, slots=True)
class StratifiedTest:
    """Cochran-Mantel-Haenszel: one odds ratio over all strata, and whether it differs from 1."""

    statistic: float
    p_value: float
    odds_ratio: float


def mantel_haenszel(tables: Sequence[Table]) -> StratifiedTest:
    """Association of a 2 x 2 table within strata (product, lot, time), continuity corrected."""
    cells = np.asarray(tables, dtype=float)
    a, b, c, d = cells[:, 0, 0], cells[:, 0, 1], cells[:, 1, 0], cells[:, 1, 1]
    total = a + b + c + d
    expected = (a + b) * (a + c) / total
    spread = (a + b) * (c + d) * (a + c) * (b + d) / (total**2 * (total - 1))
    distance = abs(float((a - expected).sum())) - 0.5
    statistic = max(distance, 0.0) ** 2 / float(spread.sum())
    return StratifiedTest(
        statistic=statistic,
        p_value=float(stats.chi2.sf(statistic, 1)),
        odds_ratio=float((a * d / total).sum() / (b * c / total).sum()),
    )


def miss_probability(shift: float, units: int) -> float:
    """Chance that a 3-sigma chart of subgroup means misses a shift (in sigmas) on one point."""
    moved = shift * math.sqrt(units)
    return float(stats.norm.cdf(3 - moved) - stats.norm.cdf(-3 - moved))
