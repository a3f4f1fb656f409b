"""Exposure of a case by place, as bars: what is settled, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from operations.domain.recalls import Standing

FULL = 100.0


@dataclass(frozen=True, slots=True)
class ExposureBar:
    """One place and kind. part: of the longest bar, 0 to 100; left: the part still exposed."""

    standing: Standing
    part: float
    left: float


def draw_exposure(standings: Sequence[Standing]) -> list[ExposureBar]:
    """Bars on one scale, in the order given. Something left is never too thin to be seen."""
    longest = max((standing.listed for standing in standings), default=0)
    return [
        ExposureBar(standing, _part(standing.listed, longest), _part(standing.left, longest))
        for standing in standings
    ]


def _part(count: int, longest: int) -> float:
    return max(1.0, round(FULL * count / longest, 2)) if count else 0.0
