from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lots.selectors.ledger import head_seq
from lots.selectors.verifying import first_fault
from supplychain.base.snapshots import snapshot


class Command(BaseCommand):
    help = "Prove the event ledger: gapless, unchanged, balanced, and equal to lots and units."

    def handle(self, *args: Any, **options: Any) -> None:
        with snapshot(is_read_only=False):  # for temporary tables
            fault, seq = first_fault(), head_seq()
        if fault is not None:
            raise CommandError(f"event {fault.seq}: {fault.what}", returncode=1)
        self.stdout.write(
            f"{seq} events: gapless, unchanged, balanced, equal to lots, units and genealogy."
        )
