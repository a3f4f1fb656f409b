from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from finance.selectors.ledger import watermark
from finance.selectors.verifying import first_fault


class Command(BaseCommand):
    help = "Prove the subledger: gapless, unchanged, every transaction summing to zero."

    def handle(self, *args: Any, **options: Any) -> None:
        is_outermost = not connection.in_atomic_block
        with transaction.atomic():
            if is_outermost:
                # One snapshot: posting may go on while we read.
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            fault, mark = first_fault(), watermark(None)
        if fault:
            raise CommandError(fault, returncode=1)
        self.stdout.write(f"{mark.seq} rows: gapless, unchanged, balanced. Head {mark.sha256}")
