from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from lots.models import Product
from racks.models import Rack
from racks.selectors import (
    deployed,
    heat_of_rack,
    listed_racks,
    listed_sites,
    places_of,
    rack_elevation,
    units_in_slot,
)
from racks.tests.conftest import Floor


def test_each_watt_counts_once_though_chips_are_in_servers(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers, floor.switch)
    rows = {row.product: row for row in deployed()}
    assert (rows["TRN3"].unit_count, rows["TRN3"].is_chip) == (8, True)
    assert rows["TRN3"].megawatts == pytest.approx(0.008)
    assert rows["TRN3-SRV4"].megawatts == pytest.approx(0.0016)
    assert sum(row.megawatts for row in rows.values()) == pytest.approx(0.0099)


def test_chips_draw_what_is_known_where_their_server_says_nothing(floor: Floor) -> None:
    Product.objects.filter(code="TRN3-SRV4").update(power_watt=None)
    floor.rack()
    floor.place(*floor.servers)
    assert [(row.product, row.unit_count) for row in deployed()] == [("TRN3", 8)]
    assert heat_of_rack(Rack.objects.get()) == pytest.approx(8.0)


def test_the_heat_of_a_rack_is_that_of_what_sits_in_it(floor: Floor) -> None:
    floor.rack()
    floor.place(*floor.servers, floor.switch)
    assert heat_of_rack(Rack.objects.get()) == pytest.approx(9.9)


def test_units_of_an_empty_floor_draw_nothing(floor: Floor) -> None:
    floor.rack()
    assert deployed() == []
    assert heat_of_rack(Rack.objects.get()) == 0


def test_deployed_chips_are_counted_in_one_query(
    floor: Floor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    floor.rack()
    floor.place(*floor.servers)
    with django_assert_num_queries(1):
        deployed()


def test_a_unit_in_no_slot_has_no_place(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    places = places_of([floor.switch.pk, floor.system.pk])
    assert list(places) == [floor.switch.pk]


def test_an_elevation_shows_every_slot_from_the_bottom(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    slots = rack_elevation(Rack.objects.get())
    assert [(slot.number, slot.unit) for slot in slots] == [
        (1, floor.switch),
        (2, None),
        (3, None),
        (4, None),
    ]


def test_a_slot_names_the_unit_in_it(floor: Floor) -> None:
    floor.rack()
    floor.place(floor.switch)
    assert list(units_in_slot("R1", 1)) == [floor.switch]
    assert list(units_in_slot("R1", 2)) == []


def test_lists_count_racks_slots_and_units(floor: Floor) -> None:
    floor.rack()
    floor.rack("R2", "A02")
    floor.place(*floor.servers)
    assert [vars(site)["rack_count"] for site in listed_sites()] == [2]
    racks = [vars(rack) for rack in listed_racks().order_by("serial")]
    assert [(rack["slot_count"], rack["unit_count"]) for rack in racks] == [(4, 2), (4, 0)]
