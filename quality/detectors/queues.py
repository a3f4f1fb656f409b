"""Lots that waited too long for work to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from lots.domain.gates import hours_waited
from lots.models import Lot, QueueClock
from quality.domain.findings import Evidence, Finding, Json
from quality.domain.partial import first_of, resting_on
from quality.selectors.late_work import LateSpan, LateStart, late_spans, late_starts
from quality.selectors.queues import overdue_clocks, overdue_lots

LOTS_MAX = 1000


class QueueTimeRunning:
    """Lots still waiting, by the clock; over once they are tracked in."""

    code = "queue-time-running"
    description = "A lot waits at its step, or since an earlier one, for longer than is allowed."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding per lot and limit, the longest waiting first."""
        oldest: dict[tuple[int, int], QueueClock] = {}
        clocks = first_of(overdue_clocks(now), LOTS_MAX)
        for clock in clocks:
            oldest.setdefault((clock.lot_id, clock.limit_id), clock)
        lots = first_of(overdue_lots(now), LOTS_MAX)
        found = [
            *(_waiting(lot, now) for lot in lots),
            *(_between(clock, now) for clock in oldest.values()),
        ]
        return resting_on(found, clocks, lots)


class QueueTimePassed:
    """Lots whose work began too late, without a waiver; this stays true for ever."""

    code = "queue-time-passed"
    description = "A wait of a lot ended later than is allowed, without a waiver."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding per lot and step, the longest wait when it came there more than once."""
        longest: dict[tuple[int, int], LateStart] = {}
        for one in late_starts(lot_ids):
            key = (one.lot.pk, one.step.pk)
            longest[key] = max(longest.get(key, one), one, key=lambda start: start.hours)
        spans: dict[tuple[int, int], LateSpan] = {}
        for span in late_spans(lot_ids):
            place = (span.clock.lot_id, span.clock.limit_id)
            spans[place] = max(spans.get(place, span), span, key=lambda one: one.hours)
        return [
            *(_late(one) for one in longest.values()),
            *(_late_after(span) for span in spans.values()),
        ]


def _waiting(lot: Lot, now: datetime) -> Finding:
    hours = hours_waited(lot.waits_since, now)
    return Finding(
        cause_key=f"{QueueTimeRunning.code}:{lot.code}:{lot.step.code}",
        title=f"{lot.code} has waited at {lot.step.code} for {hours:.0f} hours",
        lot_id=lot.pk,
        step_id=lot.step_id,
        revision=f"since {lot.waits_since.isoformat()}",
        evidence=Evidence(
            statistic="hours waited",
            value=hours,
            limit=lot.step.queue_hours_max,
            n=lot.quantity,
            method="queue-time-v1",
            facts={
                "entered_at": lot.waits_since.isoformat(),
                "custodian": lot.custodian.code,
            },
        ),
    )


def _between(clock: QueueClock, now: datetime) -> Finding:
    hours, limit = hours_waited(clock.since, now), clock.limit
    title = f"{clock.lot.code} has been on its way from {limit.from_step} to {limit.to_step}"
    return Finding(
        cause_key=f"{QueueTimeRunning.code}:{clock.lot.code}:{_span(clock)}",
        title=f"{title} for {hours:.0f} hours",
        lot_id=clock.lot_id,
        step_id=limit.to_step_id,
        revision=f"since {clock.since.isoformat()}",
        evidence=_span_evidence(clock, hours, {"custodian": clock.lot.custodian.code}),
    )


def _late_after(span: LateSpan) -> Finding:
    clock, limit = span.clock, span.clock.limit
    what = "was begun at" if span.is_begun else "waited in vain for"
    begun = f"{clock.lot.code} {what} {limit.to_step} {span.hours:.0f} hours after"
    return Finding(
        cause_key=f"{QueueTimePassed.code}:{clock.lot.code}:{_span(clock)}",
        title=f"{begun} {limit.from_step}",
        lot_id=clock.lot_id,
        step_id=limit.to_step_id,
        revision=f"begun {span.event.occurred_at.isoformat()}",
        evidence=_span_evidence(clock, span.hours, {"begun_by_event": span.event.seq}),
    )


def _span(clock: QueueClock) -> str:
    return f"{clock.limit.from_step.code}>{clock.limit.to_step.code}"


def _span_evidence(clock: QueueClock, hours: float, more: Mapping[str, Json]) -> Evidence:
    return Evidence(
        statistic="hours from the end of one step to the start of the other",
        value=hours,
        limit=clock.limit.hours_max,
        n=clock.lot.quantity,
        method="queue-time-between-v1",
        facts={
            "from_step": clock.limit.from_step.code,
            "to_step": clock.limit.to_step.code,
            "since": clock.since.isoformat(),
            **more,
        },
    )


def _late(one: LateStart) -> Finding:
    what = "was begun at" if one.is_begun else "went on from"
    return Finding(
        cause_key=f"{QueueTimePassed.code}:{one.lot.code}:{one.step.code}",
        title=f"{one.lot.code} {what} {one.step.code} after {one.hours:.0f} hours",
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
