"""The life of a serial on the floor: lots, racks and books together."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from finance.domain.words import AssetState, LifeStep
from finance.models import LedgerEntry
from finance.selectors.asset_lives import asset_life
from finance.selectors.assets import asset_register
from finance.services import post_events
from finance.tests.line import START, command, good_units, scrapped
from finance.tests.readers import ledger_reader
from lots.domain.commands import Selection
from lots.models import Lot, Unit
from lots.services import correct_event, scrap_units, split_lot, swap_part
from racks.models import RackPlacement, RackPosition
from racks.services import RackOrder, place_rack, place_unit, remove_unit
from supplychain.base.errors import MissingError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("servers")]
ASSETS = "/api/v1/finance/assets"


@pytest.fixture
def rack(servers: None) -> str:
    order = RackOrder(
        site_code="PDX1", site_name="Portland", country="US", hall_code="H1", position_code="A01",
        row="A", column=1, rack_serial="R1", slot_count=4, installed_at=START,
    )  # fmt: skip
    return place_rack(order=order).serial


def steps(serial: str) -> list[LifeStep]:
    return [one.step for one in asset_life(serial).events]


def unit(serial: str) -> Unit:
    return Unit.objects.get(serial=serial)


def test_a_server_is_built_put_up_and_accepted() -> None:
    life = asset_life("S1-0")
    assert [one.step for one in life.events] == [
        LifeStep.BUILT, LifeStep.CONSTRUCTION, LifeStep.ACCEPTED,
    ]  # fmt: skip
    accepted = next(one for one in life.events if one.step is LifeStep.ACCEPTED)
    (asset,) = [one for one in asset_register().assets if one.serial == "S1-0"]
    assert (accepted.event_seq, str(accepted.on)) == (asset.accepted_seq, asset.in_service_on)
    assert (life.state, life.last.amount) == (AssetState.SERVICE, asset.amount)
    assert sum(one.change for one in life.events) == asset.amount


def test_one_that_waits_for_acceptance_is_under_construction() -> None:
    assert asset_life("S2-0").state is AssetState.CONSTRUCTION


def test_a_retirement_ends_it_and_its_correction_goes_on() -> None:
    gone = scrapped(Lot.objects.get(code="S1"), "end-of-life", serials=("S1-1",))
    post_events()
    life = asset_life("S1-1")
    assert (life.state, life.last.step, life.last.amount) == (
        AssetState.RETIRED, LifeStep.RETIRED, Decimal(0),
    )  # fmt: skip
    assert (life.last.event_seq, life.last.detail) == (gone.seq, "end-of-life")
    assert asset_life("S1-0").state is AssetState.SERVICE
    correct_event(event=gone, command=command(reason="still runs"))
    post_events()
    assert (asset_life("S1-1").state, steps("S1-1")[-1]) == (
        AssetState.SERVICE, LifeStep.TAKEN_BACK,
    )  # fmt: skip


def test_what_was_told_late_is_last_in_the_books_though_not_by_day() -> None:
    accepted = asset_life("S1-1").last
    order = command(reason="end-of-life", at=START - timedelta(days=1))
    scrap_units(
        lot=Lot.objects.get(code="S1"), selection=Selection(serials=("S1-1",)), command=order
    )
    post_events()
    life = asset_life("S1-1")
    assert (life.events[-1].step, life.events[-1].on) == (LifeStep.ACCEPTED, accepted.on)
    assert (life.state, life.last.step, life.last.amount) == (
        AssetState.RETIRED, LifeStep.RETIRED, Decimal(0),
    )  # fmt: skip


def test_a_lot_split_off_is_told_with_it() -> None:
    lot = Lot.objects.get(code="S1")
    split_lot(lot=lot, child_code="S1.1", selection=Selection(serials=("S1-1",)), command=command())
    post_events()
    assert (asset_life("S1-1").last.step, asset_life("S1-1").last.lot) == (
        LifeStep.REGROUPED, "S1.1",
    )  # fmt: skip
    assert LifeStep.REGROUPED not in steps("S1-0")


def test_slots_and_moves_of_its_rack_are_told_beside(rack: str) -> None:
    place_unit(unit=unit("S1-0"), rack_serial=rack, slot_number=3, at=START + timedelta(days=1))
    place = RackPlacement.objects.get()
    place.valid_to = START + timedelta(days=2)
    place.save()
    there = RackPosition.objects.create(hall=place.position.hall, code="B01", row="B", column=1)
    RackPlacement.objects.create(
        rack=place.rack, position=there, valid_from=START + timedelta(days=2)
    )
    remove_unit(unit=unit("S1-0"), at=START + timedelta(days=3))
    told = [(one.step, one.detail) for one in asset_life("S1-0").events if one.amount is None]
    assert told == [
        (LifeStep.PLACED, "rack R1 at PDX1/H1/A01, slot 3"),
        (LifeStep.RACK_MOVED, "rack R1 to PDX1/H1/B01"),
        (LifeStep.REMOVED, "rack R1 at PDX1/H1/B01, slot 3"),
    ]


def test_a_rack_that_stands_nowhere_is_told_by_its_name(rack: str) -> None:
    RackPlacement.objects.update(valid_to=START)
    place_unit(unit=unit("S1-0"), rack_serial=rack, slot_number=1, at=START + timedelta(days=1))
    (told,) = [one.detail for one in asset_life("S1-0").events if one.amount is None]
    assert told == "rack R1, slot 1"


def test_a_part_swapped_in_it_is_told_and_moves_no_money() -> None:
    before = asset_life("S1-0").last.amount
    swap_part(
        parent=unit("S1-0"), position="0", new_serial="P1-12", command=command(reason="failed"),
        returned_lot_code="BACK",
    )  # fmt: skip
    post_events()
    (swap,) = [one for one in asset_life("S1-0").events if one.step is LifeStep.SWAPPED]
    assert swap.detail == "P1-0 out, P1-12 in, at 0 of S1-0"
    assert (swap.lot, swap.change) == ("BACK", Decimal(0))
    assert asset_life("S1-0").last.amount == before


def test_a_server_inside_an_ultraserver_is_no_asset_by_itself() -> None:
    with pytest.raises(MissingError, match="Look at S1-0, which it is built into"):
        asset_life("P1-0")
    with pytest.raises(MissingError, match="never under construction"):
        asset_life(good_units(Lot.objects.get(code="P1"))[0].serial)
    with pytest.raises(MissingError, match="no serial NOBODY"):
        asset_life("NOBODY")


def test_the_api_tells_the_same(rack: str) -> None:
    place_unit(unit=unit("S1-0"), rack_serial=rack, slot_number=3, at=START + timedelta(days=1))
    reader, life = ledger_reader(), asset_life("S1-0")
    answer = reader.get(f"{ASSETS}/S1-0").json()
    assert [row["step"] for row in answer["results"]] == [one.step for one in life.events]
    assert (answer["state"], answer["amount"]) == ("in-service", f"{life.last.amount:.6f}")
    assert answer["as_of_seq"] == LedgerEntry.objects.latest("seq").seq


def test_an_unknown_serial_is_not_found() -> None:
    assert ledger_reader().get(f"{ASSETS}/NOBODY").status_code == 404


def test_a_life_takes_as_many_queries_however_long() -> None:
    counts = []
    for serial in ("S2-0", "S1-0"):
        with CaptureQueriesContext(connection) as queries:
            asset_life(serial)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13
