"""Posting: follow the lots ledger by seq, exactly once, and keep what cannot be posted yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from finance.domain.days import PostingDay, is_ahead, plant_day, posting_day, refuse_ahead
from finance.domain.entries import Entry
from finance.domain.errors import PostingError, WaitingError
from finance.domain.legs import Holdings, Leg
from finance.domain.posting import RULES, post
from finance.domain.queries import SEQ_MAX
from finance.domain.write_downs import lots_written_down
from finance.models import Follower, PostingGap
from finance.selectors.facts import (
    Books,
    books,
    events_after,
    facts_of,
    holdings_of,
    legs_of,
    lots_of,
    owed_events,
    seqs_undone,
    then_of,
    waiting_lots,
    written_down_lots,
)
from finance.selectors.lots_then import LotsThen
from finance.services.frame import FOLLOWER
from finance.services.writing import append, mark_written_down
from lots.domain.words import Verb
from lots.models import Event

BATCH_EVENTS = 1000


@dataclass(frozen=True, slots=True)
class Posted:
    """events: dealt with; entries: written; owed: events that became or stayed gaps."""

    events: int
    entries: int
    owed: int


@dataclass(slots=True)
class _Batch:
    """Work in progress, in seq order."""

    books: Books
    then: LotsThen
    holdings: Holdings
    waiting: set[str]
    now: datetime
    written_down: set[str]
    entries: list[Entry] = field(default_factory=list)
    gaps: list[PostingGap] = field(default_factory=list)
    legs: dict[int, tuple[Leg, ...]] = field(default_factory=dict)
    transactions: int = 0
    takes_back: dict[int, str] = field(default_factory=dict)


@transaction.atomic
def post_events(*, limit: int = BATCH_EVENTS) -> Posted:
    """Post the next events of the lots ledger, at most limit, in one transaction.

    An event that cannot be posted leaves a gap that says why; its lots wait, others go on.
    Two posters at once take turns. Nothing is written twice: the cursor moves with the entries.
    """
    follower = locked_follower()
    events = events_after(follower.seq, limit)
    if not events:
        return Posted(0, 0, 0)
    first, last = events[0].seq, events[-1].seq
    assert (first, last) == (follower.seq + 1, follower.seq + len(events)), "lots seq has a hole"
    batch = _posted(events, SEQ_MAX)
    PostingGap.objects.bulk_create(batch.gaps)
    follower.seq, follower.moved_at = last, batch.now
    follower.save(update_fields=["seq", "moved_at"])
    return Posted(len(events), len(batch.entries), len(batch.gaps))


def replay_gaps(*, limit: int = BATCH_EVENTS) -> Posted:
    """Try every owed event again, in seq order, at most limit to a transaction."""
    total = Posted(0, 0, 0)
    seq = 0
    while True:
        done, last = _replay_batch(seq, limit)
        total = Posted(
            total.events + done.events, total.entries + done.entries, total.owed + done.owed
        )
        if done.events < limit:
            return total
        seq = last


@transaction.atomic
def _replay_batch(after_seq: int, limit: int) -> tuple[Posted, int]:
    locked_follower()
    events = owed_events(after_seq, limit)
    if not events:
        return Posted(0, 0, 0), after_seq
    batch = _posted(events, events[0].seq)
    still = {gap.seq: gap for gap in batch.gaps}
    for gap in PostingGap.objects.filter(seq__in=[event.seq for event in events]):
        if again := still.get(gap.seq):
            gap.code, gap.detail = again.code, again.detail
        else:
            gap.closed_at = batch.now
        gap.save(update_fields=["code", "detail", "closed_at"])
    return Posted(len(events), len(batch.entries), len(batch.gaps)), events[-1].seq


def locked_follower() -> Follower:
    """Whoever holds it is the only one who posts."""
    return Follower.objects.select_for_update().get_or_create(name=FOLLOWER)[0]


def _posted(events: Sequence[Event], before_seq: int) -> _Batch:
    lots = set[str]().union(*map(lots_of, events))
    batch = _Batch(
        books(),
        then_of(events),
        holdings_of(lots),
        waiting_lots(lots, before_seq),
        timezone.now(),
        written_down_lots(lots),
    )
    before = set(batch.written_down)
    for event in events:
        if event.verb in RULES:
            _post_one(event, batch)
    mark_written_down(batch.written_down - before)
    append(batch.entries, batch.transactions, batch.takes_back)
    return batch


def _post_one(event: Event, batch: _Batch) -> None:
    lots = lots_of(event)
    try:
        _refuse_waiting(lots & batch.waiting)
        effective_on = _day_of(event, batch)
        version, book = batch.books.on(effective_on)
        day = posting_day(effective_on, batch.books.periods)
        facts = facts_of(event, batch.then, _undone(event, batch), batch.written_down)
        legs = post(facts, batch.holdings, book)
    except PostingError as error:
        batch.gaps.append(
            PostingGap(event=event, seq=event.seq, code=error.gap_code, detail=error.detail)
        )
        batch.waiting |= lots
        return
    if legs:
        batch.legs[event.seq] = _posted_as(event, legs)
        batch.written_down |= lots_written_down(batch.written_down, legs)
        entries = _entries(event, legs, (day, version), batch)
        batch.entries += entries
        batch.takes_back |= _takes_back(entries, legs)
        batch.transactions += 1


def _day_of(event: Event, batch: _Batch) -> date:
    """The plant's day of the event. One that was corrected before its day came counts when told.

    DayAheadError for a day that has not come.
    """
    zone = batch.books.zone
    day, today = plant_day(event.occurred_at, zone), plant_day(batch.now, zone)
    if is_ahead(day, today) and event.corrections.filter(verb=Verb.CORRECT).exists():
        return plant_day(event.recorded_at, zone)
    refuse_ahead(day, today)
    return day


def _undone(event: Event, batch: _Batch) -> tuple[Leg, ...]:
    """What the event this one corrects or tells anew has posted, in this batch or before."""
    return tuple(leg for seq in seqs_undone(event) for leg in batch.legs.get(seq) or legs_of(seq))


def _posted_as(event: Event, legs: Iterable[Leg]) -> tuple[Leg, ...]:
    return tuple(
        replace(leg, posted_as=_op_key(event, line)) for line, leg in enumerate(legs, start=1)
    )


def _op_key(event: Event, line: int) -> str:
    return f"lots:{event.seq}:{line}"


def _refuse_waiting(lots: Iterable[str]) -> None:
    if named := sorted(lots):
        raise WaitingError(
            f"An earlier event of lot {', '.join(named)} is still owed. Settle that one; this one "
            "follows by itself.",
            lots=named,
        )


def _entries(
    event: Event, legs: Iterable[Leg], dated: tuple[PostingDay, str | None], batch: _Batch
) -> list[Entry]:
    """seq and transaction count from 1 within the batch; the head turns them into the ledger's."""
    day, version = dated
    start = len(batch.entries)
    return [
        Entry(
            seq=start + line,
            transaction=batch.transactions + 1,
            line=line,
            kind=leg.kind,
            account=leg.position.account,
            stage=leg.position.stage or None,
            item=leg.position.item,
            lot=leg.lot,
            serial="",
            quantity=leg.quantity,
            unit_of_measure=leg.position.unit,
            cost_version=version,
            amount=leg.amount,
            currency=batch.books.entity.currency,
            owner=leg.position.owner,
            custodian=leg.position.custodian,
            effective_on=day.effective_on,
            recorded_at=batch.now,
            period=day.period,
            is_prior_period=day.is_prior,
            source_seq=event.seq,
            op_key=_op_key(event, line),
            actor=event.actor.get_username() if event.actor else "",
            approver="",
            reverses=None,
            reason=event.reason,
        )
        for line, leg in enumerate(legs, start=1)
    ]


def _takes_back(entries: Iterable[Entry], legs: Iterable[Leg]) -> dict[int, str]:
    """Entry by its seq within the batch → op_key of the one it takes back, if any."""
    return {
        entry.seq: leg.posted_as for entry, leg in zip(entries, legs, strict=True) if leg.posted_as
    }
