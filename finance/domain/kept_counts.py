"""A reconciliation as a close keeps it: plain values that stay as they were counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from finance.domain.reconciling import LotDifference, Reconciled, Stock, StockLine
from finance.domain.words import DifferenceReason

DIFFERENCES_MAX = 1000


@dataclass(frozen=True, slots=True)
class KeptCounts:
    """events_seq: the lots ledger's last event that was counted. faulty, differing: lots.

    differences: the first DIFFERENCES_MAX, those that nothing explains before others.
    """

    events_seq: int
    differing: int
    faulty: int
    stocks: tuple[StockLine, ...]
    differences: tuple[LotDifference, ...]

    @property
    def is_proven(self) -> bool:
        """Nothing differed but what waited to be posted."""
        return not self.faulty


def counts_to_keep(found: Reconciled, events_seq: int) -> KeptCounts:
    """What is kept of a reconciliation: every stock, and as many differences as there is room."""
    faults_first = sorted(found.differences, key=lambda row: row.reason is DifferenceReason.OWED)
    return KeptCounts(
        events_seq,
        len({row.lot for row in found.differences}),
        len({row.lot for row in found.faults}),
        found.stocks,
        tuple(faults_first[:DIFFERENCES_MAX]),
    )


def written_counts(kept: KeptCounts) -> dict[str, Any]:
    """As JSON can tell them; amounts are text."""
    stocks = [{**asdict(line), "amount": str(line.amount)} for line in kept.stocks]
    differences = [{**asdict(row), "reason": str(row.reason)} for row in kept.differences]
    return {**asdict(replace(kept, stocks=(), differences=())), "stocks": stocks,
            "differences": differences}  # fmt: skip


def counts_read(written: Mapping[str, Any]) -> KeptCounts:
    """What written_counts() wrote."""
    return KeptCounts(
        written["events_seq"],
        written["differing"],
        written["faulty"],
        tuple(
            StockLine(**{**row, "stock": Stock(**row["stock"]), "amount": Decimal(row["amount"])})
            for row in written["stocks"]
        ),
        tuple(
            LotDifference(
                **{**row, "stock": Stock(**row["stock"]), "reason": DifferenceReason(row["reason"])}
            )
            for row in written["differences"]
        ),
    )
