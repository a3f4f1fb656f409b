"""Acts that change what a lot is or how many it has, and where it goes on, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from lots.models import EventLine, Lot
from lots.selectors.materials import uses_now
from lots.services import bank_lot, ship_lot, track_in
from lots.tests.making import supplier
from operations.tests.line import (
    Line,
    command,
    move,
    sort_wafers,
    switches,
    wafer_lot,
)
from operations.tests.materials import cpus, server_with
from tests.browser.keyboard import answer, carry_out, choose, press, submit, tick

pytestmark = pytest.mark.xdist_group("browser")


def open_act(page: Page, lot: str, title: str) -> None:
    """From the lot's own page, by its menu of acts."""
    page.goto(f"/lots/{lot}")
    press(page, "More", "SUMMARY")
    submit(page, title, "A")


def test_wafers_are_diced(somebody: Page) -> None:
    lot = move(wafer_lot("W8", 1, 50), "FAB WAT RCV BUMP CP1", 40)
    sort_wafers(lot, "CP1", 30, seed=3)
    lot = move(lot, "CP2", 20)
    sort_wafers(lot, "CP2", 19, seed=3)
    move(lot, "DICE", 10)
    open_act(somebody, "W8", "Dice")
    carry_out(somebody, "W8", "dice")
    lot.refresh_from_db()
    assert lot.unit_of_measure == "die"
    assert lot.quantity == lot.units.filter(kind="die", state="good").count() > 0


def test_a_lot_goes_on_by_another_route(somebody: Page) -> None:
    open_act(somebody, "W7Q3", "Change route")
    choose(somebody, "To route and step", "F v1: ENG")
    answer(somebody, "Reason", "for the lab")
    carry_out(somebody, "W7Q3", "reroute")
    assert Lot.objects.get(code="W7Q3").route_version.route.code == "F"


def test_more_are_found_than_were_there(somebody: Page) -> None:
    switches("N5", 10)
    open_act(somebody, "N5", "Record bonus")
    answer(somebody, "How many more", "2")
    choose(somebody, "Reason", "Counted and more there")
    carry_out(somebody, "N5", "bonus")
    assert Lot.objects.get(code="N5").quantity == 12


def test_a_lot_comes_out_of_the_bank(somebody: Page) -> None:
    bank_lot(lot=Lot.objects.get(code="W7Q3"), command=command(2))
    somebody.goto("/lots/W7Q3")
    submit(somebody, "Take out of bank", "A")
    carry_out(somebody, "W7Q3", "unbank")
    assert Lot.objects.get(code="W7Q3").state == "active"


def test_material_is_told_anew(somebody: Page, line: Line) -> None:
    cpus("CPU-A", 5), cpus("CPU-B", 5)
    server_with(line, "SRV-A", "CPU-A", days_ago=1)
    open_act(somebody, "LOT-SRV-A", "Tell material anew")
    answer(somebody, "Lot that gave the parts", "CPU-B")
    tick(somebody, "They were exchanged just now")
    choose(somebody, "Reason", "Part exchanged in repair")
    carry_out(somebody, "LOT-SRV-A", "reissue")
    assert list(uses_now().values_list("lot__code", "quantity")) == [("CPU-B", 1)]


def test_a_lot_arrives(somebody: Page) -> None:
    ship_lot(
        lot=Lot.objects.get(code="W7Q3"), to=supplier("OSAT1"), customer="", command=command(2)
    )
    somebody.goto("/lots/W7Q3")
    submit(somebody, "Receive", "A")
    answer(somebody, "Counted", "24")
    carry_out(somebody, "W7Q3", "receive")
    lot = Lot.objects.get(code="W7Q3")
    assert (lot.state, lot.custodian.code) == ("active", "OSAT1")


def test_a_lot_is_tracked_out_with_what_was_lost(somebody: Page) -> None:
    lot = switches("N6", 10)
    track_in(lot=lot, command=command(2), equipment="T-1")
    somebody.goto("/lots/N6")
    submit(somebody, "Track out", "A")
    answer(somebody, "How many not good", "3")
    choose(somebody, "Reason", "Destroyed")
    carry_out(somebody, "N6", "track-out")
    assert Lot.objects.get(code="N6").quantity == 7
    assert EventLine.objects.get(event__verb="track-out", kind="scrap").quantity == 3
