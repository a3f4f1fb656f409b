"""How much came so far: for the bounds, and for checking the file's own counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from intake.domain.errors import BoundError
from intake.domain.stdf.run import StdfLimits
from testing.domain.records import MISSING, Parts

SUPERSEDES_BOTH = 0b11


@dataclass(slots=True)
class Tally:
    """claims_both: results that claim to supersede by part and by position, never both allowed."""

    parts: int = 0
    readings: int = 0
    claims_both: int = 0
    hard_bins: Counter[int] = field(default_factory=Counter)

    def add(self, parts: Parts, readings: int) -> None:
        """Count a batch."""
        self.parts += len(parts)
        self.readings += readings
        both = parts.part_flag & SUPERSEDES_BOTH == SUPERSEDES_BOTH
        self.claims_both += int(np.count_nonzero(both))
        numbers, counts = np.unique(parts.hard_bin, return_counts=True)
        self.hard_bins.update(dict(zip(numbers.tolist(), counts.tolist(), strict=True)))
        del self.hard_bins[MISSING]

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
