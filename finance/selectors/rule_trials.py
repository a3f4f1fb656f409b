"""Posting rules tried on the events of a period; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Max, Min, Q, QuerySet, Sum

from finance.domain.errors import PostingError
from finance.domain.facts import Book, EventFacts
from finance.domain.legs import Holdings, Leg, Worth, carry
from finance.domain.posting import post
from finance.domain.reasons import Reasons, ReasonSpan, missing, normal, reason_spans
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
    lots_touched,
    seqs_undone,
    then_of,
    written_down_lots,
)
from finance.selectors.rules import approved_reasons, reasons_of
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
class _Carried:
    """What lots carry before an event: as posted, and as tried for the events before it.

    lines: the next ones of the ledger, in seq order. Lots keep what they came to from batch to
    batch.
    """

    lines: Iterator[LedgerEntry]
    posted: Holdings = field(default_factory=dict)
    tried: Holdings = field(default_factory=dict)
    line: LedgerEntry | None = None

    def before(self, seq: int, tried: Collection[int]) -> None:
        """Every line before this seq; one of an event that is tried was carried as it came out."""
        self.line = self.line or next(self.lines, None)
        while self.line is not None and self.line.seq < seq:
            legs = [leg_of(self.line)]
            carry(self.posted, legs)
            if self.line.source_seq not in tried:
                carry(self.tried, legs)
            self.line = next(self.lines, None)


@dataclass(slots=True)
class _Run:
    """Work in progress, in the order in which the events were posted.

    legs: of events that are tried, by seq. found: what differs. unlike, unpostable: as RuleTrial
    has them.
    """

    books: Books
    reasons: Reasons
    carried: _Carried
    legs: dict[int, tuple[Leg, ...]] = field(default_factory=dict)
    found: list[TriedEvent] = field(default_factory=list)
    unlike: int = 0
    unpostable: int = 0


def rule_trial(rules: PostingRules, period: Period) -> RuleTrial:
    """Each event of the period whose reason would mean something else, on what its lots carried.

    Nothing is written. What other events would find otherwise after it is not followed.
    RefusedError for more than EVENTS_MAX events. Ask within one snapshot of the database.
    """
    reasons = reasons_of(rules)
    rows = _events_to_try(reasons, period)
    if not rows:
        return RuleTrial(period.code, rules.code)
    run = _Run(books(), reasons, _Carried(_lines_before(rows)))
    for start in range(0, len(rows), EVENTS_AT_ONCE):
        _try_batch(rows[start : start + EVENTS_AT_ONCE], run)
    posted = _sums(period) if run.found else {}
    return RuleTrial(
        period=period.code,
        rules=rules.code,
        looked_at=len(rows),
        unlike=run.unlike,
        unpostable=run.unpostable,
        buckets=tried_buckets(posted, run.found),
        events=tuple(run.found),
    )


def _events_to_try(reasons: Reasons, period: Period) -> list[_Posted]:
    """In the order in which they were posted; a correction after what it takes back."""
    lines = LedgerEntry.objects.filter(period=period, source_seq__isnull=False).order_by()
    days = lines.aggregate(first=Min("effective_on"), last=Max("effective_on"))
    if days["first"] is None:
        return []
    seqs: set[int] = set()
    for span in reason_spans(approved_reasons(), reasons, days["first"], days["last"]):
        of_days = lines.filter(effective_on__gte=span.first, effective_on__lt=span.until)
        _add(seqs, _changed_events(of_days, span), period)
    if not seqs:
        return []
    undoing = Event.objects.filter(verb=Verb.CORRECT, corrects__seq__in=seqs)
    _add(seqs, undoing.filter(seq__in=lines.values("source_seq")), period)
    posted: Any = lines.filter(source_seq__in=seqs).values("source_seq")
    rows = posted.annotate(first=Min("seq"), day=Min("effective_on")).order_by("first")
    return [_Posted(row["source_seq"], row["first"], row["day"]) for row in rows]


def _changed_events(lines: QuerySet[LedgerEntry], span: ReasonSpan) -> QuerySet[Event]:
    """Events of these lines for a reason that would mean something else."""
    names = Q(reason__in=span.reasons) | Q(payload__bonus_reason__in=sorted(span.reasons))
    for reason in sorted(span.reasons):
        names |= Q(payload__losses__contains=[{"reason": reason}])
    return Event.objects.filter(names, verb__in=REASONED, seq__in=lines.values("source_seq"))


def _add(seqs: set[int], events: QuerySet[Event], period: Period) -> None:
    """RefusedError once there are more than a trial looks at; no more than that are read."""
    seqs.update(events.order_by().values_list("seq", flat=True)[: EVENTS_MAX + 1])
    if len(seqs) > EVENTS_MAX:
        raise RefusedError(
            f"More than {EVENTS_MAX:,} events of {period.code} have a reason that would mean "
            "something else, and a trial looks at no more. Change fewer reasons at once."
        )


def _lines_before(rows: Sequence[_Posted]) -> Iterator[LedgerEntry]:
    """What the lots of the events carry, line by line, until the last of them."""
    lots: Any = lots_touched([row.seq for row in rows])
    lines = LedgerEntry.objects.filter(
        lot__in=lots, account__in=CARRYING, seq__lt=rows[-1].first
    ).order_by("seq")
    return lines.iterator(chunk_size=ROWS_AT_ONCE)


def _try_batch(rows: Sequence[_Posted], run: _Run) -> None:
    events = {event.seq: event for event in events_of([row.seq for row in rows])}
    lots: Any = set[str]().union(*map(lots_of, events.values()))
    then, written_down = then_of(events.values()), written_down_lots(lots)
    undone = {row.seq: seqs_undone(events[row.seq]) for row in rows}
    legs = legs_by_event(undone.keys() | {seq for seqs in undone.values() for seq in seqs})
    for row in rows:
        run.carried.before(row.first, run.legs)
        facts = facts_of(events[row.seq], then, (), written_down)
        was = tuple(leg for seq in undone[row.seq] for leg in legs.get(seq, ()))
        would = tuple(
            leg for seq in undone[row.seq] for leg in run.legs.get(seq) or legs.get(seq, ())
        )
        pair = replace(facts, undone=was), replace(facts, undone=would)
        _try_one(row, pair, legs.get(row.seq, ()), run)


def _try_one(
    row: _Posted,
    pair: tuple[EventFacts, EventFacts],
    posted: tuple[Leg, ...],
    run: _Run,
) -> None:
    """What it would have posted, beside what the rules in force post of it again.

    pair: its facts as posted, and with what it takes back as that came out.
    """
    _, book = run.books.on(row.day)
    other = replace(
        book, normal_scrap_reasons=normal(run.reasons), missing_reasons=missing(run.reasons)
    )
    (facts, retold), carried = pair, run.carried
    again, tried = _legs(facts, carried.posted, book), _legs(retold, carried.tried, other)
    run.unlike += Counter(again) != Counter(replace(leg, posted_as="") for leg in posted)
    run.unpostable += tried is None
    run.legs[row.seq] = posted if again is None or tried is None else tried
    carry(carried.tried, run.legs[row.seq])
    if again is not None and tried is not None and (shift := moved(again, tried)):
        lot, verb = facts.lot, facts.verb
        run.found.append(TriedEvent(row.seq, lot, verb, facts.reason, row.day, shift))


def _legs(facts: EventFacts, holdings: Holdings, book: Book) -> tuple[Leg, ...] | None:
    """None for an event that cannot be posted so."""
    own = {lot: holdings[lot] for lot in facts.lots if lot in holdings}
    try:
        legs = post(facts, own, book)
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
