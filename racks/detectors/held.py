"""Causes seen only where things are placed: held material in a rack, and coolant that failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from lots.domain.words import LotState
from lots.models import Hold, Lot, Wafer
from quality.detectors.frame import Evidence, Finding, Json, Severity
from racks.domain.words import Verdict
from racks.models import Commissioning
from racks.selectors import Origin, PlacedUnit, latest_commissionings, placed_from

UNITS_MAX = 200
RACKS_NAMED = 3


class DeployedFromHeldLot:
    """Any placed unit with material of a lot on hold, of a scrapped lot, or of a scrapped wafer."""

    code = "deployed-from-held-lot"
    description = "A unit in a rack slot holds material of a lot on hold, or of scrapped material."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding per lot or wafer, whatever the number of its holds and units."""
        holds: dict[int, list[Hold]] = defaultdict(list)
        for hold in Hold.objects.filter(released_at__isnull=True).order_by("pk"):
            holds[hold.lot_id].append(hold)
        lots = Lot.objects.filter(pk__in=holds) | Lot.objects.filter(state=LotState.SCRAPPED)
        lots_by_id = lots.in_bulk()
        wafers = Wafer.objects.filter(is_scrapped=True, is_diced=True).in_bulk()
        placed: dict[tuple[Origin, int], list[PlacedUnit]] = defaultdict(list)
        for unit in placed_from(lot_ids=list(lots_by_id), wafer_ids=list(wafers)):
            placed[unit.origin, unit.origin_id].append(unit)
        return [
            _held_lot(lots_by_id[origin_id], holds[origin_id], units)
            if origin is Origin.LOT
            else _scrapped_wafer(wafers[origin_id], units)
            for (origin, origin_id), units in placed.items()
        ]


class CommissioningFailed:
    """Racks whose latest round of checks failed."""

    code = "commissioning-failed"
    description = "The latest commissioning of a rack has a reading out of its window."
    is_timed = True

    def find(self, now: datetime) -> list[Finding]:
        """One finding per rack; a later round that passes clears it."""
        failed = latest_commissionings().filter(verdict=Verdict.FAIL)
        return [_failed_round(round_) for round_ in failed.prefetch_related("readings")]


def _held_lot(lot: Lot, holds: Sequence[Hold], units: Sequence[PlacedUnit]) -> Finding:
    why = f"on hold: {holds[0].reason}" if holds else "scrapped"
    return Finding(
        cause_key=f"{DeployedFromHeldLot.code}:{lot.code}",
        title=f"{places_of(units)} with material of {lot.code}, {why}",
        severity=Severity.CRITICAL,
        lot_id=lot.pk,
        revision="holds " + ",".join(str(hold.pk) for hold in holds) if holds else "scrapped",
        evidence=_evidence(units, {"lot": lot.code, "holds": [_hold(hold) for hold in holds]}),
    )


def _scrapped_wafer(wafer: Wafer, units: Sequence[PlacedUnit]) -> Finding:
    return Finding(
        cause_key=f"{DeployedFromHeldLot.code}:wafer:{wafer.code}",
        title=f"{places_of(units)} with material of {wafer.code}, scrapped",
        severity=Severity.CRITICAL,
        lot_id=wafer.lot_id,
        wafer_id=wafer.pk,
        revision="scrapped",
        evidence=_evidence(units, {"wafer": wafer.code}),
    )


def places_of(units: Sequence[PlacedUnit]) -> str:
    """How many, and the first racks by name; the others counted."""
    racks = sorted({unit.rack for unit in units})
    more = len(racks) - RACKS_NAMED
    named = ", ".join(racks[:RACKS_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"{len(units)} placed unit{'s' * (len(units) > 1)} in {named}"


def _hold(hold: Hold) -> dict[str, Json]:
    return {
        "class": hold.hold_class,
        "reason": hold.reason,
        "placed_at": hold.placed_at.isoformat(),
    }


def _evidence(units: Sequence[PlacedUnit], cause: dict[str, Json]) -> Evidence:
    return Evidence(
        statistic="placed units",
        value=len(units),
        limit=0,
        method="genealogy-v1",
        facts={
            **cause,
            "racks": sorted({unit.rack for unit in units}),
            "sites": sorted({unit.site for unit in units if unit.site}),
            "units": [
                {"serial": unit.serial, "rack": unit.rack, "slot": unit.slot}
                for unit in units[:UNITS_MAX]
            ],
        },
    )


def _failed_round(failed: Commissioning) -> Finding:
    readings = [row for row in failed.readings.all() if row.verdict == Verdict.FAIL]
    kinds = sorted({row.kind for row in readings})
    return Finding(
        cause_key=f"{CommissioningFailed.code}:{failed.rack.serial}",
        title=f"Commissioning of {failed.rack.serial} failed: {', '.join(kinds)}",
        revision=f"commissioning {failed.pk}",
        evidence=Evidence(
            statistic="failed readings",
            value=len(readings),
            limit=0,
            method=f"coolant-window {failed.window}",
            facts={
                "rack": failed.rack.serial,
                "kilowatts": failed.kilowatts,
                "readings": [
                    {
                        "kind": row.kind,
                        "value": row.value,
                        "limit_low": row.limit_low,
                        "limit_high": row.limit_high,
                        "measured_at": row.measured_at.isoformat(),
                    }
                    for row in readings
                ],
            },
        ),
    )
