"""A vendor's count that differs from the ledger's balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.selectors.balances import Reported, reported_counts


@dataclass(frozen=True, slots=True)
class Thresholds:
    """grace_minutes: a late row may still explain the difference."""

    grace_minutes: int = 15


class QuantityOutOfBalance:
    """Every count that a vendor reported on an event of these lots."""

    code = "quantity-out-of-balance"
    description = "A vendor's count differs from the balance of the ledger."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding per lot; the first difference names it."""
        grace = timedelta(minutes=thresholds(Thresholds, parameters).grace_minutes)
        found = []
        for counts in reported_counts(lot_ids).values():
            wrong = [count for count in counts if count.difference]
            if wrong:
                found.append(_finding(wrong, grace))
        return found


def _finding(wrong: list[Reported], grace: timedelta) -> Finding:
    first = wrong[0]
    event = first.event
    step = event.step_to or event.step_from
    place = f" at {step.code}" if step else ""
    return Finding(
        cause_key=f"{QuantityOutOfBalance.code}:{event.lot.code}",
        title=(
            f"{event.lot.code}{place}: the vendor counts {event.reported_quantity}, "
            f"the ledger has {first.ours}"
        ),
        lot_id=event.lot_id,
        step_id=step.pk if step else None,
        revision=f"event {wrong[-1].event.seq}",
        not_before=wrong[0].event.recorded_at + grace,
        evidence=Evidence(
            statistic="reported quantity",
            value=event.reported_quantity,
            limit=first.ours,
            n=first.ours,
            method="balance-at-time-v1",
            facts={
                "unit_of_measure": event.lot.unit_of_measure,
                "events": [
                    {
                        "seq": count.event.seq,
                        "verb": count.event.verb,
                        "occurred_at": count.event.occurred_at.isoformat(),
                        "source_reference": count.event.source_reference,
                        "reported": count.event.reported_quantity,
                        "ours": count.ours,
                        "difference": count.difference,
                    }
                    for count in wrong
                ],
            },
        ),
    )
