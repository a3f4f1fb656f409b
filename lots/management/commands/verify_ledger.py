from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from lots.selectors.ledger import head_seq
from lots.selectors.verifying import first_fault


class Command(BaseCommand):
    help = "Prove the event ledger: gapless, unchanged, balanced, and equal to what lots say."

    def handle(self, *args: Any, **options: Any) -> None:
        is_outermost = not connection.in_atomic_block
        with transaction.atomic():
            if is_outermost:
                # One snapshot: writers may go on while we read.
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            fault, seq = first_fault(), head_seq()
        if fault is not None:
            raise CommandError(f"event {fault.seq}: {fault.what}", returncode=1)
        self.stdout.write(f"{seq} events: gapless, unchanged, balanced, equal to the lots.")
