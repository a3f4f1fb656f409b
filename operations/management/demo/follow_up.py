"""What the service makes of the rows by itself, done at once instead of within a minute or two."""

from __future__ import annotations

from django.db.models import Max
from django.utils import timezone

from finance.services import post_events, replay_gaps
from lots.models import Event
from operations.management.progress import Progress
from quality.services import owed_lot_steps, summarise_owed
from quality.tasks import run_detectors, run_timed_detectors


def summarise(progress: Progress) -> None:
    """Yield figures of every lot step."""
    owed = owed_lot_steps().count()
    progress.begin("Computing yields", owed)
    while count := summarise_owed(now=timezone.now()):
        progress.advance(count)
    progress.reach(owed)


def detect(progress: Progress) -> None:
    """All detectors, with nothing more under way."""
    progress.begin("Running detectors", 2)
    run_detectors(is_settled=True)
    progress.advance()
    run_timed_detectors(is_settled=True)
    progress.advance()


def post(progress: Progress) -> None:
    """The subledger, up to the last event."""
    last = Event.objects.aggregate(seq=Max("seq"))["seq"] or 0
    progress.begin("Posting to the ledger", last)
    while events := post_events().events:
        progress.advance(events)
    replay_gaps()
    progress.reach(last)
