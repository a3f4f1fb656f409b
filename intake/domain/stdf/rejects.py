"""Records that could not be used, with position and reason; bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.domain.stdf.run import RejectedRecord


@dataclass(slots=True)
class Rejects:
    """kept: the first of them, at most kept_max. counts: all of them, by kind."""

    kept_max: int
    kept: list[RejectedRecord] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, position: int, kind: str, reason: str, count: int = 1) -> None:
        """Note records left out."""
        self.counts[kind] += count
        if len(self.kept) < self.kept_max:
            self.kept.append(RejectedRecord(position, kind, reason, count))

    def add_counts(self, counts: Mapping[str, int]) -> None:
        """Note how many more were left out, by kind, without their places."""
        for kind, count in counts.items():
            if count:
                self.counts[kind] += count
