"""Recall cases: from every origin, each thing once, followed to zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection

from lots.domain.commands import AssemblyOrder, Build, Part, Selection
from lots.models import Genealogy, Lot, Unit
from lots.services import (
    assemble_units,
    correct_event,
    merge_lots,
    record_loss,
    scrap_units,
    split_lot,
)
from operations.domain.recall_questions import Question
from operations.domain.recall_zones import Zone
from operations.domain.words import CaseState, Origin, Place
from operations.models import RecallCase
from operations.selectors.recall import exposure_of
from operations.selectors.recall_cases import (
    ItemsWanted,
    case_by_number,
    elsewhere_of,
    item_page,
    joined_since,
    racks_of,
    standings,
    systems_of,
)
from operations.selectors.recall_origins import suspects_of
from operations.services.recalls import (
    cancel_case,
    close_case,
    open_case,
    refresh_case,
    settle_items,
)
from operations.tasks import refresh_recalls
from operations.tests.line import NOW, Line, command, switches, wafer_lot
from operations.tests.swapping import swapped
from racks.services import place_unit, remove_unit
from supplychain.base.errors import MalformedError, MissingError, RefusedError

pytestmark = pytest.mark.django_db
FILL = Path(__file__).resolve().parents[2] / "lots/sql/missing_units_v1.sql"


@pytest.fixture
def owner(line: Line) -> User:
    return User.objects.create_user("owner")


@pytest.fixture
def open_over(owner: User) -> Callable[[Question], RecallCase]:
    return lambda question: open_case(
        question=question, title="Bad underfill", reason="Voids found", actor=owner
    )


def lots(*codes: str) -> Question:
    return Question(Origin.LOT, names=codes)


def again(lot: Lot) -> Lot:
    return Lot.objects.get(pk=lot.pk)


def on_tester(since: int, until: int) -> Question:
    """From and to so many days ago."""
    return Question(
        Origin.TESTER,
        equipment="UF3000-2",
        since=NOW - timedelta(days=since),
        until=NOW - timedelta(days=until),
    )


def reached(question: Question) -> dict[str, int]:
    totals: dict[str, int] = {}
    for share in exposure_of(suspects_of(question)).shares:
        totals[share.place] = totals.get(share.place, 0) + share.quantity
    return totals


def test_a_wafer_reaches_its_own_chips_only(line: Line) -> None:
    wafer = line.wafer_lot.wafers.order_by("number")[0]
    found = reached(Question(Origin.WAFER, names=(wafer.code,)))
    chips = Genealogy.objects.filter(child__wafer=wafer, valid_to__isnull=True)
    placed = chips.filter(parent__parent_edges__isnull=False).values("parent").distinct().count()
    assert found[Place.DEPLOYED] == placed > 0


def test_a_zone_reaches_less_than_its_wafer(line: Line) -> None:
    wafer = line.wafer_lot.wafers.order_by("number")[0]
    whole = sum(reached(Question(Origin.WAFER, names=(wafer.code,))).values())
    ring = sum(reached(Question(Origin.ZONE, names=(wafer.code,), zone=Zone.EDGE_RING)).values())
    assert 0 < ring < whole


def test_a_zone_of_an_uncut_wafer_is_the_wafer(line: Line) -> None:
    wafer = wafer_lot("Z1", 2, 20).wafers.order_by("number")[0]
    question = Question(Origin.ZONE, names=(wafer.code,), zone=Zone.CENTRE)
    assert reached(question) == {Place.WIP: 1}


def test_a_tester_reaches_what_it_tested_in_the_window(line: Line) -> None:
    found = reached(on_tester(21, 19))
    assert found == {Place.DEPLOYED: 8, Place.WIP: 8}
    assert reached(on_tester(900, 800)) == {}


def test_a_sort_tester_reaches_dies_by_place_and_uncut_wafers(line: Line) -> None:
    found = reached(on_tester(31, 29))
    assert found == {Place.WIP: 3}
    found = reached(on_tester(69, 67))
    assert found[Place.DEPLOYED] == 8


def test_an_oven_load_narrows_to_a_board_and_a_socket(line: Line) -> None:
    load = line.burn_in.pk
    assert sum(reached(Question(Origin.OVEN, load=load)).values()) == 16
    assert reached(Question(Origin.OVEN, load=load, board="BIB-01")) == {Place.DEPLOYED: 8}
    one = Question(Origin.OVEN, load=load, board="BIB-02", socket="03")
    assert reached(one) == {Place.WIP: 1}


def test_serials_are_reached_through_what_they_are_built_into(line: Line) -> None:
    question = Question(Origin.SERIALS, names=("T3-26-00000", "SRV4-0001"))
    assert reached(question) == {Place.DEPLOYED: 2}


@pytest.mark.parametrize(
    "question",
    [
        Question(Origin.LOT, names=("NONE",)),
        Question(Origin.WAFER, names=("NONE",)),
        Question(Origin.SERIALS, names=tuple(f"N{number}" for number in range(7))),
        Question(Origin.TESTER, equipment="NONE", since=NOW, until=NOW + timedelta(days=1)),
        Question(Origin.OVEN, load=0),
    ],
)
def test_an_unknown_origin_is_missing(line: Line, question: Question) -> None:
    with pytest.raises(MissingError):
        suspects_of(question)


def test_an_empty_socket_is_missing(line: Line) -> None:
    with pytest.raises(MissingError, match="socket 99"):
        suspects_of(Question(Origin.OVEN, load=line.burn_in.pk, socket="99"))


def test_a_case_lists_each_thing_once(line: Line, open_over: Callable[..., RecallCase]) -> None:
    case = open_over(lots("W7Q1", "AQ17"))
    items = list(case.items.all())
    assert len({item.unit_id for item in items}) == len(items)
    assert sum(item.place == Place.DEPLOYED for item in items) == 8
    assert str(case) == "R-1"
    assert open_over(lots("AQ17")).number == 2
    assert [(total.name, total.quantity) for total in racks_of(case).rows] == [("RK-0007", 8)]


def test_a_case_over_nothing_is_refused(line: Line, open_over: Callable[..., RecallCase]) -> None:
    lot = wafer_lot("E1", 2, 20)
    scrap_units(lot=lot, selection=Selection(2), command=command(3, reason="handling"))
    with pytest.raises(RefusedError, match="nothing to recall"):
        open_over(lots("E1"))
    assert not RecallCase.objects.exists()


def test_what_is_taken_out_of_its_rack_is_elsewhere_and_still_exposed(
    line: Line, open_over: Callable[..., RecallCase]
) -> None:
    case = open_over(lots("AQ17"))
    server = line.server_lot.units.order_by("id")[0]
    remove_unit(unit=server, at=NOW)
    out = refresh_case(case=case)
    assert (out.settled, out.moved) == (0, 4)
    moved = case.items.filter(unit__parent_edges__parent=server)
    assert {(item.place, item.rack) for item in moved} == {("wip", None)}
    place_unit(unit=server, rack_serial="RK-0007", slot_number=5, at=NOW)
    again = refresh_case(case=case)
    assert (again.reopened, again.joined, again.moved) == (0, 0, 4)
    assert case.items.filter(settled_at=None, place="deployed").count() == 8


def test_a_case_with_suspects_in_stock_does_not_close(
    line: Line, owner: User, open_over: Callable[..., RecallCase]
) -> None:
    case = open_over(lots("AQ17"))
    settle_items(case=case, wanted=ItemsWanted(place="wip"), reason="Use as is", actor=owner)
    for server in line.server_lot.units.all():
        remove_unit(unit=server, at=NOW)
    with pytest.raises(RefusedError, match="still exposes 8"):
        close_case(case=case, conclusion="done", actor=owner)


def test_what_settled_when_it_left_its_rack_is_open_again(
    line: Line, open_over: Callable[..., RecallCase]
) -> None:
    """Cases of before were settled so."""
    case = open_over(lots("AQ17"))
    case.items.filter(place="deployed").update(settled_at=NOW, settlement="Taken out of rack R")
    assert refresh_case(case=case).reopened == 8


def test_a_die_that_was_built_in_is_followed_as_its_chip(
    line: Line, open_over: Callable[..., RecallCase]
) -> None:
    dies = list(line.wafer_lot.units.filter(state="good", parent_edges=None).order_by("id")[:2])
    case = open_over(Question(Origin.SERIALS, names=(dies[0].serial,)))
    parts = tuple(Part(die.serial, f"D{number}") for number, die in enumerate(dies))
    order = AssemblyOrder("AQ18", "TRN3", "A", "COWOS", "OSAT1", (Build("T3-26-9", parts),))
    assemble_units(order=order, command=command(1))
    refreshed = refresh_case(case=case)
    assert (refreshed.joined, refreshed.settled) == (1, 1)
    assert case.items.get(unit=dies[0]).settlement == "Listed as what it was built into"
    assert case.items.get(settled_at=None).unit == Unit.objects.get(serial="T3-26-9")


def test_a_chip_stays_listed_when_its_suspect_die_is_taken_out(
    line: Line, open_over: Callable[..., RecallCase]
) -> None:
    chip = line.chip_lot.units.order_by("-id")[0]
    edge = chip.child_edges.order_by("id")[0]
    case = open_over(Question(Origin.SERIALS, names=(edge.child.serial,)))
    swapped(edge, line.wafer_lot)
    refresh_case(case=case)
    still = case.items.filter(settled_at=None)
    assert set(still.values_list("unit", flat=True)) == {chip.pk, edge.child_id}


@pytest.mark.parametrize(
    ("reason", "left"), [("missing", {"missing": 2}), ("sample", {"missing": 2}), ("handling", {})]
)
def test_a_lost_unit_stays_exposed_unless_it_was_found_bad(
    line: Line, open_over: Callable[..., RecallCase], reason: str, left: dict[str, int]
) -> None:
    chips = line.chip_lot.units.filter(state="good", parent_edges=None).order_by("id")[:2]
    serials = tuple(chip.serial for chip in chips)
    case = open_over(Question(Origin.SERIALS, names=serials))
    lost = record_loss(
        lot=again(line.chip_lot),
        selection=Selection(serials=serials),
        command=command(0, reason=reason),
    )
    assert reached(Question(Origin.SERIALS, names=serials)).get("missing", 0) == sum(left.values())
    refresh_case(case=case)
    still = case.items.filter(settled_at=None)
    assert Counter(still.values_list("place", flat=True)) == left
    correct_event(event=lost, command=command(0, reason="found again"))
    refresh_case(case=case)
    assert Counter(still.values_list("place", flat=True)) == {"wip": 2}


def test_counted_units_that_are_missing_stay_exposed(
    line: Line, open_over: Callable[..., RecallCase]
) -> None:
    lot = switches("N1", 10)
    case = open_over(lots("N1"))
    record_loss(lot=lot, selection=Selection(3), command=command(3, reason="missing"))
    record_loss(lot=again(lot), selection=Selection(1), command=command(2, reason="handling"))
    refresh_case(case=case)
    assert [(row.place, row.left) for row in standings(case)] == [("wip", 6), ("missing", 3)]
    last = record_loss(lot=again(lot), selection=Selection(6), command=command(1, reason="missing"))
    refresh_case(case=case)
    assert [(row.place, row.left) for row in standings(case)] == [("wip", 0), ("missing", 9)]
    correct_event(event=last, command=command(0, reason="found"))
    refresh_case(case=case)
    assert [(row.place, row.left) for row in standings(case)] == [("wip", 6), ("missing", 3)]


def test_what_was_missing_before_the_suspect_came_is_not_reached(line: Line) -> None:
    suspect, other = switches("N1", 3), switches("N2", 10)
    record_loss(lot=other, selection=Selection(4), command=command(3, reason="missing"))
    merge_lots(into=again(other), lots=[suspect], command=command(2))
    assert reached(lots("N1")) == {Place.WIP: 9}
    assert reached(lots("N2")) == {Place.WIP: 9, Place.MISSING: 4}


def test_a_missing_wafer_stays_exposed(line: Line) -> None:
    lot = wafer_lot("E3", 3, 20)
    record_loss(lot=lot, selection=Selection(wafers=(2,)), command=command(3, reason="missing"))
    first, second = (Question(Origin.WAFER, names=(f"E3-0{number}",)) for number in (1, 2))
    assert (reached(first), reached(second)) == ({Place.WIP: 1}, {Place.MISSING: 1})
    assert reached(lots("E3")) == {Place.WIP: 2, Place.MISSING: 1}


def test_units_of_losses_of_before_are_missing(line: Line) -> None:
    chip = line.chip_lot.units.filter(state="good", parent_edges=None).order_by("id")[0]
    record_loss(
        lot=line.chip_lot,
        selection=Selection(serials=(chip.serial,)),
        command=command(0, reason="missing"),
    )
    Unit.objects.filter(pk=chip.pk).update(state="reject")
    with connection.cursor() as cursor:
        cursor.execute(FILL.read_text())
    chip.refresh_from_db()
    assert chip.state == "missing"


def test_scrapped_units_settle_by_themselves(
    line: Line, open_over: Callable[..., RecallCase]
) -> None:
    case = open_over(lots("AQ17"))
    loose = line.chip_lot.units.order_by("-id")[0]
    lot = Lot.objects.get(pk=line.chip_lot.pk)
    chosen = Selection(serials=(loose.serial,))
    scrap_units(lot=lot, selection=chosen, command=command(1, reason="handling"))
    refresh_recalls()
    assert case.items.get(unit=loose).settlement == "Scrapped or rejected"


def test_a_recall_that_cannot_be_drawn_up_stops_no_other(
    line: Line, open_over: Callable[..., RecallCase], caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = open_over(lots("AQ17")), open_over(lots("AQ17"))
    RecallCase.objects.filter(pk=broken.pk).update(query={"origin": "lot", "names": ["GONE"]})
    remove_unit(unit=line.server_lot.units.order_by("id")[0], at=NOW)
    refresh_recalls()
    assert "recall 1 was not drawn up again" in caplog.text
    assert sound.items.filter(place=Place.WIP).count() == 12


def test_a_refresh_tells_what_joined_since(
    line: Line, open_over: Callable[..., RecallCase]
) -> None:
    lot = wafer_lot("E2", 4, 20)
    case = open_over(lots("E2"))
    split_lot(lot=lot, child_code="E2-A", selection=Selection(wafers=(4,)), command=command(2))
    refreshed = refresh_case(case=case)
    assert (refreshed.joined, refreshed.settled) == (1, 0)
    case = case_by_number(case.number)
    assert joined_since(case) == 1
    assert [(row.listed, row.left) for row in standings(case)] == [(4, 4)]
    assert {total.name for total in elsewhere_of(case).rows} == {
        "lot E2, step START",
        "lot E2-A, step START",
    }


def test_a_case_closes_only_at_zero(
    line: Line, owner: User, open_over: Callable[..., RecallCase]
) -> None:
    case = open_over(lots("AQ17"))
    with pytest.raises(RefusedError, match="still exposes 16"):
        close_case(case=case, conclusion="done", actor=owner)
    racked = ItemsWanted(rack="RK-0007")
    assert settle_items(case=case, wanted=racked, reason="Use as is, MRB 7", actor=owner) == 8
    assert settle_items(case=case, wanted=racked, reason="again", actor=owner) == 0
    settle_items(case=case, wanted=ItemsWanted(), reason="Retested", actor=owner)
    closed = close_case(case=case, conclusion="No failures found", actor=owner)
    assert (closed.state, closed.closed_by) == (CaseState.CLOSED, owner)
    with pytest.raises(RefusedError, match="is closed"):
        refresh_case(case=case)


def test_what_a_person_settled_stays_settled(
    line: Line, owner: User, open_over: Callable[..., RecallCase]
) -> None:
    case = open_over(lots("AQ17"))
    settle_items(case=case, wanted=ItemsWanted(), reason="Use as is", actor=owner)
    assert refresh_case(case=case).reopened == 0
    assert not case.items.filter(settled_at__isnull=True).exists()


def test_a_case_is_cancelled_with_a_reason(
    line: Line, owner: User, open_over: Callable[..., RecallCase]
) -> None:
    case = open_over(lots("AQ17"))
    with pytest.raises(MalformedError, match="conclusion"):
        cancel_case(case=case, reason=" ", actor=owner)
    assert cancel_case(case=case, reason="Wrong lot", actor=owner).state == CaseState.CANCELLED


def test_items_are_found_by_place_serial_and_state(
    line: Line, owner: User, open_over: Callable[..., RecallCase]
) -> None:
    case = open_over(lots("AQ17"))
    settle_items(case=case, wanted=ItemsWanted(q="T3-26-00001"), reason="ok", actor=owner)
    assert item_page(case, ItemsWanted(is_settled=True), 1).count == 1
    assert item_page(case, ItemsWanted(place="wip"), 1).count == 8
    assert item_page(case, ItemsWanted(is_settled=False, place="deployed"), 1).count == 7
    assert not item_page(case, ItemsWanted(), 2).items
    assert systems_of(case).rows == []


def test_an_unknown_case_is_missing(line: Line) -> None:
    with pytest.raises(MissingError):
        case_by_number(99)
