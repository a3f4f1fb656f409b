"""Limits that people approve: what is asked, what history proposes, and which version counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean, median, quantiles, stdev
from typing import Protocol, TypeVar

from quality.domain.dispersion import Count
from quality.domain.limits import (
    BASELINE_LOTS_MIN,
    Band,
    Side,
    part_average_band,
    prediction_reach,
    robust_sigma,
    tightened,
)
from quality.domain.words import LimitKind, LimitState
from supplychain.base.deferred import stats

PREDICTED_BELOW_LOTS = 30
"""A shorter history gives prediction limits: with six lots 3 sigma alarm 14 times too often."""

PARTS_PER_LOT_MIN = 30
"""Fewer parts a lot make a part limit provisional. Source: AEC-Q001."""

YIELD_KINDS = frozenset({LimitKind.SYL, LimitKind.SPEC})
TEST_KINDS = frozenset({LimitKind.STATIC_PAT, LimitKind.DYNAMIC_PAT, LimitKind.NNR})
PART_KINDS = TEST_KINDS | {LimitKind.GDBN}


@dataclass(frozen=True, slots=True)
class LimitAsked:
    """What a limit is about and how it is computed.

    subject: `final-yield` or `first-yield` (SYL, spec), a hard bin (SBL), a test's name (PAT, NNR);
    of a chart one of `domain.figures`.
    lots_max: newest lots of the history. units_min: smaller lots are left out. sigmas: distance.
    share_min: failing share of neighbours (GDBN). count_min: outliers in a lot that flag it.
    ratio_min: of a spec, typed in; 0 to 1.
    """

    product_id: int
    step_code: str
    kind: LimitKind
    subject: str = ""
    parameter_id: int | None = None
    lots_max: int = 60
    units_min: int = 20
    sigmas: float = 3
    share_min: float = 0.75
    count_min: int = 1
    ratio_min: float | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Limits as computed: ratios for lots and bins, base units for tests; None: no such limit."""

    low: float | None
    middle: float | None
    high: float | None
    sigma: float | None
    method: str
    is_provisional: bool


def lot_proposal(counts: Sequence[Count], sigmas: float, side: Side) -> Proposal | None:
    """SYL (low) or SBL (high) from lots of one series. None below two lots.

    From 30 lots: median ± k robust sigma. Below: mean ± t·s·√(1 + 1/m) at the normal tail of k
    sigma. The spread is never taken below chance. Source: AEC-Q002.
    """
    if len(counts) < 2:
        return None
    ratios = [count.ratio for count in counts]
    is_short = len(counts) < PREDICTED_BELOW_LOTS
    middle = fmean(ratios) if is_short else median(ratios)
    low, _, high = quantiles(ratios, n=4, method="inclusive")
    sigma = max(stdev(ratios) if is_short else robust_sigma(low, high), _chance(counts, middle))
    tail = float(stats.norm.sf(sigmas))
    reach = (prediction_reach(len(counts), tail) if is_short else sigmas) * sigma
    return Proposal(
        low=max(0.0, middle - reach) if side is Side.LOW else None,
        middle=middle,
        high=min(1.0, middle + reach) if side is Side.HIGH else None,
        sigma=sigma,
        method=f"prediction-{sigmas:g}s-v1" if is_short else f"robust-{sigmas:g}s-v1",
        is_provisional=len(counts) < BASELINE_LOTS_MIN,
    )


def _chance(counts: Sequence[Count], ratio: float) -> float:
    """Deviation of a lot of median size by chance alone; half a unit from 0 and 1 at the least."""
    units = median(count.units for count in counts)
    shifted = (ratio * units + 0.5) / (units + 1)
    return math.sqrt(shifted * (1 - shifted) / units)


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Of values; parts: how many, lots: from how many lots."""

    low: float
    median: float
    high: float
    parts: int
    lots: int


def part_proposal(
    found: Quartiles, sigmas: float, low: float | None = None, high: float | None = None
) -> Proposal | None:
    """Median ± k robust sigma, never looser than the specification. None for an IQR of 0."""
    band = part_average_band(found.low, found.median, found.high, sigmas)
    if band is None:
        return None
    kept = tightened(band, low, high)
    is_short = found.lots < BASELINE_LOTS_MIN or found.parts < PARTS_PER_LOT_MIN * found.lots
    sigma = robust_sigma(found.low, found.high)
    return Proposal(kept.low, kept.middle, kept.high, sigma, kept.method, is_short)


def band_of(proposal: Proposal) -> Band | None:
    """Both limits of a part proposal; None where it has none."""
    low, middle, high = proposal.low, proposal.middle, proposal.high
    if low is None or middle is None or high is None:
        return None
    return Band(low, middle, high, proposal.method)


def without_history(asked: LimitAsked) -> Proposal | None:
    """Of kinds that are typed in, or are taken from each lot itself. None for the others."""
    if asked.kind is LimitKind.SPEC:
        return Proposal(asked.ratio_min, None, None, None, "spec-v1", False)
    if asked.kind is LimitKind.DYNAMIC_PAT:
        return Proposal(None, None, None, None, "aec-q001-dynamic-v1", False)
    if asked.kind is LimitKind.GDBN:
        return Proposal(None, None, None, None, "gdbn-v1", False)
    return None


class Dated(Protocol):
    """A limit version as time sees it."""

    @property
    def number(self) -> int:
        """1, 2, …"""
        ...

    @property
    def approved_at(self) -> datetime | None:
        """None: a draft."""
        ...

    @property
    def valid_from(self) -> datetime | None:
        """None: of a draft, from approval on."""
        ...

    @property
    def withdrawn_at(self) -> datetime | None:
        """None: it stands."""
        ...


D = TypeVar("D", bound=Dated)


def in_force(versions: Iterable[D], at: datetime) -> D | None:
    """Of one limit: the highest approved version that had begun by then, unless withdrawn by then.

    Where it was withdrawn no older one steps in. One withdrawn before it began never was.
    """
    begun = [one for one in versions if _began(one, at)]
    newest = max(begun, key=lambda one: one.number, default=None)
    if newest is None or (newest.withdrawn_at is not None and newest.withdrawn_at <= at):
        return None
    return newest


def _began(version: Dated, at: datetime) -> bool:
    start, end = version.valid_from, version.withdrawn_at
    if version.approved_at is None or start is None or start > at:
        return False
    return end is None or end > start


def state_at(version: Dated, siblings: Iterable[Dated], at: datetime) -> LimitState:
    """Where a version stands among all versions of its limit."""
    if version.withdrawn_at is not None and version.withdrawn_at <= at:
        return LimitState.WITHDRAWN
    if version.approved_at is None or version.valid_from is None:
        return LimitState.DRAFT
    if any(one.number > version.number and _began(one, at) for one in siblings):
        return LimitState.SUPERSEDED
    return LimitState.COMING if version.valid_from > at else LimitState.IN_FORCE
