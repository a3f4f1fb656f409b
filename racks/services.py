"""Writes of places. Each is one transaction, safe to run twice, and never overwrites."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Q

from lots.domain.errors import HeldError
from lots.domain.words import UnitKind, UnitState
from lots.models import Unit
from lots.selectors import stops_of_unit
from racks.domain.coolant import Limits, Window, judge, limits_of, overall
from racks.domain.words import ReadingKind, SlotKind, Verdict
from racks.models import (
    Commissioning,
    CommissioningReading,
    CoolantWindow,
    Hall,
    Placement,
    Rack,
    RackOwed,
    RackPlacement,
    RackPosition,
    Site,
    Slot,
)
from racks.selectors import heat_of_rack, rack_walk, statement
from supplychain.base.errors import MissingError, RefusedError

REFERENCE = Path(__file__).parent / "reference"
SLOTS_MAX = 100
CONTENTS_A_TIME = 200
CONTENTS = "racks.rackcontent"
PLACEABLE = frozenset({UnitKind.SERVER, UnitKind.SWITCH, UnitKind.SYSTEM})
WINDOW_FIELDS = tuple(Window.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RackOrder:
    """A rack that stands in a position. What is named and new is made."""

    site_code: str
    site_name: str
    country: str
    hall_code: str
    position_code: str
    row: str
    column: int
    rack_serial: str
    rack_name: str = ""
    slot_count: int
    installed_at: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """One commissioning reading; value NaN where the sensor gave none."""

    kind: ReadingKind
    value: float
    measured_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissioningRecord:
    """A round of readings on one rack. op_key: the caller's idempotency key."""

    rack_serial: str
    fluid: str
    started_at: datetime
    finished_at: datetime
    op_key: str
    readings: Sequence[Measured] = field(default_factory=tuple)


@transaction.atomic
def place_rack(*, order: RackOrder) -> Rack:
    """The rack, in its position. RefusedError when either is taken, or slots too many."""
    if not 1 <= order.slot_count <= SLOTS_MAX:
        raise RefusedError(
            f"Rack {order.rack_serial} cannot have {order.slot_count} slots; use 1 to {SLOTS_MAX}.",
            rack=order.rack_serial,
        )
    position = _position(order)
    rack, _ = Rack.objects.get_or_create(
        serial=order.rack_serial, defaults={"name": order.rack_name}
    )
    Rack.objects.select_for_update(no_key=True).get(pk=rack.pk)
    have = set(rack.slots.values_list("number", flat=True))
    Slot.objects.bulk_create(
        Slot(rack=rack, number=number, kind=SlotKind.COMPUTE)
        for number in range(1, order.slot_count + 1)
        if number not in have
    )
    _stand(rack, position, order.installed_at)
    return rack


def _position(order: RackOrder) -> RackPosition:
    site, _ = Site.objects.get_or_create(
        code=order.site_code, defaults={"name": order.site_name, "country": order.country}
    )
    hall, _ = Hall.objects.get_or_create(site=site, code=order.hall_code)
    position, _ = RackPosition.objects.get_or_create(
        hall=hall,
        code=order.position_code,
        defaults={"row": order.row, "column": order.column},
    )
    return RackPosition.objects.select_for_update(no_key=True).get(pk=position.pk)


def _stand(rack: Rack, position: RackPosition, installed_at: datetime) -> None:
    standing = rack.placements.filter(valid_to__isnull=True).select_related("position").first()
    if standing is not None and standing.position_id == position.pk:
        return
    if standing is not None:
        raise RefusedError(
            f"Rack {rack} stands at {standing.position}. Take it out there first.", rack=rack.serial
        )
    taken = position.placements.filter(valid_to__isnull=True).select_related("rack").first()
    if taken is not None:
        raise RefusedError(
            f"Position {position} is taken by rack {taken.rack}.", position=str(position)
        )
    RackPlacement.objects.create(rack=rack, position=position, valid_from=installed_at)


