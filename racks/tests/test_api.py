from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from racks.feeds import CommissioningFeed
from racks.models import Rack
from racks.tests.builders import apply_all, commissioning_json
from racks.tests.conftest import Floor


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    """A client signed in with the right to read places."""
    user = User.objects.create_user("reader")
    rights = Permission.objects.filter(codename__in=["view_site", "view_rack"])
    user.user_permissions.set(rights)
    client.force_login(user)
    return client


def test_a_site_shows_chips_and_megawatts_in_place(floor: Floor, reader: Client) -> None:
    floor.rack()
    floor.place(*floor.servers)
    (site,) = reader.get("/api/v1/sites").json()["results"]
    assert (site["code"], site["rack_count"], site["chip_count"]) == ("PDX1", 1, 8)
    assert site["megawatts"] == pytest.approx(0.0096)
    assert [row["product"] for row in site["deployed"]] == ["TRN3", "TRN3-SRV4"]


def test_racks_are_listed_by_site(floor: Floor, reader: Client) -> None:
    floor.rack()
    floor.rack("R2", site_code="DUB3")
    Rack.objects.create(serial="R3")
    assert [row["serial"] for row in reader.get("/api/v1/racks").json()["results"]] == [
        "R3",
        "R2",
        "R1",
    ]
    (rack,) = reader.get("/api/v1/racks?site=DUB3").json()["results"]
    assert (rack["serial"], rack["hall"], rack["position"]) == ("R2", "H1", "A01")


def test_a_rack_that_stands_nowhere_has_no_site(reader: Client) -> None:
    Rack.objects.create(serial="R3")
    rack = reader.get("/api/v1/racks/R3").json()
    assert (rack["site"], rack["hall"], rack["position"], rack["slots"]) == (None, None, None, [])
    assert rack["commissioning"] is None


def test_a_rack_shows_its_slots_and_its_latest_round(floor: Floor, reader: Client) -> None:
    floor.rack()
    floor.place(*floor.servers)
    apply_all(CommissioningFeed(), commissioning_json())
    rack = reader.get("/api/v1/racks/R1").json()
    assert [(slot["number"], slot["serial"]) for slot in rack["slots"]] == [
        (1, "S1"),
        (2, "S2"),
        (3, None),
        (4, None),
    ]
    assert (rack["slots"][0]["product"], rack["slots"][0]["lot"]) == ("TRN3-SRV4", "SERVERS")
    assert (rack["commissioning"]["verdict"], rack["commissioning"]["window"]) == (
        "pass",
        "PG25 v1",
    )


def test_a_round_with_a_dead_sensor_is_shown_and_fails(floor: Floor, reader: Client) -> None:
    floor.rack()
    floor.place(*floor.servers)
    apply_all(CommissioningFeed(), commissioning_json(supply_celsius=None))
    found = reader.get("/api/v1/racks/R1").json()["commissioning"]
    verdicts = {row["kind"]: row["verdict"] for row in found["readings"]}
    assert (found["verdict"], verdicts["supply_celsius"]) == ("fail", "fail")
    assert verdicts["return_celsius"] == "unset"


@pytest.mark.parametrize("address", ["sites", "racks", "racks/R1"])
def test_reading_needs_the_right(floor: Floor, client: Client, address: str) -> None:
    floor.rack()
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(f"/api/v1/{address}").status_code == 403


def test_an_unknown_parameter_is_refused(reader: Client) -> None:
    assert reader.get("/api/v1/racks?hall=H1").status_code == 400


@pytest.mark.parametrize(("address", "count"), [("sites", 6), ("racks", 6), ("racks/R1", 9)])
def test_pages_cost_the_same_however_much_stands(
    floor: Floor,
    reader: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
    count: int,
) -> None:
    for number in range(1, 4):
        floor.rack(f"R{number}", f"A{number:02d}")
    floor.place(*floor.servers, floor.switch)
    with django_assert_num_queries(count):
        assert reader.get(f"/api/v1/{address}").status_code == 200
