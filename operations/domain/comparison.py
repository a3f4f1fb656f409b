"""A lot beside others of its kind: how it yields and how long it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

LOTS_MIN = 3
"""Fewer lots say nothing about what is usual."""


@dataclass(frozen=True, slots=True)
class Beside:
    """One measure of a lot and the median of the others. usual: None where too few are known."""

    value: float
    usual: float | None
    lot_count: int


def beside(value: float, others: Sequence[float]) -> Beside:
    """The value and what is usual."""
    usual = median(others) if len(others) >= LOTS_MIN else None
    return Beside(value, usual, len(others))


@dataclass(frozen=True, slots=True)
class Passage:
    """A lot came to a step or left it; either may be unknown."""

    lot_id: int
    step_from: int | None
    step_to: int | None
    at: datetime


def days_at_steps(passages: Iterable[Passage], lots_max: int) -> Mapping[int, tuple[float, ...]]:
    """Step → days that lots stood there, of the latest to leave. passages: in order of time."""
    came: dict[tuple[int, int], datetime] = {}
    stood: dict[int, list[float]] = {}
    for one in passages:
        if one.step_from is not None and one.step_from != one.step_to:
            at = came.pop((one.lot_id, one.step_from), None)
            if at is not None:
                days = max((one.at - at) / timedelta(days=1), 0.0)
                stood.setdefault(one.step_from, []).append(days)
        if one.step_to is not None and one.step_from != one.step_to:
            came[one.lot_id, one.step_to] = one.at
    return {step: tuple(days[-lots_max:]) for step, days in stood.items()}
