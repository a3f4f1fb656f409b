"""How much came so far: for the bounds, and for checking the file's own counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from intake.domain.errors import BoundError
from intake.domain.stdf.run import StdfLimits
from testing.domain.records import MISSING, OUTCOME_CODES, Parts
from testing.domain.words import Outcome

SUPERSEDES_BOTH = 0b11
PASSED = OUTCOME_CODES[Outcome.PASS]
SITES = 1 << 16

Scope = tuple[int, int]
"""HEAD_NUM and SITE_NUM."""


@dataclass(slots=True)
class Counts:
    """Parts, those that passed, and parts by bin without those that have none."""

    parts: int = 0
    good: int = 0
    hard_bins: Counter[int] = field(default_factory=Counter)
    soft_bins: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class Tally:
    """claims_both: results that claim to supersede by part and by position, never both allowed.

    sites: by head and site of the parts. wafers, good_on: all and passed ones, by wafer as opened.
    """

    readings: int = 0
    claims_both: int = 0
    all: Counts = field(default_factory=Counts)
    sites: dict[Scope, Counts] = field(default_factory=dict)
    wafers: Counter[int] = field(default_factory=Counter)
    good_on: Counter[int] = field(default_factory=Counter)

    @property
    def parts(self) -> int:
        """All of them."""
        return self.all.parts

    def add(self, parts: Parts, readings: int) -> None:
        """Count a batch."""
        self.readings += readings
        both = parts.part_flag & SUPERSEDES_BOTH == SUPERSEDES_BOTH
        self.claims_both += int(np.count_nonzero(both))
        is_good = parts.outcome == PASSED
        site = parts.head.astype(np.int64) << 8 | parts.site
        for key, count in _counted(site):
            self._at(key).parts += count
            self.all.parts += count
        for key, count in _counted(site[is_good]):
            self._at(key).good += count
            self.all.good += count
        self._add_bins(site, parts)
        self.wafers.update(dict(_counted(parts.wafer_index)))
        self.good_on.update(dict(_counted(parts.wafer_index[is_good])))

    def _at(self, site: int) -> Counts:
        return self.sites.setdefault((site >> 8, site & 0xFF), Counts())

    def _add_bins(self, site: NDArray[np.int64], parts: Parts) -> None:
        hard, soft = parts.hard_bin.astype(np.int64), parts.soft_bin.astype(np.int64)
        for key, count in _counted((hard * SITES + site)[hard != MISSING]):
            self._at(key % SITES).hard_bins[key // SITES] += count
            self.all.hard_bins[key // SITES] += count
        for key, count in _counted((soft * SITES + site)[soft != MISSING]):
            self._at(key % SITES).soft_bins[key // SITES] += count
            self.all.soft_bins[key // SITES] += count

    def require(self, limits: StdfLimits, records: int) -> None:
        """BoundError for more than the limits."""
        for what, count, most in (
            ("records", records, limits.records_max),
            ("parts", self.parts, limits.parts_max),
            ("readings", self.readings, limits.readings_max),
        ):
            if count > most:
                raise BoundError(
                    f"The file holds more than {most:,} {what}. Split it and send the parts.",
                    **{f"{what}_max": most},
                )


def _counted(keys: NDArray[np.integer]) -> list[tuple[int, int]]:
    """How often each is there."""
    found, counts = np.unique(keys, return_counts=True)
    return list(zip(found.tolist(), counts.tolist(), strict=True))
