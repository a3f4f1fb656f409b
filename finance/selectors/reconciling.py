"""The books against the lots' events against what is there."""

from __future__ import annotations

from finance.domain.kept_counts import KeptCounts, counts_read
from finance.domain.reconciling import Reconciled, reconcile
from finance.models import PeriodClose
from finance.selectors.closes import close_by_version, closes_of
from finance.selectors.stocks import (
    event_counts,
    ledger_stocks,
    owed_lots,
    standing,
    there_counts,
)
from supplychain.base.errors import MissingError


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


def close_counted(code: str, version: int | None) -> PeriodClose:
    """The version that is asked for, or the one in force. MissingError where nothing is kept."""
    if version is None:
        last = closes_of(code).filter(approved_at__isnull=False).last()
        if last is None:
            raise MissingError(
                f"Period {code} is not closed, and a reconciliation is kept with a close. "
                "GET /api/v1/finance/reconciliation counts everything as it is now.",
                period=code,
            )
        version = last.version
    close = close_by_version(code, version)
    if close.reconciliation is None:
        raise MissingError(
            f"{close} was closed before reconciliations were kept, and what was there then cannot "
            "be counted any more.",
            period=code,
            version=version,
        )
    return close


def counts_kept(close: PeriodClose) -> KeptCounts | None:
    """What it keeps; None for a version from before that was kept."""
    return counts_read(close.reconciliation) if close.reconciliation else None