@transaction.atomic
def place_unit(
    *, unit: Unit, rack_serial: str, slot_number: int, at: datetime, source_reference: str = ""
) -> Placement:
    """The unit, in the slot; again the same. RefusedError when either is taken.

    HeldError when the unit, its lot or something inside it is on hold.
    """
    slot = _locked_slot(rack_serial, slot_number)
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    standing = unit.placements.filter(valid_to__isnull=True).select_related("slot__rack").first()
    if standing is not None and standing.slot_id == slot.pk:
        return standing
    _check_placeable(unit, standing, slot)
    _lock_lots_inside(unit)
    _refuse_held(unit)
    _check_time(unit, slot, at)
    return Placement.objects.create(
        unit=unit, slot=slot, valid_from=at, source_reference=source_reference
    )


def _locked_slot(rack_serial: str, slot_number: int) -> Slot:
    slot = (
        Slot.objects.select_for_update(of=("self",), no_key=True)
        .select_related("rack")
        .filter(rack__serial=rack_serial, number=slot_number)
        .first()
    )
    if slot is None:
        raise MissingError(
            f"Rack {rack_serial} has no slot {slot_number}. Check the rack build.",
            rack=rack_serial,
            slot=slot_number,
        )
    return slot


def _check_placeable(unit: Unit, standing: Placement | None, slot: Slot) -> None:
    if standing is not None:
        raise RefusedError(
            f"{unit} sits in {standing.slot}. Remove it there first.", serial=unit.serial
        )
    taken = slot.placements.filter(valid_to__isnull=True).select_related("unit").first()
    if taken is not None:
        raise RefusedError(f"{slot} is taken by {taken.unit}.", slot=str(slot))
    if unit.state != UnitState.GOOD:
        raise RefusedError(
            f"{unit} is {unit.state} and cannot be placed. Get a disposition first.",
            serial=unit.serial,
        )
    edge = unit.parent_edges.filter(valid_to__isnull=True).select_related("parent").first()
    if edge is not None and edge.parent.kind != UnitKind.ULTRASERVER:
        raise RefusedError(
            f"{unit} is built into {edge.parent}; place that instead.", serial=unit.serial
        )
    if unit.kind not in PLACEABLE:
        raise RefusedError(
            f"{unit} is a {unit.kind}; a slot takes servers, switches and systems.",
            serial=unit.serial,
        )


