from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import nan

import pytest
from django.db import IntegrityError, connection, transaction

from lots.domain.commands import HoldOrder
from lots.domain.errors import HeldError
from lots.domain.words import HoldClass, HoldScope, UnitOfMeasure
from lots.services import correct_event, hold_lot, release_hold
from racks.domain.words import ReadingKind
from racks.models import CoolantWindow, Placement, Rack, Slot
from racks.services import (
    CommissioningRecord,
    Measured,
    load_reference,
    place_unit,
    record_commissioning,
    remove_unit,
    swap_unit,
)
from racks.tests.builders import INSTALLED_AT, ROUND
from racks.tests.conftest import Floor, command, cpu_lot, received, retold, server_with_cpu
from supplychain.base.errors import ConflictError, MissingError, RefusedError


def test_what_is_or_was_in_a_rack_is_not_taken_back(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.system)
    asked = replace(command("take back"), reason="never came")
    event = floor.system.created_by
    with pytest.raises(ConflictError, match="X1 sits in R1 slot 1 since 2026-03-01"):
        correct_event(event=event, command=asked)
    remove_unit(unit=floor.system, at=INSTALLED_AT + timedelta(days=1))
    with pytest.raises(ConflictError, match="X1 sat in R1 slot 1"):
        correct_event(event=event, command=asked)


def test_a_unit_taken_back_goes_into_no_rack(floor: Floor) -> None:
    floor.rack()
    asked = replace(command("take back"), reason="never came")
    correct_event(event=floor.system.created_by, command=asked)
    with pytest.raises(RefusedError, match="withdrawn"):
        floor.place(floor.system)


def round_on(rack: str = "R1", fluid: str = "PG25", **values: float) -> CommissioningRecord:
    given = {**ROUND, **values}
    return CommissioningRecord(
        rack_serial=rack,
        fluid=fluid,
        started_at=INSTALLED_AT,
        finished_at=INSTALLED_AT + timedelta(hours=1),
        op_key=f"{rack} {fluid} {values}",
        readings=[
            Measured(ReadingKind(kind), value, INSTALLED_AT) for kind, value in given.items()
        ],
    )


