from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from simulator.line import simulate


class Command(BaseCommand):
    help = "Write what partners of a simulated line would send, and truth.json of what was planted."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=20, help="Same seed, same bytes.")
        parser.add_argument("--chips", type=int, default=3000, help="Chips to build, 60 or more.")
        parser.add_argument("--out", type=Path, required=True, help="A folder without a line.")
        parser.add_argument(
            "--end-at", type=instant, help="When the line is looked at; today at 00:00 UTC."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        end_at = options["end_at"] or last_midnight()
        out: Path = options["out"]
        try:
            truth = simulate(
                seed=options["seed"], chip_count=options["chips"], end_at=end_at, out=out
            )
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        figures = truth.figures
        self.stdout.write(
            f"{figures['files']} files, {figures['lots']} lots, {figures['chips']} chips, "
            f"{len(truth.causes)} planted causes: {out / 'truth.json'}"
        )


def last_midnight() -> datetime:
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


def instant(text: str) -> datetime:
    """An ISO 8601 instant; one without an offset is refused."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.utcoffset() is None:
        raise ArgumentTypeError(f"{text!r} is no instant; write it as 2026-11-23T00:00:00+00:00")
    return found
