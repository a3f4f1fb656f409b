"""Lot events that have not reached the subledger."""

from __future__ import annotations

from datetime import datetime, timedelta

from finance.selectors.owed import OwedCause, first_unposted, owed_causes
from lots.models import Event
from quality.detectors.frame import Evidence, Finding, Severity

HOURS_MAX = 1


class EventsUnposted:
    """One cause for each reason why events are owed, and one for a poster that has stopped."""

    code = "events-unposted"
    description = "Lot events have waited more than an hour for the subledger."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """Events waiting for an earlier one of their lot are part of that one's cause."""
        before = now - timedelta(hours=HOURS_MAX)
        found = [_owed(cause, now) for cause in owed_causes(before)]
        event = first_unposted(before)
        return [*found, _stopped(event, now)] if event else found


def _owed(cause: OwedCause, now: datetime) -> Finding:
    return Finding(
        cause_key=f"{EventsUnposted.code}:{cause.first_seq}",
        title=f"Lot events owed to the subledger: {cause.code.replace('-', ' ')}",
        severity=Severity.MINOR,
        revision=str(cause.count),
        evidence=Evidence(
            statistic="events owed to the subledger",
            value=cause.count,
            limit=0,
            method="gap-v1",
            facts={
                "reason": cause.detail,
                "first_seq": cause.first_seq,
                "hours": _hours(cause.opened_at, now),
            },
        ),
    )


def _stopped(event: Event, now: datetime) -> Finding:
    return Finding(
        cause_key=f"{EventsUnposted.code}:stopped",
        title="The subledger no longer follows the lots ledger",
        severity=Severity.MAJOR,
        revision=str(event.seq),
        evidence=Evidence(
            statistic="hours since the oldest unposted event",
            value=_hours(event.recorded_at, now),
            limit=HOURS_MAX,
            method="lag-v1",
            facts={"seq": event.seq},
        ),
    )


def _hours(since: datetime, now: datetime) -> float:
    return (now - since) / timedelta(hours=1)
