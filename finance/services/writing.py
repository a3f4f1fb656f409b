"""The end of the ledger: numbers, hashes and rows, under the head's lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.db import connection

from finance.domain.entries import COLUMNS, Entry, entry_sha256, values
from finance.models import LedgerEntry, LedgerHead, WrittenDownLot
from finance.services.frame import HEAD


def append(
    entries: Sequence[Entry], transactions: int, takes_back: Mapping[int, str] | None = None
) -> None:
    """Write the entries behind the last row. Their seq and transaction count from 1.

    transactions: how many there are. takes_back: seq of an entry → op_key of the one it reverses,
    of these or in the ledger. Call it last: the head's lock is held until commit.
    """
    if not entries:
        return
    head, _ = LedgerHead.objects.select_for_update().get_or_create(name=HEAD)
    reverses = _reversed(entries, takes_back or {}, head)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY finance_ledgerentry ({', '.join(COLUMNS)}) FROM STDIN") as copy,
    ):
        previous = head.sha256
        for entry in entries:
            row = replace(_numbered(entry, head), reverses=reverses.get(entry.seq))
            previous = entry_sha256(row, previous)
            copy.write_row((*values(row), previous))
    head.seq += len(entries)
    head.transaction += transactions
    head.sha256 = previous
    head.save(update_fields=["seq", "transaction", "sha256"])


def mark_written_down(lots: Iterable[str]) -> None:
    """From now on what the lots carry below standard stays below."""
    WrittenDownLot.objects.bulk_create(
        [WrittenDownLot(lot_id=lot) for lot in sorted(lots)], ignore_conflicts=True
    )


def _reversed(
    entries: Sequence[Entry], takes_back: Mapping[int, str], head: LedgerHead
) -> dict[int, int]:
    """seq of an entry → seq in the ledger of the one it reverses."""
    here = {entry.op_key: head.seq + entry.seq for entry in entries} if takes_back else {}
    before = set(takes_back.values()) - here.keys()
    if before:
        rows = LedgerEntry.objects.filter(op_key__in=before).values_list("op_key", "seq")
        here.update(rows)
    return {seq: here[key] for seq, key in takes_back.items()}


def _numbered(entry: Entry, head: LedgerHead) -> Entry:
    return replace(
        entry, seq=head.seq + entry.seq, transaction=head.transaction + entry.transaction
    )
