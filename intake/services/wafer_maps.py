"""Bin maps of wafers beside what stands recorded here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from intake.domain.errors import WaitingError
from intake.domain.maps.grids import MappedDie, bin_faults, dies_of, good_count
from intake.domain.maps.words import BinMap
from intake.models import NEWEST_FIRST, WaferMap
from lots.domain.words import UnitState
from lots.models import Unit, Wafer
from supplychain.base.errors import RefusedError
from testing.selectors import die_positions

FAULTS_NAMED = 5


class MapContradictionError(RefusedError):
    """A map that contradicts itself, or what was recorded of its wafer."""

    code = "map-contradiction"
    title = "The map contradicts itself"


@transaction.atomic
def record_map(*, found: BinMap, file_id: int, number: int, occurred_at: datetime) -> WaferMap:
    """Keep a map of a wafer of ours, with how it differs from our own dies.

    WaitingError while the wafer is not known; MapContradictionError for counts that its own dies
    do not have, or places that the wafer does not.
    """
    wafer = wafer_by_code(found.substrate)
    dies = dies_of(found.grid)
    faults = bin_faults(dies, found.bins)
    if faults:
        raise MapContradictionError(
            f"Map of wafer {wafer.code}: {'; '.join(faults[:FAULTS_NAMED])}. Ask the sender for a "
            "right one.",
            wafer=wafer.code,
        )
    known = known_dies(wafer)
    _refuse_off_the_map(wafer, dies, known)
    passing = {one.code for one in found.bins if one.is_pass}
    drawn = {(die.x, die.y): die.code in passing for die in dies}
    return WaferMap.objects.create(
        file_id=file_id,
        number=number,
        wafer=wafer,
        name=found.name,
        version=found.version,
        orientation=found.orientation,
        origin=found.grid.origin,
        axis=found.grid.axis,
        bins=[[one.code, one.is_pass, one.description] for one in found.bins],
        dies=[[die.x, die.y, die.code] for die in dies],
        die_count=len(dies),
        good_count=good_count(dies, found.bins),
        known_die_count=len(known) if known else None,
        known_good_count=sum(known.values()) if known else None,
        differing_count=sum(drawn.get(place, False) != good for place, good in known.items()),
        occurred_at=occurred_at,
    )


def wafer_by_code(code: str) -> Wafer:
    """WaitingError while there is none."""
    wafer = Wafer.objects.select_related("lot__route_version").filter(code=code).first()
    if wafer is None:
        raise WaitingError(f"There is no wafer {code} yet.", wafer=code)
    return wafer


def known_dies(wafer: Wafer) -> dict[tuple[int, int], bool]:
    """Places with a die of ours, and whether it was good: cut ones, else as sorted; {} for none."""
    there = Unit.objects.exclude(state=UnitState.WITHDRAWN)
    cut = there.filter(wafer=wafer).values_list("x", "y", "state")
    dies = {
        (x, y): state != UnitState.REJECT for x, y, state in cut if x is not None and y is not None
    }
    if dies or wafer.number is None:
        return dies
    sorted_dies = die_positions(wafer.lot).get(wafer.number, [])
    return {(die.x, die.y): die.is_good for die in sorted_dies}


def _refuse_off_the_map(
    wafer: Wafer, dies: list[MappedDie], known: dict[tuple[int, int], bool]
) -> None:
    """A wrong origin or axis shows itself so: dies where the wafer has none."""
    off = [die for die in dies if known and (die.x, die.y) not in known]
    if off:
        named = ", ".join(f"{die.x}:{die.y}" for die in off[:FAULTS_NAMED])
        raise MapContradictionError(
            f"Map of wafer {wafer.code}: {len(off)} of {len(dies)} dies lie where the wafer has "
            f"none, such as {named}. Check origin and axis of the map.",
            wafer=wafer.code,
        )


def newest_map(wafer_id: int) -> WaferMap | None:
    """The map of a wafer that counts."""
    return WaferMap.objects.filter(wafer=wafer_id).order_by(*NEWEST_FIRST).first()
