"""Counting the stock once more, for a close that keeps the outcome."""

from __future__ import annotations

from typing import Any

from finance.domain.kept_counts import counts_to_keep, written_counts
from finance.selectors.reconciling import reconciliation
from lots.services.recording import locked_head


def counted_stock() -> dict[str, Any]:
    """The books, the events and what is there, as they stand, to be kept with a close.

    Call it with posting at rest. No lot changes until the transaction ends: whatever changes one
    writes an event, and waits for the head of the lots ledger.
    """
    events = locked_head()
    return written_counts(counts_to_keep(reconciliation(), events.seq))
