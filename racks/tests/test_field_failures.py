"""Parts that failed in racks, and parts that came back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from lots.domain.words import UnitOfMeasure
from lots.models import Event, Genealogy, Lot, Product, Unit
from lots.services import swap_part
from quality.detectors.frame import Finding, Severity, detectors
from quality.domain.partial import Partial
from racks.detectors import (
    FieldFailuresCluster,
    RackMixed,
    RedeployedUntested,
    SlotLeftEmpty,
    failures,
    standing,
)
from racks.models import Rack, RackContent
from racks.selectors import failures as failures_read
from racks.selectors import field_failures, population
from racks.services import place_unit, remove_unit, store_contents
from racks.tests.builders import INSTALLED_AT
from racks.tests.conftest import BUILT_AT, Floor, command, received
from testing.domain.words import EquipmentKind
from testing.models import BurnInRequirement, BurnInRun, BurnInUnit, Equipment, LotStep

SINCE = INSTALLED_AT - timedelta(days=30)
LATER = INSTALLED_AT + timedelta(days=10)


def at(key: str, when: datetime = LATER) -> Any:
    return replace(command(key), occurred_at=when)


def swapped(server: Unit, place: int, spare: str, when: datetime = LATER) -> Event:
    """The chip at the place leaves the server; a spare takes over."""
    return swap_part(
        parent=server,
        position=f"P{place}",
        new_serial=spare,
        command=at(f"swap {server} {place} {spare}", when),
        returned_lot_code="RMA",
    )


@pytest.fixture
def deployed(floor: Floor) -> Floor:
    """Both servers in a rack, and five spare chips."""
    floor.rack()
    floor.place(*floor.servers)
    received("SPARES", "TRN3", UnitOfMeasure.PACKAGE, [f"Z{n}" for n in range(5)])
    return floor


def test_all_four_are_run_by_the_clock() -> None:
    codes = {detector.code for detector in detectors(is_timed=True)}
    assert {
        "field-failures-cluster", "redeployed-untested", "rack-mixed", "slot-left-empty",
    } <= codes  # fmt: skip


def test_a_part_swapped_out_of_a_placed_server_failed_in_the_field(deployed: Floor) -> None:
    swapped(deployed.servers[0], 0, "Z0")
    (found,) = field_failures(SINCE)
    assert (found.serial, found.lot, found.rack, found.removed_at) == ("C0", "CHIPS", "R1", LATER)


def test_a_part_swapped_before_its_server_came_to_a_rack_is_no_field_failure(floor: Floor) -> None:
    received("SPARES", "TRN3", UnitOfMeasure.PACKAGE, ["Z0"])
    swapped(floor.servers[0], 0, "Z0", BUILT_AT + timedelta(hours=1))
    floor.rack()
    floor.place(*floor.servers)
    assert field_failures(SINCE) == []


def test_a_server_taken_out_for_repair_counts_by_where_it_sat(deployed: Floor) -> None:
    remove_unit(unit=deployed.servers[0], at=INSTALLED_AT + timedelta(days=9))
    swapped(deployed.servers[0], 0, "Z0")
    assert [one.rack for one in field_failures(SINCE)] == ["R1"]


def test_failures_before_the_window_are_left_out(deployed: Floor) -> None:
    swapped(deployed.servers[0], 0, "Z0")
    assert field_failures(LATER + timedelta(days=1)) == []


def cluster() -> list[Finding]:
    return FieldFailuresCluster().find(LATER)


def fleet(deployed: Floor, count: int = 3000) -> None:
    """So many other chips in the field, of other lots."""
    store_contents()
    rack = Rack.objects.create(serial="R2")
    chip = Unit.objects.get(serial="C0").product
    RackContent.objects.create(rack=rack, product=chip, unit_count=count)
    chips = deployed.chips
    for number in range(20):
        Lot.objects.create(
            code=f"O-{number}", kind=chips.kind, product=chip, route_version=chips.route_version,
            step=chips.step, step_entered_at=BUILT_AT, custodian=chips.custodian,
            unit_of_measure=chips.unit_of_measure, quantity=0, started_at=BUILT_AT,
        )  # fmt: skip


def test_failures_of_one_lot_in_several_racks_are_a_cluster(deployed: Floor) -> None:
    fleet(deployed)
    first, second = deployed.servers
    remove_unit(unit=second, at=INSTALLED_AT + timedelta(days=1))
    deployed.rack("R3", "A02")
    place_unit(unit=second, rack_serial="R3", slot_number=1, at=INSTALLED_AT + timedelta(days=2))
    for place in range(2):
        swapped(first, place, f"Z{place}")
        swapped(second, place, f"Z{place + 2}")
    (found,) = cluster()
    assert (found.lot_id, found.severity) == (deployed.chips.pk, Severity.CRITICAL)
    assert found.title == "4 of 4 field failures of TRN3 are of lot CHIPS, 0.0 expected"
    assert found.evidence.facts["confounders"] == "none seen"
    assert found.evidence.facts["racks"] == ["R1", "R3"]
    assert cluster()[0].revision == found.revision


def test_two_failures_are_no_cluster(deployed: Floor) -> None:
    fleet(deployed)
    for place in range(2):
        swapped(deployed.servers[0], place, f"Z{place}")
    assert cluster() == []


def test_failures_where_all_units_are_of_the_lot_are_no_cluster(deployed: Floor) -> None:
    store_contents()
    for place in range(3):
        swapped(deployed.servers[0], place, f"Z{place}")
    assert cluster() == []


def burned_in(deployed: Floor, *serials: str) -> None:
    step = deployed.chips.route_version.steps.first()
    assert step is not None
    oven = Equipment.objects.create(kind=EquipmentKind.OVEN, code="OVEN-9")
    board = Equipment.objects.create(kind=EquipmentKind.BURN_IN_BOARD, code="BIB-9")
    requirement = BurnInRequirement.objects.create(
        product=deployed.chips.product, version=9, hours=1, temperature_celsius_min=100,
        temperature_celsius_max=130, voltage_min=0.8, voltage_max=1.2,
    )  # fmt: skip
    lot_step = LotStep.objects.create(lot=deployed.chips, step=step)
    run = BurnInRun.objects.create(
        lot_step=lot_step, requirement=requirement, oven=oven, source_sha256="f" * 64,
        started_at=BUILT_AT, finished_at=BUILT_AT, chargeable_hours=1,
    )  # fmt: skip
    for socket, serial in enumerate(serials):
        BurnInUnit.objects.create(
            run=run, unit=Unit.objects.get(serial=serial), board=board, socket=str(socket),
            inserted_at=BUILT_AT, removed_at=BUILT_AT, chargeable_hours=1, outcome="pass",
        )  # fmt: skip


def test_ovens_and_wafers_are_compared_too(deployed: Floor) -> None:
    burned_in(deployed, "C0", "C1", "C2", "C3")
    for place in range(3):
        chip, product = Unit.objects.get(serial=f"C{place}"), Product.objects.get(code="TRN3-DIE")
        die = Unit.objects.create(
            serial=f"D{place}", kind="die", product=product, created_by=chip.created_by,
            wafer=deployed.chips.wafers.get_or_create(code="W-01")[0], x=place, y=0,
        )  # fmt: skip
        Genealogy.objects.create(
            parent=chip, child=die, position="D1", valid_from=BUILT_AT, opened_by=chip.created_by
        )
        swapped(deployed.servers[0], place, f"Z{place}")
    failures = field_failures(SINCE)
    found = population(failures[0].product_id, failures, 3)
    groups = {(group.factor.value, group.name, group.units) for group in found.groups}
    assert groups == {
        ("lot", "CHIPS", 8), ("rack", "R1", 3), ("oven", "OVEN-9", 4), ("wafer", "W-01", 3),
    }  # fmt: skip


def returned() -> list[Finding]:
    return RedeployedUntested().find(LATER)


def test_a_part_built_in_again_without_a_test_is_found(deployed: Floor) -> None:
    swapped(deployed.servers[0], 0, "Z0")
    assert returned() == []
    swapped(deployed.servers[1], 0, "C0", LATER + timedelta(days=1))
    (found,) = returned()
    assert found.title == "C0 was taken out, and is built into S2 without a new test"
    assert returned()[0].revision == found.revision


def test_parts_beyond_the_most_that_are_read_are_not_taken_back(
    deployed: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapped(deployed.servers[0], 0, "Z0")
    swapped(deployed.servers[1], 0, "C0", LATER + timedelta(days=1))
    monkeypatch.setattr(failures, "RETURNS_MAX", 0)
    assert isinstance(returned(), Partial)


def test_failures_beyond_the_most_that_are_read_are_not_taken_back(
    deployed: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapped(deployed.servers[0], 0, "Z0")
    monkeypatch.setattr(failures_read, "FAILURES_MAX", 0)
    assert isinstance(FieldFailuresCluster().find(LATER), Partial)


def test_a_part_tested_since_it_was_taken_out_is_not_found(deployed: Floor) -> None:
    swapped(deployed.servers[0], 0, "Z0")
    burned_in(deployed, "C0")
    BurnInUnit.objects.update(inserted_at=LATER + timedelta(hours=1))
    swapped(deployed.servers[1], 0, "C0", LATER + timedelta(days=1))
    assert returned() == []


def mixed() -> list[Finding]:
    store_contents()
    return RackMixed().find(LATER)


def test_a_rack_of_one_generation_is_not_mixed(deployed: Floor) -> None:
    assert mixed() == []


def test_two_steppings_in_a_rack_are_found(
    deployed: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    received("NEW", "TRN2", UnitOfMeasure.PACKAGE, ["N0"])
    rack = Rack.objects.get(serial="R1")
    store_contents()
    newer = Lot.objects.get(code="NEW").product
    RackContent.objects.create(rack=rack, product=newer, unit_count=4)
    (found,) = RackMixed().find(LATER)
    assert found.title == "Rack R1 holds unlike material: TRN2, TRN3 A0"
    assert found.evidence.facts["TRN3 A0"] == 8
    monkeypatch.setattr(standing, "RACKS_MAX", 0)
    assert isinstance(RackMixed().find(LATER), Partial)


def test_looking_for_mixed_racks_takes_one_query_where_there_are_none(
    deployed: Floor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        RackMixed().find(LATER)


def empty(days: float) -> list[Finding]:
    return SlotLeftEmpty().find(LATER + timedelta(days=days))


def test_a_slot_whose_unit_was_taken_out_is_found_after_a_week(deployed: Floor) -> None:
    remove_unit(unit=deployed.servers[0], at=LATER)
    assert empty(6.9) == []
    (found,) = empty(7.1)
    assert found.title == f"Slot 1 of rack R1 is empty since {LATER:%Y-%m-%d}"
    assert found.evidence.facts["last_unit"] == "S1"


def test_slots_beyond_the_most_that_are_read_are_not_taken_back(
    deployed: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_unit(unit=deployed.servers[0], at=LATER)
    monkeypatch.setattr(standing, "SLOTS_MAX", 0)
    assert isinstance(empty(7.1), Partial)


def test_slots_that_were_never_filled_or_are_filled_again_are_not_found(deployed: Floor) -> None:
    remove_unit(unit=deployed.servers[0], at=LATER)
    again_at = LATER + timedelta(days=1)
    place_unit(unit=deployed.servers[0], rack_serial="R1", slot_number=1, at=again_at)
    assert empty(30) == []
