from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from quality.services import owed_lot_steps, rebuild_yields, recount_differences
from supplychain.base.snapshots import snapshot


class Command(BaseCommand):
    help = "Count every yield anew from the results and store it, or prove that it is stored so."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Change nothing; tell every difference, and fail if there is one.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        changed = rebuild_yields(now=timezone.now())
        self.stdout.write(f"{changed} lot steps and sums were stored otherwise.")

    def _check(self) -> None:
        with snapshot(is_read_only=False):
            found, owed = recount_differences(), owed_lot_steps().count()
        for one in found:
            self.stdout.write(str(one))
        if owed:
            self.stdout.write(f"{owed} lot steps wait to be counted and are left out.")
        if found:
            raise CommandError(f"{len(found)} differences to a full recount.", returncode=1)
        self.stdout.write("Every yield equals a full recount.")
