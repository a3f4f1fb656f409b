"""What a pilot that went ahead says for the lot that waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lots.domain.words import LotState


class PilotState(StrEnum):
    """How far a pilot has come."""

    AHEAD = "ahead"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Pilot:
    """A pilot as the rules see it.

    is_past: it went on from the step that decides. against: open issues that name it.
    """

    code: str
    state: LotState
    step: str
    decides_at: str
    is_past: bool
    is_held: bool
    against: tuple[str, ...] = ()


def pilot_state(pilot: Pilot) -> PilotState:
    """Failed on hold, with an open issue, or ended before it was through; passed once beyond."""
    if pilot_fault(pilot):
        return PilotState.FAILED
    return PilotState.PASSED if pilot.is_past else PilotState.AHEAD


def pilot_fault(pilot: Pilot) -> str:
    """Why it does not speak for its lot, in words; "" when nothing stands against it."""
    if pilot.state is LotState.SCRAPPED:
        return f"was scrapped at {pilot.step}"
    if pilot.state is LotState.FINISHED and not pilot.is_past:
        return f"ended at {pilot.step}"
    if pilot.is_held:
        return f"is on hold at {pilot.step}"
    if pilot.against:
        return f"has open issues: {', '.join(pilot.against)}"
    return ""


def pilot_words(pilot: Pilot) -> str:
    """One sentence for whoever decides on the lot that waits."""
    if fault := pilot_fault(pilot):
        return f"Pilot {pilot.code} {fault}; the lot waits until someone decides."
    if pilot.is_past:
        return f"Pilot {pilot.code} has passed {pilot.decides_at}; the hold can be released."
    return f"Pilot {pilot.code} is at {pilot.step}; {pilot.decides_at} decides."
