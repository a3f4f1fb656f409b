"""Reads of places: where a unit is, what a rack holds, what is deployed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from lots.domain.words import UnitKind
from lots.models import Unit
from lots.selectors.uses import Origin as TakenBack
from racks.domain.words import SlotKind
from racks.models import Commissioning, Placement, Rack, RackPlacement, Site, Slot

SQL = Path(__file__).resolve().parent.parent / "sql"
DEPTH_MAX = 12


@dataclass(frozen=True, slots=True)
class Place:
    """A slot and all that it stands in; no position, hall or site: the rack is not placed."""

    site: str
    hall: str
    position: str
    rack: str
    slot: int
    since: datetime


SYSTEM_KINDS = {UnitKind.SERVER, UnitKind.SYSTEM}


@dataclass(frozen=True, slots=True)
class Deployed:
    """Units of one product in place at one site.

    megawatts: typical draw beyond that of the parts inside them, so that rows add up.
    """

    site: str
    family: str
    product: str
    is_chip: bool
    is_system: bool
    unit_count: int
    megawatts: float


class Origin(StrEnum):
    """What placed material was traced from."""

    LOT = "lot"
    WAFER = "wafer"


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """A unit in a slot with material of a lot or wafer; no site: the rack stands nowhere."""

    origin: Origin
    origin_id: int
    serial: str
    rack: str
    slot: int
    position: str | None
    site: str | None


@dataclass(frozen=True, slots=True)
class SlotView:
    """A slot of an elevation, and the unit in it, if any."""

    number: int
    kind: SlotKind
    unit: Unit | None
    since: datetime | None


def open_placements() -> QuerySet[Placement]:
    """Placements that stand now, with unit, product, slot and rack."""
    return Placement.objects.filter(valid_to__isnull=True).select_related(
        "unit__product", "slot__rack"
    )


def places_of(unit_ids: Iterable[int]) -> dict[int, Place]:
    """Unit → where it is placed now; units in no slot are left out. Two queries."""
    placements = list(open_placements().filter(unit_id__in=list(unit_ids)))
    standing = {
        row.rack_id: row
        for row in RackPlacement.objects.filter(
            valid_to__isnull=True, rack_id__in={placement.slot.rack_id for placement in placements}
        ).select_related("position__hall__site")
    }
    return {
        placement.unit_id: _place(placement, standing.get(placement.slot.rack_id))
        for placement in placements
    }


def _place(placement: Placement, standing: RackPlacement | None) -> Place:
    position = standing.position if standing else None
    return Place(
        site=position.hall.site.code if position else "",
        hall=position.hall.code if position else "",
        position=position.code if position else "",
        rack=placement.slot.rack.serial,
        slot=placement.slot.number,
        since=placement.valid_from,
    )


def units_in_slot(rack_serial: str, slot_number: int) -> QuerySet[Unit]:
    """The unit in a slot now: one row, or none for an empty slot."""
    return Unit.objects.filter(
        placements__valid_to__isnull=True,
        placements__slot__rack__serial=rack_serial,
        placements__slot__number=slot_number,
    ).select_related("product", "lot")


def rack_elevation(rack: Rack) -> list[SlotView]:
    """Every slot of a rack from the bottom up, with what sits in it. Two queries."""
    placed = {
        placement.slot_id: placement
        for placement in open_placements().filter(slot__rack=rack).select_related("unit__lot")
    }
    return [
        _slot_view(slot, placed.get(slot.pk))
        for slot in Slot.objects.filter(rack=rack).order_by("number")
    ]


def _slot_view(slot: Slot, placement: Placement | None) -> SlotView:
    return SlotView(
        number=slot.number,
        kind=SlotKind(slot.kind),
        unit=placement.unit if placement else None,
        since=placement.valid_from if placement else None,
    )


def deployed() -> list[Deployed]:
    """What draws power in placed racks, by site and product. One query over what racks hold."""
    with connection.cursor() as cursor:
        cursor.execute(rack_walk("deployed_chips"), {"rack_ids": None})
        return [
            Deployed(
                site=site,
                family=family,
                product=product,
                is_chip=kind == UnitKind.PACKAGE,
                is_system=kind in SYSTEM_KINDS,
                unit_count=count,
                megawatts=float(watt) / 1e6,
            )
            for site, family, product, kind, count, watt in cursor.fetchall()
        ]


def heat_of_rack(rack: Rack) -> float:
    """Typical heat of all units in a rack's slots, kW; of their parts where theirs is not known."""
    with connection.cursor() as cursor:
        cursor.execute(statement("rack_heat"), {"rack": rack.pk})
        (watt,) = cursor.fetchone()
    return float(watt) / 1e3


def placed_from(*, lot_ids: Sequence[int], wafer_ids: Sequence[int]) -> list[PlacedUnit]:
    """Units in slots with material of these lots or wafers, by origin, rack and slot. One query."""
    asked: dict[str, Any] = {
        "lot_ids": list(lot_ids),
        "wafer_ids": list(wafer_ids),
        "depth_max": DEPTH_MAX,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement("placed_from"), asked)
        return [PlacedUnit(Origin(row[0]), *row[1:]) for row in cursor.fetchall()]


def latest_commissionings() -> QuerySet[Commissioning]:
    """The last finished round of each rack, with rack and window."""
    latest = Commissioning.objects.order_by("rack_id", "-finished_at", "-id").distinct("rack_id")
    return Commissioning.objects.filter(pk__in=latest.values("pk")).select_related("rack", "window")


def listed_sites() -> QuerySet[Site]:
    """Sites with the number of racks that stand there."""
    standing = Q(halls__positions__placements__valid_to__isnull=True)
    return Site.objects.annotate(rack_count=Count("halls__positions__placements", filter=standing))


def listed_racks() -> QuerySet[Rack]:
    """Racks with where they stand in `standing`, and how many slots there are and are filled."""
    standing = RackPlacement.objects.filter(valid_to__isnull=True).select_related(
        "position__hall__site"
    )
    slots = Slot.objects.filter(rack=OuterRef("pk")).order_by().values("rack")
    placed = open_placements().filter(slot__rack=OuterRef("pk")).order_by().values("slot__rack")
    return Rack.objects.prefetch_related(
        Prefetch("placements", queryset=standing, to_attr="standing")
    ).annotate(
        slot_count=Coalesce(Subquery(slots.annotate(count=Count("id")).values("count")), 0),
        unit_count=Coalesce(Subquery(placed.annotate(count=Count("id")).values("count")), 0),
    )


def rack_walk(name: str) -> str:
    """A statement over what is inside racks."""
    return statement("rack_walk") + statement(name)


def first_placement(origin: TakenBack) -> str:
    """The first placement of any of these, also one that ended, in words; "" for none."""
    placed = Placement.objects.filter(unit__in=origin.units).select_related("unit", "slot__rack")
    row = placed.order_by("id").first()
    if row is None:
        return ""
    verb = "sits" if row.valid_to is None else "sat"
    return f"{row.unit} {verb} in {row.slot} since {row.valid_from:%Y-%m-%d %H:%M} UTC"


@cache
def statement(name: str) -> str:
    """A file of SQL."""
    return (SQL / f"{name}.sql").read_text()
