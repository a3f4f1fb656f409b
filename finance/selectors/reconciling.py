"""The books against the lots' events against what is there."""

from __future__ import annotations

from finance.domain.reconciling import Reconciled, reconcile
from finance.selectors.stocks import (
    event_counts,
    ledger_stocks,
    owed_lots,
    standing,
    there_counts,
)


def reconciliation() -> Reconciled:
    """Every stock and every lot as they stand now. Ask within one snapshot of the database."""
    place, there = standing(), there_counts()
    return reconcile(
        ledger=ledger_stocks(),
        events=place.placed(event_counts()),
        there=place.placed(there),
        serialised={lot for lot, _ in there},
        owed=owed_lots(),
    )
