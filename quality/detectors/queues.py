"""Lots that waited too long for work to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lots.domain.gates import hours_waited
from lots.models import Lot
from quality.domain.findings import Evidence, Finding
from quality.selectors.queues import LateStart, late_starts, overdue_lots

LOTS_MAX = 1000


class QueueTimeRunning:
    """Lots still waiting, by the clock; over once they are tracked in."""

    code = "queue-time-running"
    description = "A lot waits at its step for longer than the step allows."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding per lot, the longest waiting first."""
        return [_waiting(lot, now) for lot in overdue_lots(now)[:LOTS_MAX]]


class QueueTimePassed:
    """Lots whose work began too late, without a waiver; this stays true for ever."""

    code = "queue-time-passed"
    description = "Work on a lot began later than its step allows, without a waiver."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding per lot and step, the longest wait when it came there more than once."""
        longest: dict[tuple[int, int], LateStart] = {}
        for one in late_starts(lot_ids):
            key = (one.lot.pk, one.step.pk)
            longest[key] = max(longest.get(key, one), one, key=lambda start: start.hours)
        return [_late(one) for one in longest.values()]


def _waiting(lot: Lot, now: datetime) -> Finding:
    hours = hours_waited(lot.step_entered_at, now)
    return Finding(
        cause_key=f"{QueueTimeRunning.code}:{lot.code}:{lot.step.code}",
        title=f"{lot.code} has waited at {lot.step.code} for {hours:.0f} hours",
        lot_id=lot.pk,
        step_id=lot.step_id,
        revision=f"since {lot.step_entered_at.isoformat()}",
        evidence=Evidence(
            statistic="hours waited",
            value=hours,
            limit=lot.step.queue_hours_max,
            n=lot.quantity,
            method="queue-time-v1",
            facts={
                "entered_at": lot.step_entered_at.isoformat(),
                "custodian": lot.custodian.code,
            },
        ),
    )


def _late(one: LateStart) -> Finding:
    return Finding(
        cause_key=f"{QueueTimePassed.code}:{one.lot.code}:{one.step.code}",
        title=f"{one.lot.code} was begun at {one.step.code} after {one.hours:.0f} hours",
        lot_id=one.lot.pk,
        step_id=one.step.pk,
        revision=f"begun {one.started_at.isoformat()}",
        evidence=Evidence(
            statistic="hours waited",
            value=one.hours,
            limit=one.step.queue_hours_max,
            n=one.lot.quantity,
            method="queue-time-v1",
            facts={
                "entered_at": one.entered_at.isoformat(),
                "started_at": one.started_at.isoformat(),
                "left_by_event": one.event.seq if one.event else None,
            },
        ),
    )
