"""What has to be decided or done next about a lot, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Stop:
    """An open hold. decider: the role that releases it, or the class that decides."""

    reason: str
    decider: str
    owner: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a lot stands. next_step: empty at the end of its route or on a free one."""

    state: str
    step: str
    next_step: str
    is_tracked_in: bool
    is_outsourced: bool
    custodian: str
    rework_return: str


def next_decision(standing: Standing, stops: Sequence[Stop]) -> str:
    """A hold comes first, the earliest due one before the others; then what the step waits for."""
    if stops:
        return _release(min(stops, key=lambda stop: stop.due_on or date.max))
    if standing.state == "shipped":
        return "Receive it where it arrives."
    if standing.state == "banked":
        return "Take it out of the bank when it is needed."
    if standing.state != "active":
        return "Nothing; its way has ended."
    return _work(standing)


def who_decides(stop: Stop) -> str:
    """`Quality (ann) by 4 Mar 2026`."""
    who = f"{stop.decider} ({stop.owner})" if stop.owner else f"{stop.decider}, nobody named"
    return f"{who} by {stop.due_on.day} {stop.due_on:%b %Y}" if stop.due_on else who


def _release(stop: Stop) -> str:
    return f"Decision on the hold ({stop.reason}): {who_decides(stop)}."


def _work(standing: Standing) -> str:
    after = standing.next_step or standing.rework_return
    onward = f", then on to {after}" if after else ""
    if standing.is_tracked_in or standing.is_outsourced:
        where = f" when {standing.custodian} reports it" if standing.is_outsourced else ""
        return f"Track out of {standing.step}{where}{onward}."
    return f"Track in at {standing.step}{onward}."
