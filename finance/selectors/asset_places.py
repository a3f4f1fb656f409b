"""Where an asset was put up: slots of racks, and the places that those racks stood at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from finance.domain.asset_lives import AssetEvent, beside
from finance.domain.days import plant_day
from finance.domain.words import LifeStep
from lots.domain.serials import number_ranges
from lots.models import Unit
from racks.models import Placement, RackPlacement

Standings = dict[int, list[RackPlacement]]


def placings(units: Iterable[Unit], zone: ZoneInfo) -> list[AssetEvent]:
    """Each time that some of the units came to a rack or left it, or their rack moved. Two queries.

    By what the racks tell, late or early; the books do not know it.
    """
    placements = list(
        Placement.objects.filter(unit__in=list(units))
        .select_related("slot__rack", "event")
        .order_by("valid_from", "slot__rack", "slot__number")
    )
    standings: Standings = defaultdict(list)
    racks = {placement.slot.rack_id for placement in placements}
    for row in RackPlacement.objects.filter(rack__in=racks).select_related(
        "rack", "position__hall__site"
    ).order_by("valid_from"):  # fmt: skip
        standings[row.rack_id].append(row)
    came = [(row.valid_from, row) for row in placements]
    left = [(row.valid_to, row) for row in placements if row.valid_to is not None]
    return [
        *_told(LifeStep.PLACED, came, standings, zone),
        *_told(LifeStep.REMOVED, left, standings, zone),
        *_rack_moves(placements, standings, zone),
    ]


def _told(
    step: LifeStep,
    rows: Iterable[tuple[datetime, Placement]],
    standings: Standings,
    zone: ZoneInfo,
) -> list[AssetEvent]:
    """One line for all units that came to a rack, or left it, at once."""
    groups: dict[tuple[datetime, int], list[Placement]] = defaultdict(list)
    for at, row in rows:
        groups[at, row.slot.rack_id].append(row)
    return [
        beside(
            step, plant_day(at, zone), _event_seq(own), "",
            f"rack {own[0].slot.rack}{_stood(standings[rack], at)}, {_slots(own)}",
        )
        for (at, rack), own in groups.items()
    ]  # fmt: skip


def _event_seq(rows: Sequence[Placement]) -> int | None:
    return next((row.event.seq for row in rows if row.event is not None), None)


def _slots(rows: Sequence[Placement]) -> str:
    numbers = sorted({str(row.slot.number) for row in rows})
    return f"slot{'s' if len(numbers) > 1 else ''} {number_ranges(numbers)}"


def _stood(standings: Sequence[RackPlacement], at: datetime) -> str:
    """Where the rack stood at that moment; "" for nowhere."""
    there = [row for row in standings if row.valid_from <= at]
    last = there[-1] if there else None
    if last is None or (last.valid_to is not None and last.valid_to < at):
        return ""
    return f" at {last.position}"


def _rack_moves(
    placements: Sequence[Placement], standings: Standings, zone: ZoneInfo
) -> list[AssetEvent]:
    """Racks that came to another position while some of the units were in them."""
    stays: dict[int, list[Placement]] = defaultdict(list)
    for placement in placements:
        stays[placement.slot.rack_id].append(placement)
    return [
        beside(
            LifeStep.RACK_MOVED, plant_day(row.valid_from, zone), None, "",
            f"rack {row.rack} to {row.position}",
        )
        for rack, own in stays.items()
        for row in standings[rack]
        if any(_is_inside(placement, row.valid_from) for placement in own)
    ]  # fmt: skip


def _is_inside(placement: Placement, at: datetime) -> bool:
    has_left = placement.valid_to is not None and placement.valid_to <= at
    return placement.valid_from < at and not has_left
