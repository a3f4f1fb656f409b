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


def misposted_lots() -> list[str]:
    """Lots that the subledger carries otherwise than their last events left them, by code.

    What is there is not counted: that reads every serial.
    """
    place = standing()
    found = reconcile(
        ledger=ledger_stocks(place),
        events=place.placed(event_counts()),
        there={},
        serialised=(),
        owed=owed_lots(),
    )
    return sorted({row.lot for row in found.faults})


def reconciliation() -> Reconciled:
    """Every stock and every lot as they stand now. Ask within one snapshot of the database."""
    place, there = standing(), there_counts()
    return reconcile(
        ledger=ledger_stocks(place),
        events=place.placed(event_counts()),
        there=place.placed(there),
        serialised={lot for lot, _ in there},
        owed=owed_lots(),
    )
