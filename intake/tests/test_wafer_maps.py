"""Bin maps beside our own dies, and dies carried into packages."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from intake.detectors.maps import MapDiffers
from intake.models import FeedMapping, FeedRow, MappedColumn, RawFile, WaferMap
from intake.selectors import newest_maps
from intake.services import repair_row
from intake.services.draining import drain
from intake.services.wafer_maps import newest_map
from intake.tests.handing import again, hand_in, loaded, start_row, wip
from intake.tests.maps_writer import e142, g85, transfers
from intake.tests.stdf_builder import sort_file
from lots.models import Genealogy, Lot, Supplier, Unit
from lots.tests.making import die_lot, hold

pytestmark = pytest.mark.django_db

FOUR = "02010101"
SERIALS = {(0, 0): "P-1", (1, 0): "P-2"}
MOVES = ((0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 1, 0), (3, 0, 1, 0))


@pytest.fixture
def dies(material: Path) -> Lot:
    """Two wafers of four dies in a row, all good."""
    return die_lot("W1", wafers=2, dies=4)


@pytest.fixture
def tray(dies: Lot) -> FeedMapping:
    """Where the packages of tray maps go."""
    mapping = FeedMapping.objects.create(
        name="OSAT1 trays",
        supplier=Supplier.objects.get(code="OSAT1"),
        kind="wafer-map",
        file_pattern="tray*.xml",
    )
    for ours, constant in [("route", "A"), ("step", "COWOS")]:
        MappedColumn.objects.create(mapping=mapping, ours=ours, constant=constant)
    return mapping


def only(file: RawFile) -> FeedRow:
    return file.rows.get()


# --- bin maps


def test_a_bin_map_is_kept_die_by_die_beside_our_count(dies: Lot) -> None:
    file = loaded(e142("01010101"), "w1.xml")
    assert (file.state, file.kind) == ("loaded", "wafer-map")
    drawn = WaferMap.objects.get()
    assert (drawn.wafer.code, drawn.die_count, drawn.good_count) == ("W1-01", 4, 4)
    assert (drawn.known_die_count, drawn.known_good_count, drawn.differing_count) == (4, 4, 0)
    assert drawn.dies == [[0, 0, "01"], [1, 0, "01"], [2, 0, "01"], [3, 0, "01"]]
    assert drawn.occurred_at.isoformat() == "2026-03-02T08:00:00+00:00"
    assert MapDiffers().find(timezone.now()) == []


def test_g85_is_read_alike(dies: Lot) -> None:
    assert loaded(g85("01010101"), "w1.g85").state == "loaded"
    assert WaferMap.objects.get().good_count == 4


def test_another_count_of_good_dies_is_an_issue_until_a_map_agrees(dies: Lot) -> None:
    loaded(e142(FOUR), "w1.xml")
    (finding,) = MapDiffers().find(timezone.now())
    assert finding.title == "Map of wafer W1-01 has 3 good dies, we 4"
    assert finding.evidence.facts["dies_judged_otherwise"] == 1
    loaded(e142("01010101"), "w1-v2.xml")
    assert MapDiffers().find(timezone.now()) == []


def test_the_map_that_counts_does_not_depend_on_the_order_of_arrival(dies: Lot) -> None:
    newest = e142(FOUR).replace(b"20260302080000", b"20260303080000")
    tenth = newest.replace(b'MapVersion="1"', b'MapVersion="10"')
    ninth = newest.replace(b'MapVersion="1"', b'MapVersion="9"')
    loaded(tenth, "w1-v10.xml")
    counts = WaferMap.objects.get()
    loaded(ninth, "w1-v9.xml")
    loaded(e142("01010101"), "w1-old.xml")
    assert WaferMap.objects.count() == 3
    assert newest_map(counts.wafer_id) == counts
    assert list(newest_maps()) == [counts]


def test_wafers_that_are_sorted_and_not_diced_are_compared_too(material: Path) -> None:
    loaded(wip(start_row(step="CP2")), "w.wip.csv")
    loaded(sort_file(lot="W1", flow="CP2", wafers=("1", "2"), dies=4, fails=1))
    loaded(e142(FOUR), "w1.xml")
    drawn = WaferMap.objects.get()
    assert (drawn.good_count, drawn.known_good_count, drawn.differing_count) == (3, 3, 0)


def test_a_map_of_an_untested_wafer_has_nothing_to_be_compared_with(material: Path) -> None:
    loaded(wip(start_row()), "w.wip.csv")
    loaded(e142("01"), "w1.xml")
    assert WaferMap.objects.get().known_good_count is None
    assert MapDiffers().find(timezone.now()) == []


def test_a_map_waits_for_its_wafer(material: Path) -> None:
    file = loaded(e142("01"), "w1.xml")
    row = only(file)
    assert (file.state, row.awaits) == ("waiting", "wafer W1-01")
    loaded(wip(start_row()), "w.wip.csv")
    drain()
    assert again(file).state == "loaded"


def test_a_wrong_origin_shows_itself_as_dies_off_the_wafer(dies: Lot) -> None:
    row = only(loaded(e142("01010101", "FFFFFFFF", origin="LowerLeft", axis="UpRight"), "w1.xml"))
    assert row.state == "quarantined"
    assert "4 of 4 dies lie where the wafer has none, such as 0:1" in row.reason
    repair_row(row=row, content={**row.content, "origin": "UpperLeft", "axis": "DownRight"})
    drain()
    row.refresh_from_db()
    assert (row.state, row.original and row.original["origin"]) == ("applied", "LowerLeft")


def test_a_map_that_contradicts_itself_goes_to_quarantine(dies: Lot) -> None:
    content = e142("01010101").replace(b'BinCode="01" BinCount="4"', b'BinCode="01" BinCount="5"')
    assert "bin 01 is stated 5 times and drawn 4 times" in only(loaded(content, "a.xml")).reason


def test_the_same_map_again_is_repeated(dies: Lot) -> None:
    loaded(e142("01010101"), "w1.xml")
    assert only(loaded(e142("01010101") + b"\n", "again.xml")).state == "repeated"
    assert WaferMap.objects.count() == 1


def test_a_broken_map_is_refused_whole(dies: Lot) -> None:
    file = loaded(b"<!DOCTYPE x><MapData/>", "w1.xml")
    assert (file.state, "DOCTYPE" in file.message) == ("rejected", True)


# --- transfers


def test_a_transfer_map_builds_packages(tray: FeedMapping) -> None:
    file = loaded(transfers(*MOVES, serials=SERIALS), "tray1.xml")
    assert [row.reason for row in file.rows.exclude(state="applied")] == []
    lot = Lot.objects.get(code="C1")
    assert (lot.quantity, lot.step.code, lot.product.code) == (2, "COWOS", "TRN3")
    edges = Genealogy.objects.filter(parent__serial="P-2").order_by("position")
    assert [(edge.child.serial, edge.position) for edge in edges] == [
        ("W1-01:2:0", "D1"),
        ("W1-01:3:0", "D2"),
    ]


def test_a_package_that_stands_is_checked(tray: FeedMapping) -> None:
    loaded(transfers(*MOVES, serials=SERIALS), "tray1.xml")
    same = transfers(*MOVES[:2], serials=SERIALS, lot="C9")
    assert only(loaded(same, "tray2.xml")).state == "applied"
    other = transfers((0, 0, 0, 0), serials=SERIALS)
    reason = only(loaded(other, "tray3.xml")).reason
    assert "it stands here with W1-01:1:0 that the map does not name" in reason
    assert not Lot.objects.filter(code="C9").exists()


@pytest.mark.parametrize(
    ("moves", "reason"),
    [
        (((0, 0, 0, 0), (0, 0, 0, 0)), "die W1-01:0:0 twice"),
        (((9, 9, 0, 0), (1, 0, 0, 0)), "has no die at 9, 9"),
        (((0, 0, 0, 0),), "TRN3-DIE"),
    ],
)
def test_a_contradiction_goes_to_quarantine_alone(
    tray: FeedMapping, moves: tuple[tuple[int, int, int, int], ...], reason: str
) -> None:
    good = ((2, 0, 1, 0), (3, 0, 1, 0))
    file = loaded(transfers(*moves, *good, serials=SERIALS), "tray1.xml")
    assert reason in file.rows.get(state="quarantined").reason
    assert file.rows.get(state="applied").content["serial"] == "P-2"


def test_a_die_goes_into_one_package(tray: FeedMapping) -> None:
    loaded(transfers(*MOVES[:2], serials=SERIALS), "tray1.xml")
    again_used = transfers((0, 0, 1, 0), (2, 0, 1, 0), serials=SERIALS)
    reason = only(loaded(again_used, "tray2.xml")).reason
    assert "die W1-01:0:0 is in P-1 already" in reason


def test_a_failed_die_is_not_packaged(tray: FeedMapping) -> None:
    Unit.objects.filter(serial="W1-01:0:0").update(state="reject")
    reason = only(loaded(transfers(*MOVES[:2], serials=SERIALS), "tray1.xml")).reason
    assert "die W1-01:0:0 is reject" in reason


def test_a_die_that_the_partners_map_fails_is_not_packaged(tray: FeedMapping) -> None:
    loaded(e142(FOUR), "w1.xml")
    reason = only(loaded(transfers(*MOVES[:2], serials=SERIALS), "tray1.xml")).reason
    assert "die W1-01:0:0 has bin 02 in map Sort of W1-01" in reason


def test_packages_join_a_lot_that_was_reported(tray: FeedMapping) -> None:
    loaded(transfers(*MOVES[:2], serials=SERIALS), "tray1.xml")
    MappedColumn.objects.all().delete()
    file = loaded(transfers(*MOVES[2:], serials=SERIALS), "tray2.xml")
    assert file.state == "loaded"
    assert Lot.objects.get(code="C1").quantity == 2


def test_a_new_lot_needs_its_route_from_somewhere(tray: FeedMapping) -> None:
    MappedColumn.objects.all().delete()
    row = only(loaded(transfers(*MOVES[:2], serials=SERIALS), "tray1.xml"))
    assert row.state == "waiting"
    assert "gives no route, step for a new one" in row.reason


def test_dies_of_a_wafer_that_is_not_diced_are_waited_for(
    material: Path, tray: FeedMapping
) -> None:
    loaded(wip(start_row("W7")), "w.wip.csv")
    row = only(loaded(transfers(*MOVES[:2], wafer="W7-01", serials=SERIALS), "tray1.xml"))
    assert (row.state, row.awaits) == ("waiting", "wafer W7-01")


def test_dies_of_a_held_lot_wait_for_the_release(tray: FeedMapping, dies: Lot) -> None:
    hold(dies)
    row = only(loaded(transfers(*MOVES[:2], serials=SERIALS), "tray1.xml"))
    assert (row.state, row.awaits) == ("waiting", "release of lot W1")


def test_a_map_and_its_transfers_may_come_in_any_order(material: Path) -> None:
    early = hand_in(transfers(*MOVES[:2], serials=SERIALS), "tray1.xml")
    drain()
    assert early.rows.get().state == "waiting"
