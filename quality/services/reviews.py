"""Which lots the detectors must look at again: found by following the ledger and the figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from lots.domain.words import Verb
from lots.models import Event, EventLine
from lots.selectors.queue_history import lots_made_from, told_late
from quality.models import LedgerCursor, PendingReview

SETTLE = timedelta(minutes=2)
"""More results or rows of the same lot often come right behind the first."""

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


def claim_reviews(*, now: datetime, limit: int, is_settled: bool = False) -> list[PendingReview]:
    """Lots due for review, locked; call inside a transaction. Rows another worker holds are left.

    is_settled: the caller knows that nothing more is under way, so nothing is waited for.
    """
    rows = PendingReview.objects.select_for_update(skip_locked=True).order_by("due_at", "pk")
    if not is_settled:
        rows = rows.filter(due_at__lte=now)
    return list(rows[:limit])


def finish_reviews(*, reviews: Sequence[PendingReview], again_at: Mapping[int, datetime]) -> None:
    """Take the claimed reviews off the queue. again_at: lot → when to look once more."""
    PendingReview.objects.filter(pk__in=[review.pk for review in reviews]).delete()
    _upsert(again_at)


def _upsert(due: Mapping[int, datetime]) -> None:
    PendingReview.objects.bulk_create(
        [PendingReview(lot_id=lot_id, due_at=due[lot_id]) for lot_id in sorted(due)],
        update_conflicts=True,
        unique_fields=["lot"],
        update_fields=["due_at"],
    )
