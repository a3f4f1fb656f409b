"""What a hold reaches downstream, before anyone commits it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from lots.domain.commands import Selection
from lots.domain.words import HoldScope
from lots.models import Lot, Supplier, Unit
from lots.services import merge_lots, scrap_units, ship_lot, split_lot
from operations.domain.words import Place
from operations.selectors.recall import Suspects, exposure_of, exposure_of_hold, exposure_of_lots
from operations.tests.line import NOW, Line, command, wafer_lot
from racks.services import remove_unit
from testing.models import UnitResult

pytestmark = pytest.mark.django_db


def by_place(exposure: Any) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for share in exposure.shares:
        key = (share.place.value, share.kind)
        found[key] = found.get(key, 0) + share.quantity
    return found


def ultraserver(line: Line) -> Unit:
    """An UltraServer around the first server, written as a partner's report would."""
    first, second = line.server_lot.units.order_by("id")
    trial = wafer_lot("TRIAL", 1, 5)
    event = trial.events.get()
    product = first.product
    outer = Unit.objects.create(
        serial="US-1", kind="ultraserver", product=product, created_by=event
    )
    for place, server in enumerate([first, second]):
        server.parent_edges.create(
            parent=outer, position=f"S{place}", valid_from=NOW, opened_by=event
        )
    return outer


def test_a_wafer_lot_reaches_deployed_chips_and_chips_in_process_once(line: Line) -> None:
    exposure = exposure_of_lots([line.wafer_lot.pk])
    found = by_place(exposure)
    assert found["deployed", "package"] == 8
    assert found["wip", "package"] == 8
    good = line.wafer_lot.units.filter(state="good").count()
    assert found["wip", "die"] == good - 32
    assert found["scrapped", "die"] == line.wafer_lot.units.filter(state="reject").count()
    assert exposure.deployed_chip_count == 8
    assert [(total.name, total.note) for total in exposure.by_rack] == [("RK-0007", "PDX1")]


