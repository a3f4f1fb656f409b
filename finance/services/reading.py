"""Who read the ledger."""

from __future__ import annotations

from finance.models import LedgerRead


def log_read(*, read: LedgerRead) -> LedgerRead:
    """Keep the record of a read that has left the house."""
    read.save(force_insert=True)
    return read
