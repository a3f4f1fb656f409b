from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from finance.models import PostingGap
from finance.services import post_events, replay_gaps


class Command(BaseCommand):
    help = "Post every lot event that the subledger does not have yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--replay", action="store_true", help="Also try the owed events again.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["replay"]:
            replayed = replay_gaps()
            self.stdout.write(f"replayed {replayed.events} owed events")
        events = entries = 0
        while (posted := post_events()).events:
            events, entries = events + posted.events, entries + posted.entries
        owed = PostingGap.objects.filter(closed_at__isnull=True).count()
        self.stdout.write(f"posted {events} events as {entries} entries; {owed} events are owed")
