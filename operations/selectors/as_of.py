"""What pages of the past show."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from lots.domain.moments import Moment
from lots.models import Event, Lot
from lots.selectors import events_of_lot
from lots.selectors.as_of import (
    BalanceAsOf,
    LotAsOf,
    LotsWanted,
    balances_as_of,
    lot_as_of,
    lots_as_of,
    refuse_future,
)

LOTS_A_PAGE = 100
EVENTS_MAX = 60


@dataclass(frozen=True, slots=True)
class LotThen:
    """A lot as it stood, and the newest events that count for that, newest first."""

    lot: LotAsOf
    events: list[Event]


@dataclass(frozen=True, slots=True)
class LotsThen:
    """A page of lots as they stood, and what stood at each step in all."""

    lots: list[LotAsOf]
    balances: list[BalanceAsOf]
    next_before: int | None


def lot_then(lot: Lot, moment: Moment) -> LotThen:
    """MissingError before the lot's first event; MalformedError for an event to come."""
    refuse_future(moment)
    events = events_of_lot(lot)
    if moment.seq is not None:
        events = events.filter(seq__lte=moment.seq)
    else:
        events = events.filter(occurred_at__lte=moment.happened_by)
    return LotThen(lot_as_of(lot.code, **asdict(moment)), list(events[:EVENTS_MAX]))


def lots_then(moment: Moment, wanted: LotsWanted, before: int | None) -> LotsThen:
    """Newest lots first, from below the lot `before`. MalformedError for an event to come."""
    refuse_future(moment)
    rows = lots_as_of(**asdict(moment), wanted=wanted, before=before, limit=LOTS_A_PAGE + 1)
    has_next = len(rows) > LOTS_A_PAGE
    return LotsThen(
        rows[:LOTS_A_PAGE],
        balances_as_of(**asdict(moment)),
        rows[LOTS_A_PAGE - 1].id if has_next else None,
    )