def test_a_rack_stands_in_its_position_with_numbered_slots(floor: Floor) -> None:
    floor.rack()
    rack = Rack.objects.get()
    assert list(rack.slots.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert str(rack.placements.get().position) == "PDX1/H1/A01"


def test_placing_a_rack_again_changes_nothing(floor: Floor) -> None:
    floor.rack()
    floor.rack()
    assert Rack.objects.get().placements.count() == 1
    assert Slot.objects.count() == 4


def test_a_rack_stands_in_one_position_only(floor: Floor) -> None:
    floor.rack()
    with pytest.raises(RefusedError, match="stands at"):
        floor.rack(position="A02")


def test_a_position_holds_one_rack_only(floor: Floor) -> None:
    floor.rack()
    with pytest.raises(RefusedError, match="taken by rack R1"):
        floor.rack("R2")


@pytest.mark.parametrize("slot_count", [0, 101])
def test_a_rack_has_a_sane_number_of_slots(floor: Floor, slot_count: int) -> None:
    with pytest.raises(RefusedError, match="slots"):
        floor.rack(slot_count=slot_count)


def test_placing_a_unit_again_changes_nothing(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    floor.place(floor.switch)
    assert Placement.objects.count() == 1


def test_a_slot_that_is_taken_is_refused_by_name(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    with pytest.raises(RefusedError, match="taken by N1"):
        floor.place(floor.system)


def test_a_unit_sits_in_one_slot_only(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    with pytest.raises(RefusedError, match="sits in R1 slot 1"):
        place_unit(unit=floor.switch, rack_serial="R1", slot_number=2, at=INSTALLED_AT)


def test_a_unit_that_is_no_good_is_refused(floor: Floor) -> None:
    floor.rack()
    floor.switch.state = "reject"
    floor.switch.save()
    with pytest.raises(RefusedError, match="disposition"):
        floor.place(floor.switch)


def test_what_is_built_into_something_is_refused(floor: Floor) -> None:
    floor.rack()
    chip = floor.chips.units.get(serial="C0")
    with pytest.raises(RefusedError, match="built into S1"):
        floor.place(chip)


def test_a_slot_takes_no_loose_chip(floor: Floor) -> None:
    floor.rack()
    (chip,) = received("LOOSE", "TRN3", UnitOfMeasure.PACKAGE, ["C9"]).units.all()
    with pytest.raises(RefusedError, match="servers, switches and systems"):
        floor.place(chip)


def test_a_slot_never_had_two_units_at_once(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    remove_unit(unit=floor.switch, at=INSTALLED_AT + timedelta(days=2))
    with pytest.raises(RefusedError, match="N1 sat in R1 slot 1 until"):
        floor.place(floor.system)


def test_a_unit_was_never_in_two_slots_at_once(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    left_at = INSTALLED_AT + timedelta(days=2)
    remove_unit(unit=floor.switch, at=left_at)
    with pytest.raises(RefusedError, match="N1 sat in R1 slot 1 until"):
        place_unit(unit=floor.switch, rack_serial="R1", slot_number=2, at=INSTALLED_AT)
    place_unit(unit=floor.switch, rack_serial="R1", slot_number=2, at=left_at)
    assert Placement.objects.count() == 2


def test_a_slot_that_does_not_exist_is_missing(floor: Floor) -> None:
    floor.rack()
    with pytest.raises(MissingError, match="no slot 9"):
        place_unit(unit=floor.switch, rack_serial="R1", slot_number=9, at=INSTALLED_AT)


def test_a_removed_unit_leaves_its_slot_free(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    left_at = INSTALLED_AT + timedelta(days=1)
    remove_unit(unit=floor.switch, at=left_at)
    place_unit(unit=floor.system, rack_serial="R1", slot_number=1, at=left_at)
    assert Placement.objects.filter(valid_to=None).get().unit == floor.system


def test_only_what_is_in_a_slot_can_be_removed(floor: Floor) -> None:
    with pytest.raises(RefusedError, match="no slot"):
        remove_unit(unit=floor.switch, at=INSTALLED_AT)


def test_a_swap_closes_one_placement_and_opens_the_next(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.servers[0])
    at = INSTALLED_AT + timedelta(days=1)
    new = swap_unit(unit=floor.servers[0], replacement=floor.servers[1], at=at)
    assert (new.unit, new.slot.number, new.valid_from) == (floor.servers[1], 1, at)
    assert floor.servers[0].placements.get().valid_to == at


def test_a_swap_that_cannot_be_finished_is_not_begun(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    with pytest.raises(RefusedError, match="sits in"):
        swap_unit(unit=floor.servers[0], replacement=floor.servers[1], at=INSTALLED_AT)
    assert floor.servers[0].placements.get().valid_to is None


def test_nothing_leaves_before_it_came(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    with pytest.raises(RefusedError, match="before"):
        remove_unit(unit=floor.switch, at=INSTALLED_AT - timedelta(days=1))


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({}, "pass"),
        ({"leak_pressure_decay_bar": 0.01}, "fail"),
        ({"flow_litre_per_minute": 9.5}, "fail"),
        ({"dew_point_celsius": 22.5}, "fail"),
        ({"return_celsius": nan}, "fail"),
    ],
)
def test_a_round_is_judged_by_the_heat_of_the_rack(
    floor: Floor, values: dict[str, float], verdict: str
) -> None:
    floor.rack()
    floor.place(*floor.servers)
    assert record_commissioning(record=round_on("R1", "PG25", **values)).verdict == verdict


def test_a_value_that_was_not_read_is_kept_as_missing(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers)
    round_ = record_commissioning(record=round_on(supply_celsius=nan))
    assert round_.readings.get(kind="supply_celsius").value is None


def test_a_round_is_recorded_once(floor: Floor) -> None:
    floor.rack()
    first = record_commissioning(record=round_on())
    assert record_commissioning(record=round_on()) == first


@pytest.mark.parametrize(("rack", "fluid"), [("R9", "PG25"), ("R1", "soup")])
def test_a_round_needs_a_known_rack_and_fluid(floor: Floor, rack: str, fluid: str) -> None:
    floor.rack()
    with pytest.raises(MissingError):
        record_commissioning(record=round_on(rack, fluid))


def test_windows_that_stand_are_left_as_they_are(floor: Floor) -> None:
    CoolantWindow.objects.update(supply_celsius_max=40)
    load_reference()
    assert CoolantWindow.objects.get().supply_celsius_max == 40


PLACE_IN_LAST_SLOT = """
    INSERT INTO racks_placement (unit_id, slot_id, valid_from, source_reference)
    SELECT unit_id, (SELECT MAX(id) FROM racks_slot), valid_from, '' FROM racks_placement
"""
PLACE_LAST_UNIT = """
    INSERT INTO racks_placement (unit_id, slot_id, valid_from, source_reference)
    SELECT (SELECT MAX(id) FROM lots_unit), slot_id, valid_from, '' FROM racks_placement
"""
STAND_TWICE = """
    INSERT INTO racks_rackplacement (rack_id, position_id, valid_from)
    SELECT rack_id, position_id, valid_from FROM racks_rackplacement
"""
NUMBER_TWICE = """
    INSERT INTO racks_slot (rack_id, number, kind) SELECT rack_id, number, kind FROM racks_slot
"""
LEAVE_BEFORE = "UPDATE racks_placement SET valid_to = valid_from - INTERVAL '1 day'"
TURN_WINDOW = "UPDATE racks_coolantwindow SET supply_celsius_max = 0"


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (PLACE_IN_LAST_SLOT, "racks_unit_one_slot"),
        (PLACE_LAST_UNIT, "racks_slot_one_unit"),
        (STAND_TWICE, "racks_rack_one_position"),
        (NUMBER_TWICE, "racks_slot_number"),
        (LEAVE_BEFORE, "racks_placement_interval"),
        (TURN_WINDOW, "racks_window_ordered"),
    ],
)
def test_the_database_itself_refuses(floor: Floor, statement: str, constraint: str) -> None:
    floor.rack()
    floor.place(floor.switch)
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


PLACE_SERVER = """
    INSERT INTO racks_placement (unit_id, slot_id, valid_from, source_reference)
    SELECT unit.id, slot.id, NOW(), '' FROM lots_unit AS unit, racks_slot AS slot
    WHERE unit.serial = 'S1' AND slot.number = 1
"""


@pytest.mark.parametrize("part", [None, "C1"])
def test_the_database_itself_places_nothing_on_hold(floor: Floor, part: str | None) -> None:
    floor.rack()
    scope = HoldScope.UNIT if part else HoldScope.LOT
    order = HoldOrder(
        hold_class=HoldClass.QUALITY,
        reason="particles",
        scope=scope,
        serials=(part,) if part else (),
    )
    hold_lot(lot=floor.chips, order=order, command=command("hold"))
    with (
        pytest.raises(IntegrityError, match="cannot be placed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(PLACE_SERVER)


def test_a_unit_of_a_lot_on_hold_is_not_placed(floor: Floor) -> None:
    floor.rack()
    lot = floor.servers[0].lot
    assert lot is not None
    hold = floor.hold(lot, "wrong firmware")
    with pytest.raises(HeldError, match=r"^S1 is on hold \(wrong firmware, lot SERVERS\)"):
        floor.place(floor.servers[0])
    release_hold(hold=hold, disposition="flashed", command=command("release"))
    floor.place(floor.servers[0])
    assert Placement.objects.count() == 1


def test_a_unit_that_a_hold_names_is_not_placed_and_its_neighbour_is(floor: Floor) -> None:
    floor.rack()
    first, second = floor.servers
    assert first.lot is not None
    order = HoldOrder(HoldClass.QUALITY, "scratched", scope=HoldScope.UNIT, serials=("S1",))
    hold_lot(lot=first.lot, order=order, command=command("hold S1"))
    with pytest.raises(HeldError, match="S1 is on hold"):
        floor.place(first)
    floor.place(second)


def test_a_unit_with_held_chips_inside_is_not_placed(floor: Floor) -> None:
    floor.rack()
    order = HoldOrder(HoldClass.QUALITY, "voids", scope=HoldScope.UNIT, serials=("C1", "C2"))
    hold_lot(lot=floor.chips, order=order, command=command("hold C1"))
    with pytest.raises(HeldError, match=r"^C1 in S1 is on hold \(voids, lot CHIPS\)"):
        floor.place(floor.servers[0])
    floor.place(floor.servers[1])


def test_a_unit_made_of_a_lot_on_hold_is_not_placed_but_stays_where_it_is(floor: Floor) -> None:
    floor.rack()
    first, second = floor.servers
    floor.place(first)
    floor.hold(floor.chips)
    floor.place(first)
    with pytest.raises(HeldError, match=r"C4 in S2 is on hold \(particles, lot CHIPS\)"):
        place_unit(unit=second, rack_serial="R1", slot_number=2, at=INSTALLED_AT)
    assert Placement.objects.count() == 1


@pytest.mark.parametrize("is_by_service", [True, False])
def test_a_unit_built_with_material_on_hold_is_not_placed(
    floor: Floor, is_by_service: bool
) -> None:
    floor.rack()
    cpus, server = server_with_cpu()
    floor.hold(cpus, "cracks")
    if is_by_service:
        with pytest.raises(HeldError, match=r"^S9 is on hold \(cracks, lot CPUS\)"):
            floor.place(server)
    else:
        with (
            pytest.raises(IntegrityError, match=r"S9 is on hold \(cracks\)"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(PLACE_SERVER.replace("'S1'", "'S9'"))
    floor.place(floor.servers[0])


@pytest.mark.parametrize("is_by_service", [True, False])
def test_material_told_anew_decides_whether_a_unit_is_placed(
    floor: Floor, is_by_service: bool
) -> None:
    floor.rack()
    named, server = server_with_cpu()
    floor.hold(cpu_lot("OTHER"), "cracks")
    retold(server, named.code, "OTHER")
    if is_by_service:
        with pytest.raises(HeldError, match=r"^S9 is on hold \(cracks, lot OTHER\)"):
            floor.place(server)
    else:
        with (
            pytest.raises(IntegrityError, match=r"S9 is on hold \(cracks\)"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(PLACE_SERVER.replace("'S1'", "'S9'"))
    retold(server, "OTHER", named.code)
    floor.place(server)