def test_the_walk_is_one_query(line: Line, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        exposure_of_lots([line.wafer_lot.pk, line.chip_lot.pk])


def test_an_ultraserver_with_affected_parts_is_named_with_its_racks(line: Line) -> None:
    ultraserver(line)
    (system,) = exposure_of_lots([line.chip_lot.pk]).systems
    assert (system.serial, system.quantity, system.racks) == ("US-1", 8, "RK-0007")
    assert system.is_deployed


def test_what_was_split_and_merged_on_is_reached(line: Line) -> None:
    lot, other = wafer_lot("E1", 5, 20), wafer_lot("E2", 2, 20)
    split_lot(lot=lot, child_code="E1-A", selection=Selection(wafers=(4, 5)), command=command(10))
    merge_lots(into=other, lots=[Lot.objects.get(code="E1-A")], command=command(9))
    exposure = exposure_of_lots([lot.pk])
    assert by_place(exposure) == {("wip", "wafer"): 3 + 2 + 2}
    assert [(total.name, total.quantity) for total in exposure.by_step] == [("START", 7)]


def test_a_shipped_lot_names_its_customer(line: Line) -> None:
    lot = wafer_lot("E3", 2, 20)
    to = Supplier.objects.get(code="OSAT1")
    ship_lot(lot=lot, to=to, customer="Acme", command=command(3))
    exposure = exposure_of_lots([lot.pk])
    assert [(total.name, total.quantity) for total in exposure.by_customer] == [("Acme", 2)]
    assert exposure.is_downstream


def test_what_is_scrapped_exposes_nobody(line: Line) -> None:
    lot = wafer_lot("E4", 2, 20)
    scrap_units(lot=lot, selection=Selection(quantity=2), command=command(3, reason="handling"))
    assert exposure_of_lots([lot.pk]).is_nothing


def test_a_server_taken_out_of_its_rack_is_in_process_again(line: Line) -> None:
    server = line.server_lot.units.order_by("id")[0]
    remove_unit(unit=server, at=timezone.now() + timedelta(days=1))
    found = by_place(exposure_of_lots([line.chip_lot.pk]))
    assert (found["deployed", "package"], found["wip", "package"]) == (4, 12)


def test_a_rack_that_stands_nowhere_has_its_chips_installed(line: Line) -> None:
    line.rack.placements.update(valid_to=NOW)
    exposure = exposure_of_lots([line.chip_lot.pk])
    assert by_place(exposure)["installed", "package"] == 8
    assert exposure.by_rack[0].note == "stands nowhere"


def test_a_die_and_its_chip_are_one_thing(line: Line) -> None:
    chip = line.chip_lot.units.order_by("id")[0]
    dies = list(chip.child_edges.values_list("child_id", flat=True))
    exposure = exposure_of(Suspects(unit_ids=[chip.pk, *dies]))
    assert by_place(exposure) == {(Place.DEPLOYED.value, "package"): 1}


def test_an_undiced_wafer_counts_as_a_wafer_of_its_lot(line: Line) -> None:
    lot = wafer_lot("E5", 3, 20)
    wafers = list(lot.wafers.values_list("id", flat=True))[:2]
    assert by_place(exposure_of(Suspects(wafer_ids=wafers))) == {("wip", "wafer"): 2}


def hold(client: Client, lot: Lot, go: str, **answers: str) -> str:
    """The hold page of the lot, sent with these answers."""
    asked = {
        "op_key": "page:hold", "hold_class": "quality", "hold_reason": "Particles", "go": go,
        **answers,
    }  # fmt: skip
    return client.post(f"/lots/{lot.code}/do/hold", asked, follow=True).content.decode()


def test_a_back_dated_hold_tells_what_left_before_anyone_commits(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    ultraserver(line)
    lot, client = line.wafer_lot, as_role("Quality")
    page = hold(client, lot, "try", happened_at="2026-01-02T03:04")
    assert "8 deployed chips in 1 rack; 1 UltraServer would lose completeness" in page
    assert "RK-0007" in page
    assert not lot.holds.exists()
    hold(client, lot, "do", happened_at="2026-01-02T03:04")
    assert lot.holds.get().placed_at == datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def test_a_hold_that_begins_later_is_refused(line: Line, as_role: Callable[[str], Client]) -> None:
    page = hold(as_role("Quality"), line.wafer_lot, "do", happened_at="2999-01-02T03:04")
    assert "This time is still to come" in page
    assert not line.wafer_lot.holds.exists()


def test_a_hold_on_some_units_or_wafers_reaches_no_more_than_those(line: Line) -> None:
    chip = line.chip_lot.units.order_by("id")[0]
    units = {"scope": HoldScope.UNIT, "serials": (chip.serial,)}
    assert exposure_of_hold([line.chip_lot], units).deployed_chip_count == 1
    lot = wafer_lot("E6", 3, 20)
    wafers = {"scope": HoldScope.WAFER, "wafers": (1, 2)}
    assert by_place(exposure_of_hold([lot], wafers)) == {("wip", "wafer"): 2}
    assert by_place(exposure_of_hold([lot], {})) == {("wip", "wafer"): 3}


def test_a_hold_on_a_bin_reaches_what_fell_in_it_last(line: Line) -> None:
    fallen = line.chip_lot.units.order_by("id")[2]
    UnitResult.objects.filter(unit=fallen).update(hard_bin=8)
    answers = {"scope": HoldScope.BIN, "bin_number": 8, "serials": ()}
    assert by_place(exposure_of_hold([line.chip_lot], answers)) == {("deployed", "package"): 1}
    assert exposure_of_hold([line.chip_lot], {**answers, "bin_number": 77}).is_nothing


def test_a_hold_on_servers_tells_of_the_chips_in_them(line: Line) -> None:
    exposure = exposure_of_lots([line.server_lot.pk])
    assert by_place(exposure) == {("deployed", "server"): 2}
    assert (exposure.quantity, exposure.deployed_chip_count) == (2, 8)
    both = exposure_of_lots([line.server_lot.pk, line.chip_lot.pk])
    assert both.deployed_chip_count == 8
    remove_unit(unit=line.server_lot.units.order_by("id")[0], at=timezone.now())
    assert exposure_of_lots([line.server_lot.pk]).deployed_chip_count == 4


def test_chips_of_a_suspect_ultraserver_are_counted_in_its_racks(line: Line) -> None:
    outer = ultraserver(line)
    assert exposure_of(Suspects(unit_ids=[outer.pk])).deployed_chip_count == 8
    servers = line.server_lot.units.values_list("pk", flat=True)
    assert exposure_of(Suspects(unit_ids=[outer.pk, *servers])).deployed_chip_count == 8


def test_the_part_of_a_page_says_it_in_words(line: Line) -> None:
    ultraserver(line)
    page = render_to_string(
        "operations/_exposure.html", {"exposure": exposure_of_lots([line.wafer_lot.pk])}
    )
    assert "8 deployed chips in 1 rack; 1 UltraServer would lose completeness" in page
    empty = render_to_string("operations/_exposure.html", {"exposure": exposure_of_lots([])})
    assert "Nothing of it" in empty
