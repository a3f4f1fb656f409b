"""Waivers about to end, and lots that passed beyond what a waiver allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lots.models import Waiver
from notices.domain.words import Severity
from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.domain.partial import first_of, resting_on
from quality.selectors.issues import rule_parameters
from quality.selectors.waivers import OverusedWaiver, ending_waivers, overused_waivers

WAIVERS_MAX = 500
USES_MAX = 50


@dataclass(frozen=True, slots=True)
class Thresholds:
    """warning_hours: how long before its end somebody must look at a waiver with units left."""

    warning_hours: int = 72


class WaiverLimits:
    """All waivers, by the clock."""

    code = "waiver-limits"
    description = (
        "A waiver with units left ends soon, or something passed outside its time or quantity, or "
        "who asked for it approved it."
    )
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding per waiver that ends soon, one per waiver used beyond what it allows."""
        limits = thresholds(Thresholds, rule_parameters(self.code))
        warning = timedelta(hours=limits.warning_hours)
        ending = first_of(ending_waivers(now, warning), WAIVERS_MAX)
        overused = first_of(overused_waivers(), WAIVERS_MAX)
        found = [_ending(waiver, now) for waiver in ending] + [_overused(one) for one in overused]
        return resting_on(found, ending, overused)


def _ending(waiver: Waiver, now: datetime) -> Finding:
    left = (waiver.valid_to - now) / timedelta(hours=1)
    return Finding(
        cause_key=f"{WaiverLimits.code}:{waiver.pk}:ending",
        title=f"Waiver {waiver.pk} ({waiver}) ends in {left:.0f} hours",
        severity=Severity.MINOR,
        lot_id=waiver.lot_id,
        step_id=waiver.step_id,
        revision=f"until {waiver.valid_to.isoformat()}",
        evidence=Evidence(
            statistic="units left",
            value=waiver.quantity - waiver.used,
            n=waiver.quantity,
            method="waiver-end-v1",
            facts=_facts(waiver),
        ),
    )


def _overused(one: OverusedWaiver) -> Finding:
    waiver = one.waiver
    return Finding(
        cause_key=f"{WaiverLimits.code}:{waiver.pk}:overused",
        title=f"Waiver {waiver.pk} ({waiver}): {'; '.join(_faults(one))}",
        lot_id=one.late[0].event.lot_id if one.late else waiver.lot_id,
        step_id=waiver.step_id,
        revision=f"{len(one.late)} late, {one.passed} passed",
        evidence=Evidence(
            statistic="units passed",
            value=one.passed,
            limit=waiver.quantity,
            method="waiver-use-v1",
            facts={
                **_facts(waiver),
                "passed_late": [
                    {
                        "lot": use.event.lot.code,
                        "seq": use.event.seq,
                        "quantity": use.quantity,
                        "occurred_at": use.event.occurred_at.isoformat(),
                        "recorded_at": use.event.recorded_at.isoformat(),
                    }
                    for use in one.late[:USES_MAX]
                ],
            },
        ),
    )


def _faults(one: OverusedWaiver) -> list[str]:
    faults = []
    if one.late:
        faults.append(f"{one.late[0].event.lot.code} passed outside its time")
    if one.is_over_quantity:
        faults.append(f"{one.passed} of {one.waiver.quantity} units passed")
    if one.is_self_approved:
        faults.append("approved by who asked for it")
    return faults


def _facts(waiver: Waiver) -> dict[str, str]:
    return {
        "gate": waiver.gate,
        "reason": waiver.reason,
        "valid_from": waiver.valid_from.isoformat(),
        "valid_to": waiver.valid_to.isoformat(),
        "requested_by": str(waiver.requested_by),
        "approved_by": str(waiver.approved_by or ""),
    }
