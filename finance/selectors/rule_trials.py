"""Posting rules tried on the events of a period; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Min, Sum

from finance.domain.errors import PostingError
from finance.domain.facts import Book, EventFacts
from finance.domain.legs import Holdings, Leg, Worth, carry
from finance.domain.posting import post
from finance.domain.reasons import Reasons, missing, normal, reason_changes
from finance.domain.rule_trials import (
    EVENTS_MAX,
    Bucket,
    RuleTrial,
    TriedEvent,
    moved,
    tried_buckets,
)
from finance.domain.words import CARRYING
from finance.models import LedgerEntry, Period, PostingRules
from finance.selectors.facts import (
    Books,
    books,
    events_of,
    facts_of,
    leg_of,
    legs_by_event,
    lots_of,
    seqs_undone,
    then_of,
    written_down_lots,
)
from finance.selectors.rules import reasons_of
from lots.domain.words import Verb
from lots.models import Event
from supplychain.base.errors import RefusedError

EVENTS_AT_ONCE, ROWS_AT_ONCE = 500, 5000
REASONED = (Verb.SCRAP, Verb.LOSS, Verb.BONUS, Verb.TRACK_OUT, Verb.SWAP)
"""Verbs that post by a reason of scrap."""


@dataclass(frozen=True, slots=True)
class _Posted:
    """An event that is posted. first: seq of its first line in the ledger."""

    seq: int
    first: int
    day: date


@dataclass(slots=True)
class _Run:
    """Work in progress, in the order in which the events were posted.

    legs: of events that are tried, by seq. found: what differs. unlike: as RuleTrial has it.
    """

    books: Books
    reasons: Reasons
    legs: dict[int, tuple[Leg, ...]] = field(default_factory=dict)
    found: list[TriedEvent] = field(default_factory=list)
    unlike: int = 0


@dataclass(slots=True)
class _Carried:
    """What lots carry before an event: as posted, and as tried for the events before it."""

    posted: Holdings = field(default_factory=dict)
    tried: Holdings = field(default_factory=dict)

    def take(self, row: LedgerEntry, tried: Collection[int]) -> None:
        """A line; one of an event that is tried is carried as that came out."""
        legs = [leg_of(row)]
        carry(self.posted, legs)
        if row.source_seq not in tried:
            carry(self.tried, legs)


def rule_trial(rules: PostingRules, period: Period) -> RuleTrial:
    """Each event of the period whose reason would mean something else, on what its lots carried.

    Nothing is written. What other events would find otherwise after it is not followed.
    RefusedError for more than EVENTS_MAX events.
    """
    run = _Run(books(), reasons_of(rules))
    rows = _events_to_try(run, period)
    for start in range(0, len(rows), EVENTS_AT_ONCE):
        _try_batch(rows[start : start + EVENTS_AT_ONCE], run)
    posted = _sums(period) if run.found else {}
    return RuleTrial(
        period.code,
        rules.code,
        len(rows),
        run.unlike,
        tried_buckets(posted, run.found),
        tuple(run.found),
    )


def _events_to_try(run: _Run, period: Period) -> list[_Posted]:
    """In the order in which they were posted; a correction after what it takes back."""
    lines = LedgerEntry.objects.filter(period=period, source_seq__isnull=False)
    changed = {
        change.reason
        for _, reasons in run.books.reasons
        for change in reason_changes(reasons, run.reasons)
    }
    events = Event.objects.filter(seq__in=lines.values("source_seq"), verb__in=REASONED)
    kept = {
        seq
        for seq, reason, payload in events.values_list("seq", "reason", "payload")
        if changed & _reasons_of(reason, payload)
    }
    undoing = Event.objects.filter(verb=Verb.CORRECT, corrects__seq__in=kept)
    kept |= set(undoing.values_list("seq", flat=True))
    _refuse_too_many(len(kept), period)
    posted: Any = lines.filter(source_seq__in=kept).order_by().values("source_seq")
    rows = posted.annotate(first=Min("seq"), day=Min("effective_on")).order_by("first")
    return [_Posted(row["source_seq"], row["first"], row["day"]) for row in rows]


def _reasons_of(reason: str, payload: dict[str, Any]) -> set[str]:
    lost = {str(row["reason"]) for row in payload.get("losses", [])}
    return {reason, str(payload.get("bonus_reason", "")), *lost}


def _refuse_too_many(count: int, period: Period) -> None:
    if count > EVENTS_MAX:
        raise RefusedError(
            f"{count:,} events of {period.code} have a reason that would mean something else, and "
            f"a trial looks at {EVENTS_MAX:,}. Change fewer reasons at once."
        )


def _try_batch(rows: Sequence[_Posted], run: _Run) -> None:
    events = {event.seq: event for event in events_of([row.seq for row in rows])}
    lots: Any = set[str]().union(*map(lots_of, events.values()))
    then, written_down = then_of(events.values()), written_down_lots(lots)
    lines = LedgerEntry.objects.filter(
        lot__in=lots, account__in=CARRYING, seq__lt=rows[-1].first
    ).order_by("seq")
    waiting = lines.iterator(chunk_size=ROWS_AT_ONCE)
    carried, line = _Carried(), next(waiting, None)
    undone = {row.seq: seqs_undone(events[row.seq]) for row in rows}
    legs = legs_by_event(undone.keys() | {seq for seqs in undone.values() for seq in seqs})
    for row in rows:
        while line is not None and line.seq < row.first:
            carried.take(line, run.legs)
            line = next(waiting, None)
        facts = facts_of(events[row.seq], then, (), written_down)
        was = tuple(leg for seq in undone[row.seq] for leg in legs.get(seq, ()))
        would = tuple(
            leg for seq in undone[row.seq] for leg in run.legs.get(seq) or legs.get(seq, ())
        )
        pair = replace(facts, undone=was), replace(facts, undone=would)
        _try_one(row, pair, legs.get(row.seq, ()), carried, run)


def _try_one(
    row: _Posted,
    pair: tuple[EventFacts, EventFacts],
    posted: tuple[Leg, ...],
    carried: _Carried,
    run: _Run,
) -> None:
    """What it would have posted, beside what the rules in force post of it again.

    pair: its facts as posted, and with what it takes back as that came out.
    """
    _, book = run.books.on(row.day)
    other = replace(
        book, normal_scrap_reasons=normal(run.reasons), missing_reasons=missing(run.reasons)
    )
    facts, retold = pair
    again = _legs(facts, dict(carried.posted), book)
    tried = _legs(retold, dict(carried.tried), other)
    run.unlike += Counter(again) != Counter(replace(leg, posted_as="") for leg in posted)
    run.legs[row.seq] = posted if again is None or tried is None else tried
    carry(carried.tried, run.legs[row.seq])
    if again is not None and tried is not None and (shift := moved(again, tried)):
        lot, verb = facts.lot, facts.verb
        run.found.append(TriedEvent(row.seq, lot, verb, facts.reason, row.day, shift))


def _legs(facts: EventFacts, holdings: Holdings, book: Book) -> tuple[Leg, ...] | None:
    """None for an event that cannot be posted so."""
    try:
        legs = post(facts, holdings, book)
    except PostingError:
        return None
    return tuple(replace(leg, posted_as="") for leg in legs)


def _sums(period: Period) -> dict[Bucket, Worth]:
    """What all lines of the period put into each account and stage."""
    rows: Any = LedgerEntry.objects.filter(period=period).order_by()
    sums = rows.values("account", "stage", "unit_of_measure")
    return {
        Bucket(row["account"], row["stage"] or "", row["unit_of_measure"]): Worth(
            row["units"], row["money"]
        )
        for row in sums.annotate(units=Sum("quantity"), money=Sum("amount"))
    }
