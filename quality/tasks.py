"""Background work. Each task drains what its query finds, in bounded batches, and can run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from quality.detectors.running import find_everywhere, review_changed_lots
from quality.services import follow_ledger, summarise_owed
from quality.services.pilots import release_passed
from quality.services.series_reviews import follow_series, follow_tables

ROUNDS_MAX = 200


@shared_task(name="quality.summarise")
def summarise() -> int:
    """Yield figures for test results that are newer than their figures; how many lot steps."""
    done = 0
    for _ in range(ROUNDS_MAX):
        count = summarise_owed(now=timezone.now())
        done += count
        if not count:
            break
    if done:
        run_detectors.delay()
    return done


@shared_task(name="quality.run_detectors")
def run_detectors(is_settled: bool = False) -> int:
    """Read on in the ledger and review the lots that changed; how many issues were raised.

    Those as well whose measure changed: earlier lots of their series, or the table of their bins.
    What waits for a pilot goes on behind the pilot's review. is_settled: nothing more is under
    way, so late data is not waited for.
    """
    raised = 0
    for follow in (follow_ledger, follow_series, follow_tables):
        for _ in range(ROUNDS_MAX):
            if not follow(now=timezone.now()):
                break
    for _ in range(ROUNDS_MAX):
        outcome = review_changed_lots(now=timezone.now(), is_settled=is_settled)
        raised += len(outcome.raised)
        if not outcome.lot_count:
            break
    release_passed(now=timezone.now())
    outcome = find_everywhere(now=timezone.now(), is_timed=False, is_settled=is_settled)
    return raised + len(outcome.raised)


@shared_task(name="quality.run_timed_detectors")
def run_timed_detectors(is_settled: bool = False) -> int:
    """Look for what time alone brings; how many issues were raised."""
    outcome = find_everywhere(now=timezone.now(), is_timed=True, is_settled=is_settled)
    return len(outcome.raised)
