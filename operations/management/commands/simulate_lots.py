from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.management.evaluation.plans import LOTS, PLANS, Plan
from operations.management.evaluation.planted import planted_line
from operations.management.evaluation.truth import write_truth
from operations.management.progress import Progress
from simulator.lot_files import write_lot

LOTS_MIN, LOTS_MAX = 30, 10_000
T0 = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = timedelta(hours=12)
"""Between the starts of two lots at a step, one after the other."""


class Command(BaseCommand):
    help = (
        "Write simulated lots as test files and oven reports, and truth.csv of what was planted, "
        "for `evaluate_detectors --folder`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="Same seed, same bytes.")
        parser.add_argument("--lots", type=int, default=LOTS, help="Ordinary lots.")
        parser.add_argument("--out", type=Path, required=True, help="A folder without a line.")
        parser.add_argument(
            "--excursions",
            type=plans,
            default=[plan for plan in PLANS if plan.is_short],
            help=f"By name, as a,b; `none`; or all that are over in a few lots. Known: {_names()}.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if not LOTS_MIN <= options["lots"] <= LOTS_MAX:
            raise CommandError(f"Choose {LOTS_MIN} to {LOTS_MAX:,} lots.")
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CommandError(f"{out} is not an empty folder; name one that is, or a new one.")
        line = planted_line(options["seed"], options["excursions"], options["lots"])
        files = out / "files"
        files.mkdir(parents=True)
        count = 0
        progress = Progress(self.stderr, rows=lambda: 0)
        progress.begin("Writing lots", len(line.lots))
        for place, lot in enumerate(line.lots):
            count += write_lot(files, lot, options["seed"], T0 + place * EVERY)
            progress.advance()
        write_truth(out / "truth.csv", line.events)
        self.stdout.write(
            f"{count} files of {len(line.lots)} lot steps, {len(line.events)} excursions and "
            f"decoys. Judge them: evaluate_detectors --folder {files} --truth {out / 'truth.csv'}"
        )


def _names() -> str:
    return ", ".join(plan.name for plan in PLANS)


def plans(text: str) -> list[Plan]:
    """By their names, each once; `none` for none."""
    wanted = [] if text == "none" else text.split(",")
    known = {plan.name: plan for plan in PLANS}
    if unknown := [name for name in wanted if name not in known]:
        raise ArgumentTypeError(f"there is no excursion {', '.join(unknown)}. Known: {_names()}.")
    return [known[name] for name in dict.fromkeys(wanted)]
