"""Lots that have stood too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from lots.models import Lot
from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.domain.partial import first_of, resting_on
from quality.selectors.issues import rule_parameters
from quality.selectors.stale import stale_lots

LOTS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Thresholds:
    """factor: of the step's standard time."""

    factor: float = 2.0


class StaleWip:
    """All work in progress, by the clock."""

    code = "stale-wip"
    description = "An active lot has stood at its step too long."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding per lot, the longest standing first."""
        factor = thresholds(Thresholds, rule_parameters(self.code)).factor
        lots = first_of(stale_lots(now, factor), LOTS_MAX)
        return resting_on((_finding(lot, now, factor) for lot in lots), lots)


def _finding(lot: Lot, now: datetime, factor: float) -> Finding:
    days = (now - lot.step_entered_at) / timedelta(days=1)
    return Finding(
        cause_key=f"{StaleWip.code}:{lot.code}:{lot.step.code}",
        title=f"{lot.code} has stood at {lot.step.code} for {days:.0f} days at {lot.custodian}",
        lot_id=lot.pk,
        step_id=lot.step_id,
        revision=f"since {lot.step_entered_at.isoformat()}",
        evidence=Evidence(
            statistic="days at the step",
            value=days,
            limit=factor * lot.step.days_max,
            n=lot.quantity,
            method="step-standard-v1",
            facts={
                "entered_at": lot.step_entered_at.isoformat(),
                "days_standard": lot.step.days_max,
                "factor": factor,
                "custodian": lot.custodian.code,
            },
        ),
    )
