"""What pages of the past show."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db.models import OuterRef, Subquery

from lots.domain.moments import Moment
from lots.domain.words import Verb
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
from operations.domain.reasons import event_reason

LOTS_A_PAGE = 100
EVENTS_MAX = 60


@dataclass(frozen=True, slots=True)
class EventThen:
    """An event with why it was done, in words.

    corrected_by: seq of what took it back; counts: whether it stands at the moment nevertheless.
    """

    event: Event
    why: str
    corrected_by: int | None
    counts: bool


@dataclass(frozen=True, slots=True)
class LotThen:
    """A lot as it stood, and the newest events until then, newest first."""

    lot: LotAsOf
    events: list[EventThen]


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
    taken_back = Event.objects.filter(corrects=OuterRef("pk"), verb=Verb.CORRECT)
    shown = events.annotate(corrected_by=Subquery(taken_back.values("seq")[:1]))
    told = [_event(event, event.corrected_by, moment) for event in shown[:EVENTS_MAX]]
    return LotThen(lot_as_of(lot.code, **asdict(moment)), told)


def _event(event: Event, corrected_by: int | None, moment: Moment) -> EventThen:
    """By an event: a correction counts once the ledger has it. By a time: whenever it was made."""
    is_later = moment.seq is not None and (corrected_by or 0) > moment.seq
    is_correction = event.verb == Verb.CORRECT and moment.seq is None
    counts = (corrected_by is None or is_later) and not is_correction
    why = event_reason(event.verb, event.reason, event.comment, event.payload)
    return EventThen(event, why, corrected_by, counts)


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
