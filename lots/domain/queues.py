"""How long a lot may take from the end of one step to the start of a later one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from lots.domain.gates import HOUR

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Span(Generic[K]):
    """A queue-time limit as the rules see it. from_place, to_place: how far along the route."""

    key: K
    from_place: int
    to_place: int


def spans_begun(spans: Iterable[Span[K]], left: int, reached: int) -> list[K]:
    """Limits whose clock begins when a lot goes on from one place of its route to a later one."""
    return [span.key for span in spans if span.from_place == left < reached]


def spans_done(spans: Iterable[Span[K]], left: int, reached: int) -> list[K]:
    """Limits whose last step the lot leaves, or leaves out, on its way to a later place."""
    return [span.key for span in spans if left <= span.to_place < reached]


def span_overtime(hours: float, hours_max: float, from_code: str) -> str:
    """What is over in words; "" within the limit (closed)."""
    if hours <= hours_max:
        return ""
    return f"{hours:.1f} hours since the end of {from_code}, {hours_max:g} allowed"


def start_by(since: datetime, hours_max: float) -> datetime:
    """The last instant at which work may begin."""
    return since + timedelta(hours=hours_max)


def hours_left(until: datetime, now: datetime) -> float:
    """Hours that are left; negative once they are over."""
    return (until - now) / HOUR
