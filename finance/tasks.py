from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from finance import services

BATCHES_MAX = 100
FILES_MAX = 20


@shared_task(name="finance.post_events")
def post_events() -> None:
    """Post what the lots ledger holds beyond the cursor, in bounded batches, and say so."""
    for _ in range(BATCHES_MAX):
        if not services.post_events().events:
            break
    services.tell_advance(now=timezone.now())


@shared_task(name="finance.replay_gaps")
def replay_gaps() -> None:
    """Try the owed events again."""
    services.replay_gaps()


@shared_task(name="finance.work_exports")
def work_exports() -> None:
    """Write the next files of the exports asked for; in slices, so that others get a turn."""
    if services.work_exports(files_max=FILES_MAX):
        work_exports.delay()
