"""What must begin in time: lots that wait at a step, or since an earlier one, under a limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lots.domain.queues import hours_left, start_by
from lots.models import Lot
from lots.selectors.queues import clocks_of, with_clocks
from quality.selectors.queues import is_limited, limited_lots, lots_with_running_clocks

LOTS_MAX = 500


@dataclass(frozen=True, slots=True)
class Wait:
    """A limit that runs for a lot. from_code: "" where it runs since the lot came to its step.

    hours_left: negative once it is over.
    """

    lot: Lot
    from_code: str
    to_code: str
    since: datetime
    hours_max: float
    hours_left: float

    @property
    def until(self) -> datetime:
        return start_by(self.since, self.hours_max)

    @property
    def is_over(self) -> bool:
        return self.hours_left < 0

    @property
    def hours_over(self) -> float:
        return -self.hours_left


@dataclass(frozen=True, slots=True)
class QueueBoard:
    """What ends first comes first. is_cut: more lots wait than are shown."""

    waits: Sequence[Wait]
    over_count: int
    is_cut: bool


def queue_board(now: datetime) -> QueueBoard:
    """Every limit that runs, of every lot; two queries."""
    at_step = list(limited_lots().select_related("product")[: LOTS_MAX + 1])
    between = list(with_clocks(lots_with_running_clocks())[: LOTS_MAX + 1])
    waits = [*_at_step(at_step[:LOTS_MAX], now), *_between(between[:LOTS_MAX], now)]
    return QueueBoard(
        _ordered(waits),
        sum(wait.is_over for wait in waits),
        is_cut=max(len(at_step), len(between)) > LOTS_MAX,
    )


def waits_of(lot: Lot, now: datetime) -> list[Wait]:
    """What runs for a lot that was read with its step and its clocks; no query."""
    own = [lot] if is_limited(lot) else []
    return _ordered([*_at_step(own, now), *_between([lot], now)])


def _at_step(lots: Iterable[Lot], now: datetime) -> list[Wait]:
    return [
        _wait(lot, "", lot.step.code, lot.waits_since, lot.step.queue_hours_max, now)
        for lot in lots
        if lot.step.queue_hours_max is not None
    ]


def _between(lots: Iterable[Lot], now: datetime) -> list[Wait]:
    return [
        _wait(lot, one.from_code, one.to_code, one.since, one.hours_max, now)
        for lot in lots
        for one in clocks_of(lot)
    ]


def _wait(
    lot: Lot, from_code: str, to_code: str, since: datetime, hours_max: float, now: datetime
) -> Wait:
    left = hours_left(start_by(since, hours_max), now)
    return Wait(lot, from_code, to_code, since, hours_max, left)


def _ordered(waits: Iterable[Wait]) -> list[Wait]:
    return sorted(waits, key=lambda wait: (wait.until, wait.lot.pk))
