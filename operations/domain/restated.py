"""What one change did to the figures of a lot step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIGURES = {
    "unit_count": "Units",
    "first_pass_count": "First pass",
    "final_pass_count": "Final pass",
    "retested_count": "Retested",
    "recovered_count": "Recovered",
    "insertion_count": "Insertions",
}
"""Counts of a lot step, in the order of a table, with their heads."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A count after the change. before: None where the change was the first file."""

    before: int | None
    after: int

    @property
    def is_changed(self) -> bool:
        """False for the first file: nothing stood before."""
        return self.before is not None and self.before != self.after


def figures(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[Figure, ...]:
    """One for each of FIGURES."""
    return tuple(Figure(before[name] if before else None, after[name]) for name in FIGURES)