def _lock_lots_inside(unit: Unit) -> None:
    """No lot of what is in the unit comes on hold before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT racks_lock_lots_inside_v3(%s)", [unit.pk])


def _refuse_held(unit: Unit) -> None:
    stops = stops_of_unit(unit)
    if not stops:
        return
    inside = sorted({stop.serial for stop in stops} - {unit.serial})
    what = f"{unit} is" if len(inside) < len(stops) else f"{inside[0]} in {unit} is"
    named = "; ".join(f"{stop.reason}, lot {stop.lot}" for stop in stops)
    raise HeldError(
        f"{what} on hold ({named}). Release the hold first, or place another.",
        serial=unit.serial,
        lots=[stop.lot for stop in stops],
    )


def _check_time(unit: Unit, slot: Slot, at: datetime) -> None:
    """Intervals never overlap: at any instant a unit is in one slot, and a slot has one unit."""
    later = Placement.objects.filter(Q(unit=unit) | Q(slot=slot), valid_to__gt=at)
    if last := later.select_related("unit", "slot__rack").order_by("-valid_to").first():
        raise RefusedError(
            f"{last.unit} sat in {last.slot} until {last.valid_to:%Y-%m-%d %H:%M %Z}; "
            f"{unit} cannot come to {slot} before that. Check the time.",
            serial=unit.serial,
        )


@transaction.atomic
def remove_unit(*, unit: Unit, at: datetime) -> Placement:
    """The placement, now closed. RefusedError for a unit in no slot, or a time before it came."""
    standing = (
        Placement.objects.select_for_update(no_key=True)
        .filter(unit=unit, valid_to__isnull=True)
        .first()
    )
    if standing is None:
        raise RefusedError(f"{unit} sits in no slot.", serial=unit.serial)
    if at < standing.valid_from:
        raise RefusedError(
            f"{unit} came only at {standing.valid_from:%Y-%m-%d %H:%M %Z}; it cannot leave before.",
            serial=unit.serial,
        )
    standing.valid_to = at
    standing.save(update_fields=["valid_to"])
    return standing


@transaction.atomic
def swap_unit(*, unit: Unit, replacement: Unit, at: datetime) -> Placement:
    """The replacement in the slot that the unit leaves at the same instant. Both, or neither."""
    left = remove_unit(unit=unit, at=at)
    slot = left.slot
    return place_unit(
        unit=replacement, rack_serial=slot.rack.serial, slot_number=slot.number, at=at
    )


@transaction.atomic
def record_commissioning(*, record: CommissioningRecord) -> Commissioning:
    """The round, judged once per op_key by the fluid's newest window and the rack's heat."""
    rack = Rack.objects.select_for_update(no_key=True).filter(serial=record.rack_serial).first()
    if rack is None:
        raise MissingError(f"There is no rack {record.rack_serial}.", rack=record.rack_serial)
    if known := Commissioning.objects.filter(op_key=record.op_key).first():
        return known
    window = CoolantWindow.objects.filter(fluid=record.fluid).order_by("-version").first()
    if window is None:
        raise MissingError(
            f"There is no coolant window for fluid {record.fluid!r}. Add one first.",
            fluid=record.fluid,
        )
    kilowatts = heat_of_rack(rack)
    judged = _judged(record.readings, window, kilowatts)
    commissioning = Commissioning.objects.create(
        rack=rack,
        window=window,
        kilowatts=kilowatts,
        verdict=_overall(judged),
        started_at=record.started_at,
        finished_at=record.finished_at,
        op_key=record.op_key,
    )
    CommissioningReading.objects.bulk_create(
        CommissioningReading(
            commissioning=commissioning,
            kind=reading.kind,
            value=None if isnan(reading.value) else reading.value,
            limit_low=limits.low,
            limit_high=limits.high,
            verdict=verdict,
            measured_at=reading.measured_at,
        )
        for reading, limits, verdict in judged
    )
    return commissioning


Judged = list[tuple[Measured, Limits, Verdict]]


def _judged(readings: Sequence[Measured], window: CoolantWindow, kilowatts: float) -> Judged:
    bounds = Window(**{name: getattr(window, name) for name in WINDOW_FIELDS})
    latest: dict[ReadingKind, float] = {}
    judged: Judged = []
    for reading in sorted(readings, key=lambda row: row.measured_at):
        latest[reading.kind] = reading.value
    for reading in readings:
        limits = limits_of(reading.kind, window=bounds, kilowatts=kilowatts, latest=latest)
        judged.append((reading, limits, judge(reading.value, limits)))
    return judged


def _overall(judged: Judged) -> Verdict:
    verdicts: dict[ReadingKind, list[Verdict]] = defaultdict(list)
    for reading, _, verdict in judged:
        verdicts[reading.kind].append(verdict)
    return overall(verdicts)


@transaction.atomic
def store_contents(*, limit: int = CONTENTS_A_TIME) -> int:
    """Store anew what is in racks that changed, oldest change first; how many racks.

    What changes meanwhile is owed again: its row comes after those taken here. One at a time; to
    whoever comes second there is nothing to do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [CONTENTS])
        if not cursor.fetchone()[0]:
            return 0
        owed = RackOwed.objects.order_by("id").values_list("rack_id", flat=True)[: 10 * limit]
        racks = {"rack_ids": list(dict.fromkeys(owed))[:limit]}
        RackOwed.objects.filter(rack__in=racks["rack_ids"]).delete()
        cursor.execute(statement("rack_contents_away"), racks)
        cursor.execute(rack_walk("rack_contents"), racks)
    return len(racks["rack_ids"])


@transaction.atomic
def load_reference() -> None:
    """Coolant windows. A version that stands is left as it is; a change needs a new version."""
    for row in json.loads((REFERENCE / "coolant_windows.json").read_text()):
        CoolantWindow.objects.get_or_create(
            fluid=row.pop("fluid"), version=row.pop("version"), defaults=row
        )
