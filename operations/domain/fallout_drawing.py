"""What burn-in cost a lot beside what it may cost: a bar, and a line where the bar must end."""

from __future__ import annotations

from dataclasses import dataclass

from testing.domain.faults import Fallout

WIDTH = 100.0
AIR = 1.25


@dataclass(frozen=True, slots=True)
class FalloutDrawing:
    """In drawing units from 0 to WIDTH. lost: end of the bar. allowed: where the line stands."""

    width: float
    lost: float
    allowed: float
    title: str


def draw_fallout(fallout: Fallout) -> FalloutDrawing:
    """Both counts on one scale; at least one unit is always allowed, so it never is empty."""
    whole = max(fallout.failed, fallout.allowed) * AIR
    title = f"{fallout.failed} of {fallout.submitted} units lost, {fallout.allowed} allowed"
    return FalloutDrawing(
        width=WIDTH,
        lost=round(fallout.failed / whole * WIDTH, 2),
        allowed=round(fallout.allowed / whole * WIDTH, 2),
        title=title,
    )
