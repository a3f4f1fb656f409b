"""A ledger of full size, for tests that are told to have one."""

from __future__ import annotations

from django.db import connection

from benchmarks.export.lines import add_lines, drop_guards
from finance.models import LedgerEntry, LedgerHead
from finance.services.frame import HEAD


def fill(rows: int) -> None:
    """So many lines more, made by the database, naming lots that are not there. What is posted
    after them is guarded again, but for the foreign keys of the ledger: they are gone."""
    head = LedgerHead.objects.filter(name=HEAD).first()
    after = head.seq if head else 0
    drop_guards()
    add_lines(after, rows)
    last = LedgerEntry.objects.get(seq=after + rows)
    LedgerHead.objects.update_or_create(
        name=HEAD,
        defaults={"seq": last.seq, "transaction": last.transaction, "sha256": last.sha256},
    )
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE finance_ledgerentry ENABLE TRIGGER USER")
