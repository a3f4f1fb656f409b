"""A lot's way along its route: what is behind it, where it is, what is ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step of the route. days_max: standard time."""

    id: int
    code: str
    name: str
    days_max: float


@dataclass(frozen=True, slots=True)
class Visit:
    """When the lot came to a step, by the clock of the place."""

    step_id: int
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class TravellerStep:
    """A step as the traveller shows it. state: before (it was born
    later), done, skipped, here, ahead. days: spent there."""

    code: str
    name: str
    state: str
    entered_at: datetime | None
    days: float | None
    days_max: float
    is_over: bool


def traveller(
    plan: Sequence[PlannedStep], visits: Sequence[Visit], here: int, now: datetime
) -> list[TravellerStep]:
    """Steps in order of the route. visits: in order of time; the last one to each step counts.

    here: id of the present step. A step passed without a visit is skipped.
    """
    entered: dict[int, datetime] = {visit.step_id: visit.entered_at for visit in visits}
    left = _left_at(visits, now)
    position = next((index for index, step in enumerate(plan) if step.id == here), -1)
    birth = next((index for index, step in enumerate(plan) if step.id in entered), position)
    steps = []
    for index, step in enumerate(plan):
        state = (
            _state(index, position, is_visited=step.id in entered) if index >= birth else "before"
        )
        at = entered.get(step.id)
        days = None
        if at is not None and state != "ahead":
            days = max((left[step.id] - at) / timedelta(days=1), 0.0)
        is_over = days is not None and step.days_max > 0 and days > 2 * step.days_max
        steps.append(TravellerStep(step.code, step.name, state, at, days, step.days_max, is_over))
    return steps


def _left_at(visits: Sequence[Visit], now: datetime) -> Mapping[int, datetime]:
    ends = [*(visit.entered_at for visit in visits[1:]), now]
    return {visit.step_id: end for visit, end in zip(visits, ends, strict=False)}


def _state(index: int, position: int, *, is_visited: bool) -> str:
    if index == position:
        return "here"
    if index > position:
        return "ahead"
    return "done" if is_visited else "skipped"
