"""Which lots the detectors must look at again: found by following the ledger and the figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from lots.domain.words import Verb
from lots.models import Event, EventLine
from lots.selectors.queue_history import lots_made_from, told_late
from lots.services import in_one_transaction
from quality.models import LedgerCursor, PendingReview

SETTLE = timedelta(minutes=2)
"""More results or rows of the same lot often come right behind the first."""

CLAIM = timedelta(minutes=30)
"""Far more than lots of one batch take; a worker that died keeps them no longer."""

EVENTS_PER_BATCH = 5000
CURSOR = "reviews"


@transaction.atomic
def follow_ledger(*, now: datetime, limit: int = EVENTS_PER_BATCH) -> int:
    """Queue the lots of the next ledger events for review; how many events were read.

    The cursor moves in the same transaction, and seq is gapless in commit order: none is missed.
    """
    LedgerCursor.objects.get_or_create(name=CURSOR)
    cursor = LedgerCursor.objects.select_for_update().get(name=CURSOR)
    rows = Event.objects.filter(seq__gt=cursor.seq).order_by("seq")
    events = list(rows.values_list("seq", "lot_id", "verb")[:limit])
    if events:
        last = events[-1][0]
        lines = EventLine.objects.filter(event__seq__gt=cursor.seq, event__seq__lte=last)
        touched = {lot_id for _, lot_id, _ in events} | set(lines.values_list("lot_id", flat=True))
        touched |= _clocks_run_anew(events)
        cursor.seq = last
        cursor.save()
        queue_reviews(lot_ids=touched, now=now)
    return len(events)


def _clocks_run_anew(events: Iterable[tuple[int, int, str]]) -> set[int]:
    """What came of lots of which a step was told late, or such news corrected."""
    lots = {lot_id for _, lot_id, verb in events if verb in {Verb.LATE_MOVE, Verb.CORRECT}}
    late = told_late(lots) if lots else set()
    return lots_made_from(late) if late else set()


def queue_reviews(*, lot_ids: Iterable[int], now: datetime) -> None:
    """Ask for a review of these lots once they have settled; a lot stands in the queue once."""
    _upsert(dict.fromkeys(lot_ids, now + SETTLE))


@transaction.atomic
def queue_again(*, lot_ids: Iterable[int], now: datetime) -> None:
    """Ask for a review of lots that did not change themselves: what they are measured by did.

    Those that are due earlier stay so, or ask upon ask would put them off for ever.
    """
    due = dict.fromkeys(lot_ids, now + SETTLE)
    _upsert(due, update_fields=["asked"])
    later = PendingReview.objects.filter(lot__in=due, due_at__gt=now + SETTLE)
    later.update(due_at=now + SETTLE)  # locked above


@transaction.atomic
def claim_reviews(*, now: datetime, limit: int, is_settled: bool = False) -> list[PendingReview]:
    """Lots due for review, taken until CLAIM is over; what another worker has is left to it.

    is_settled: the caller knows that nothing more is under way, so nothing is waited for.
    """
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    rows = PendingReview.objects.select_for_update(skip_locked=True).order_by("due_at", "pk")
    rows = rows.filter(free) if is_settled else rows.filter(free, due_at__lte=now)
    claimed = list(rows[:limit])
    PendingReview.objects.filter(pk__in=[review.pk for review in claimed]).update(
        claimed_until=now + CLAIM
    )
    return claimed


def finish_reviews(*, reviews: Sequence[PendingReview], again_at: Mapping[int, datetime]) -> None:
    """Take the claimed reviews off the queue. again_at: lot → when to look once more.

    What was asked for again in the meantime stays, due as it was asked.
    """
    in_one_transaction(lambda: _finish(reviews, again_at))


def _finish(reviews: Sequence[PendingReview], again_at: Mapping[int, datetime]) -> None:
    done = {review.pk: review.asked for review in reviews}
    rows = list(_locked(reviews))
    asked_again = {row.lot_id for row in rows if row.asked != done[row.pk]}
    PendingReview.objects.filter(lot__in=asked_again).update(claimed_until=None)
    finished = [row.pk for row in rows if row.lot_id not in asked_again]
    PendingReview.objects.filter(pk__in=finished).delete()
    _upsert({lot_id: at for lot_id, at in again_at.items() if lot_id not in asked_again})


@transaction.atomic
def release_reviews(*, reviews: Sequence[PendingReview]) -> None:
    """Give claimed reviews back, as they were: the work on them came to nothing."""
    rows = [row.pk for row in _locked(reviews)]
    PendingReview.objects.filter(pk__in=rows).update(claimed_until=None)


def _locked(reviews: Sequence[PendingReview]) -> QuerySet[PendingReview]:
    """As they stand now, locked in order of lots, as whoever asks for reviews locks them."""
    rows = PendingReview.objects.select_for_update().order_by("lot_id")
    return rows.filter(pk__in=[review.pk for review in reviews])


def _upsert(
    due: Mapping[int, datetime], update_fields: Sequence[str] = ("due_at", "asked")
) -> None:
    PendingReview.objects.bulk_create(
        [PendingReview(lot_id=lot_id, due_at=due[lot_id]) for lot_id in sorted(due)],
        update_conflicts=True,
        unique_fields=["lot"],
        update_fields=update_fields,
    )
