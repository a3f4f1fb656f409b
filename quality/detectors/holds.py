"""Holds whose decision is overdue."""

from __future__ import annotations

from datetime import datetime

from lots.models import Hold
from quality.domain.findings import Evidence, Finding
from quality.domain.partial import first_of, resting_on
from quality.selectors.holds import overdue_holds

HOLDS_MAX = 1000


class HoldOverdue:
    """Open holds past their day, by the clock; over once released or given another day."""

    code = "hold-overdue"
    description = "A hold was not decided on by its day."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding per hold, the longest overdue first."""
        holds = first_of(overdue_holds(now), HOLDS_MAX)
        return resting_on((_overdue(hold, now) for hold in holds), holds)


def _overdue(hold: Hold, now: datetime) -> Finding:
    assert hold.due_on is not None, "an overdue hold has a day"
    days = (now.date() - hold.due_on).days
    late = "1 day" if days == 1 else f"{days} days"
    return Finding(
        cause_key=f"{HoldOverdue.code}:{hold.pk}",
        title=f"The hold on {hold.lot.code} ({hold.reason}) is overdue by {late}",
        lot_id=hold.lot_id,
        step_id=hold.lot.step_id,
        owner_id=hold.owner_id,
        revision=f"due {hold.due_on.isoformat()}",
        evidence=Evidence(
            statistic="days overdue",
            value=days,
            limit=0,
            n=hold.lot.quantity,
            method="hold-due-v1",
            facts={
                "hold": hold.pk,
                "reason": hold.reason,
                "hold_class": hold.hold_class,
                "placed_at": hold.placed_at.isoformat(),
                "due_on": hold.due_on.isoformat(),
                "owner": str(hold.owner or ""),
            },
        ),
    )
