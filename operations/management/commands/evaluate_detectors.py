from __future__ import annotations

import json
from argparse import ArgumentTypeError
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from typing import Any

import django
from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.management.evaluation.bench import reference_rules
from operations.management.evaluation.folder import folder_report
from operations.management.evaluation.plans import LOTS, TUNING_SEEDS
from operations.management.evaluation.report import WITHIN_LOTS, report
from operations.management.evaluation.trials import SeedResult, run_seed
from operations.management.progress import Progress
from supplychain.base.errors import SupplychainError

SEEDS_MAX = 200
DEFAULT_SEEDS = "1-20"
TABLE_HEAD = f"{'excursion':28} {'step':8} tried   lots   in 1   in 3   in 6  beside"
NAMED = ("named_right", "cause_first", "cause_in_first_3")


class Command(BaseCommand):
    help = (
        "Judge the detectors of yield, bins, sites, wafer patterns and retests, with the "
        "thresholds of the reference rules, on simulated lots whose troubles are known, or on a "
        "folder of recorded ones with a truth file. Touches no database."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--seeds",
            type=seeds,
            help=f"1-20 or 3,5,8; {DEFAULT_SEEDS} without a folder. "
            f"{TUNING_SEEDS[0]}-{TUNING_SEEDS[-1]} are for choosing thresholds: figures on them "
            "prove nothing.",
        )
        parser.add_argument(
            "--folder", type=Path, help="Test files of the lots of a line, as they are loaded."
        )
        parser.add_argument(
            "--truth",
            type=Path,
            help="What went wrong with these lots, a CSV file: docs/statistics.md says how.",
        )
        parser.add_argument(
            "--skip-unreadable",
            action="store_true",
            help="Judge the lots without files of the folder that cannot be read.",
        )
        parser.add_argument("--json", action="store_true", help="All figures, as JSON alone.")
        parser.add_argument("--workers", type=int, default=cpu_count() or 1)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = {**self._found(options), "rules": asdict(reference_rules())}
        except SupplychainError as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=1))
        else:
            self.stdout.write("\n".join(lines(found)))

    def _found(self, options: dict[str, Any]) -> dict[str, Any]:
        folder, truth = options["folder"], options["truth"]
        if (folder is None) != (truth is None):
            raise CommandError(
                "--folder and --truth go together: the files of the lots, and what is known to "
                "have gone wrong with them."
            )
        if folder is None:
            progress = Progress(self.stderr, rows=lambda: 0)
            wanted = options["seeds"] or seeds(DEFAULT_SEEDS)
            return report(run(wanted, options["workers"], progress))
        if options["seeds"] is not None:
            raise CommandError(
                "Either --seeds or --folder: simulated lots are judged, or recorded ones."
            )
        return folder_report(folder, truth, self.stderr, is_lenient=options["skip_unreadable"])


def run(wanted: list[int], workers: int, progress: Progress) -> list[SeedResult]:
    """Every seed in a process of its own; the result does not depend on how many there are."""
    progress.begin("Judging seeds", len(wanted))
    rules, results = reference_rules(), []
    if workers == 1 or len(wanted) == 1:
        for seed in wanted:
            results.append(run_seed(seed, rules))
            progress.advance()
        return results
    with ProcessPoolExecutor(workers, get_context("spawn"), django.setup) as pool:
        for done in as_completed([pool.submit(run_seed, seed, rules) for seed in wanted]):
            results.append(done.result())
            progress.advance()
    return sorted(results, key=lambda one: one.seed)


def seeds(text: str) -> list[int]:
    """1-20 or 3,5,8; at most 200."""
    try:
        parts = [part.split("-") for part in text.split(",")]
        found = [n for part in parts for n in range(int(part[0]), int(part[-1]) + 1)]
    except ValueError:
        found = []
    if not found or len(found) > SEEDS_MAX or len(set(found)) < len(found):
        raise ArgumentTypeError(f"{text!r}: write seeds as 1-20 or 3,5,8, {SEEDS_MAX} at most.")
    return found


def lines(found: dict[str, Any]) -> list[str]:
    """The figures that matter, for a person."""
    ordinary = found["ordinary"]
    per_1000 = ordinary["false_alarms_per_1000_lots"]
    told = "no ordinary lot" if per_1000 is None else f"{per_1000:.1f} false alarms per 1,000 lots"
    return [
        f"{_head(found)}: {told} {ordinary['by_detector']}",
        *(_events_lines(found["events"]) if "events" in found else []),
        *([TABLE_HEAD] if found["excursions"] else []),
        *(_line(one) for one in found["excursions"]),
        *(_decoy_line(one) for one in found["decoys"]),
    ]


def _head(found: dict[str, Any]) -> str:
    if "seeds" in found:
        return f"{len(found['seeds'])} seeds x {LOTS} lots"
    files = found["files"]
    return (
        f"{files['sessions']} sessions of {files['lots']} lots at {files['lot_steps']} lot steps, "
        f"{len(files['left_out'])} files left out"
    )


def _events_lines(events: dict[str, Any]) -> list[str]:
    shares = [
        f"{name} {events[name]['ratio']:.1%}" for name in ("precision", "recall") if events[name]
    ]
    return [", ".join([f"{events['count']} excursions, {events['alarms']} alarms", *shares])]


def _line(one: dict[str, Any]) -> str:
    shares = " ".join(f"{one[f'within_{most}']['ratio']:6.1%}" for most in WITHIN_LOTS)
    beside = [f"{name} {rival['delay_lots_mean']:.1f}" for name, rival in one["rivals"].items()]
    beside += [f"{name} {one[name]['ratio']:.1%}" for name in NAMED if name in one]
    head = f"{one['name']:28} {one['step']:8} {one['tried']:5}"
    return f"{head} {one['delay_lots_mean']:6.2f} {shares}  {', '.join(beside)}"


def _decoy_line(one: dict[str, Any]) -> str:
    quiet = one["quiet_of_yield_alarms"]["ratio"]
    return f"{one['name']:28} {one['step']:8} no yield alarm in {quiet:.1%}"
