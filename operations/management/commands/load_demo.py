from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.management.commands.simulate import instant, last_midnight
from operations.management.demo.doors import load_all, receive_all, recorded_rows
from operations.management.demo.follow_up import detect, post, summarise
from operations.management.demo.line import Wish, release_programs, written_line
from operations.management.demo.outcome import judged, lines
from operations.management.demo.pause import sweeps_paused
from operations.management.progress import Progress
from simulator.line import arrivals
from supplychain.base.errors import SupplychainError

FOLDER = "demo-line"


class Command(BaseCommand):
    help = (
        "Read a simulated line in by the ordinary doors, run detectors and posting, and compare "
        "issues with what was planted. Goes on where it was cut; safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=20)
        parser.add_argument("--chips", type=int, default=3000)
        parser.add_argument("--end-at", type=instant, help="Of a new line; today at 00:00 UTC.")
        parser.add_argument(
            "--strict",
            action="store_true",
            help="Fail when a cause was missed, or more than one issue in ten lots is false.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wish = Wish(
            options["seed"],
            options["chips"],
            options["end_at"] or last_midnight(),
            settings.VAR / FOLDER,
        )
        try:
            is_good = self._load(wish)
        except (SupplychainError, ValueError) as error:
            raise CommandError(str(error)) from error
        if options["strict"] and not is_good:
            raise CommandError("The detectors did not find what was planted, and only that.")

    def _load(self, wish: Wish) -> bool:
        progress = Progress(self.stdout, recorded_rows)
        call_command("load_reference", verbosity=0)
        wish.folder.mkdir(parents=True, exist_ok=True)
        with sweeps_paused(wish.folder) as await_rest:
            truth = written_line(wish)
            release_programs(truth)
            await_rest()
            paths = arrivals(wish.folder)
            load_all(receive_all(paths, progress), progress)
            summarise(progress)
            post(progress)
            detect(progress)
        post(progress)
        verdict = judged(truth)
        progress.say(f"Loaded {len(paths)} files in {progress.elapsed}.")
        for line in lines(verdict):
            progress.say(line)
        return verdict.is_good
