"""Racks with unlike material, and slots that stay empty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quality.detectors.frame import Evidence, Finding, first_of, resting_on
from quality.detectors.thresholds import thresholds
from quality.selectors.issues import rule_parameters
from racks.models import Placement, RackContent
from racks.selectors import mixed_contents, slots_left_empty

RACKS_MAX = 500
SLOTS_MAX = 500


@dataclass(frozen=True, slots=True)
class Thresholds:
    """days: a slot may stand empty for so long after its unit was taken out."""

    days: int = 7


class RackMixed:
    """Chips, switches, sleds and servers of each rack: one family and stepping of each."""

    code = "rack-mixed"
    description = "A rack holds more than one generation or stepping of the same kind of thing."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding for each rack; one that people accept returns when its content changes."""
        racks: dict[str, list[RackContent]] = defaultdict(list)
        read = mixed_contents(RACKS_MAX)
        for content in read:
            racks[content.rack.serial].append(content)
        return resting_on((_mixed(serial, contents) for serial, contents in racks.items()), read)


class SlotLeftEmpty:
    """Slots that held a unit and hold none now."""

    code = "slot-left-empty"
    description = "A rack slot has stood empty since its unit was taken out."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding for each slot, the longest empty first."""
        days = thresholds(Thresholds, rule_parameters(self.code)).days
        slots = first_of(slots_left_empty(now - timedelta(days=days)), SLOTS_MAX)
        return resting_on((_empty(last, now, days) for last in slots), slots)


def _mixed(serial: str, contents: Sequence[RackContent]) -> Finding:
    counts: dict[str, int] = defaultdict(int)
    for one in contents:
        counts[" ".join((one.product.code, one.product.stepping)).strip()] += one.unit_count
    listed = ", ".join(sorted(counts))
    return Finding(
        cause_key=f"{RackMixed.code}:{serial}",
        title=f"Rack {serial} holds unlike material: {listed}",
        revision=listed,
        evidence=Evidence(
            statistic="products of one kind",
            value=len(counts),
            limit=1,
            n=sum(counts.values()),
            method="family-and-stepping-v1",
            facts={"rack": serial, **dict(sorted(counts.items()))},
        ),
    )


def _empty(last: Placement, now: datetime, days: int) -> Finding:
    assert last.valid_to is not None, "its unit was taken out"
    rack, number = last.slot.rack.serial, last.slot.number
    return Finding(
        cause_key=f"{SlotLeftEmpty.code}:{rack}:{number}",
        title=f"Slot {number} of rack {rack} is empty since {last.valid_to:%Y-%m-%d}",
        revision=f"since {last.valid_to.isoformat()}",
        evidence=Evidence(
            statistic="days empty",
            value=(now - last.valid_to) / timedelta(days=1),
            limit=days,
            method="slot-empty-v1",
            facts={"rack": rack, "slot": number, "last_unit": last.unit.serial},
        ),
    )
