"""What a suspect lot reaches beside what lies in it: parts swapped out, counted material, order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from lots.domain.commands import (
    AssemblyOrder,
    Build,
    Declaration,
    HoldOrder,
    LotOrder,
    Part,
    Selection,
)
from lots.domain.words import HoldClass, LotKind, UnitOfMeasure
from lots.models import Genealogy, Lot, LotLineage, Unit
from lots.services import (
    assemble_units,
    hold_lot,
    merge_lots,
    receive_lot,
    split_lot,
    swap_part,
)
from operations.domain.recall_questions import Question
from operations.domain.words import Origin
from operations.selectors.recall import exposure_of, exposure_of_hold, exposure_of_lots
from operations.selectors.recall_origins import suspects_of
from operations.services.recalls import open_case, refresh_case
from operations.tests.line import Line, command
from operations.tests.materials import cpus, retold, server_with
from supplychain.base.errors import MissingError

pytestmark = pytest.mark.django_db
BACKFILL = Path(__file__).resolve().parents[2] / "lots/sql/swap_lineage_v1.sql"


def counted(code: str, quantity: int, serials: tuple[str, ...] = ()) -> Lot:
    order = LotOrder(
        code=code,
        kind=LotKind.PART,
        product_code="TRN2",
        route_code="B",
        step_code="STOCK",
        custodian_code="ODM1",
        unit_of_measure=UnitOfMeasure.PACKAGE,
        quantity=quantity,
        serials=serials,
    )
    return receive_lot(order=order, command=command(30)).lot


def reached(*lots: Lot) -> int:
    return exposure_of_lots([lot.pk for lot in lots]).quantity


def again(lot: Lot) -> Lot:
    return Lot.objects.get(pk=lot.pk)


def first_chip(line: Line) -> Genealogy:
    server = line.server_lot.units.order_by("id")[0]
    return server.child_edges.filter(valid_to=None).order_by("id")[0]


def swapped_out(line: Line) -> Unit:
    """The first chip of the first server, taken out into RMA1; a chip of its lot takes over."""
    edge = first_chip(line)
    free = line.chip_lot.units.filter(state="good", parent_edges=None).order_by("id")
    swap_part(
        parent=edge.parent,
        position=edge.position,
        new_serial=free[0].serial,
        command=command(0),
        returned_lot_code="RMA1",
    )
    return Unit.objects.get(pk=edge.child_id)


def test_a_recall_of_its_lot_reaches_a_chip_that_was_swapped_out(line: Line) -> None:
    before = reached(line.chip_lot)
    swapped_out(line)
    assert reached(line.chip_lot) == before == 16


def test_a_part_swapped_out_twice_is_followed_from_lot_to_lot(line: Line) -> None:
    edge, chips = first_chip(line), line.chip_lot.units
    old, spare = edge.child, chips.filter(state="good", parent_edges=None).order_by("id")[0]
    chosen = Selection(serials=(spare.serial,))
    split_lot(lot=line.chip_lot, child_code="AQ17.1", selection=chosen, command=command(1))
    for new, returned in [(spare, "RMA1"), (old, "RMA2")]:
        swap_part(
            parent=edge.parent,
            position=edge.position,
            new_serial=new.serial,
            command=command(0),
            returned_lot_code=returned,
        )
    lots = Lot.objects.in_bulk(field_name="code")
    found = {code: reached(lots[code]) for code in ("AQ17", "AQ17.1", "RMA1", "RMA2")}
    assert found == {"AQ17": 16, "AQ17.1": 1, "RMA1": 1, "RMA2": 1}


def test_a_hold_on_the_lot_tells_of_the_chip_that_was_swapped_out(line: Line) -> None:
    swapped_out(line)
    hold_lot(
        lot=again(line.chip_lot),
        order=HoldOrder(HoldClass.QUALITY, "Voids"),
        command=command(0),
    )
    exposure = exposure_of_hold([line.chip_lot], {})
    assert exposure.quantity == 16
    assert ("RMA1", 1) in [(total.name, total.quantity) for total in exposure.by_lot]


def test_a_recall_case_does_not_settle_a_chip_that_was_swapped_out(line: Line) -> None:
    owner = User.objects.create_user("owner")
    question = Question(Origin.LOT, names=(line.chip_lot.code,))
    case = open_case(question=question, title="Underfill", reason="Voids", actor=owner)
    chip = swapped_out(line)
    refresh_case(case=case)
    item = case.items.get(unit=chip)
    assert (item.settled_at, item.place) == (None, "wip")
    assert item.where.startswith("lot RMA1")


def test_swaps_of_before_are_told_by_where_their_parts_were_made(line: Line) -> None:
    swapped_out(line)
    kept = LotLineage.objects.filter(kind="swap")
    told = set(kept.values_list("parent__code", "child__code"))
    assert told == {("AQ17", "RMA1")}
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE lots_lotlineage DISABLE TRIGGER lots_lotlineage_append_only")
        kept.delete()
        cursor.execute(BACKFILL.read_text())
        cursor.execute(BACKFILL.read_text())
    assert set(kept.values_list("parent__code", "child__code")) == told
    assert kept.count() == 1


def test_counted_units_beside_named_ones_are_reached(line: Line) -> None:
    named, more = counted("A", 4, ("A-1", "A-2", "A-3", "A-4")), counted("B", 50)
    merge_lots(into=named, lots=[more], command=command(20))
    assert reached(named) == reached(more) == 54


def test_named_units_alone_are_not_counted_twice(line: Line) -> None:
    assert reached(counted("A", 4, ("A-1", "A-2", "A-3", "A-4"))) == 4


def test_what_left_a_lot_before_the_suspect_came_is_not_reached(line: Line) -> None:
    suspect, other = counted("A1", 3), counted("B1", 10)
    split_lot(lot=other, child_code="B1.1", selection=Selection(quantity=4), command=command(20))
    merge_lots(into=again(other), lots=[suspect], command=command(19))
    assert reached(suspect) == 9
    split_lot(lot=again(other), child_code="B1.2", selection=Selection(2), command=command(18))
    assert (reached(suspect), reached(other)) == (9, 13)


def built_in(serials: tuple[str, str]) -> None:
    parts = tuple(Part(serial, f"C{place}") for place, serial in enumerate(serials))
    builds = (Build(f"SLED-{serials[0]}", parts),)
    order = AssemblyOrder(f"SL-{serials[0]}", "TRN2-SLED", "E", "SERVER", "ODM1", builds)
    assemble_units(order=order, command=command(25))


def test_what_a_lot_had_built_in_before_it_merged_is_not_the_other_lots(line: Line) -> None:
    ours, theirs = counted("A", 3, ("A-1", "A-2", "A-3")), counted("B", 3, ("B-1", "B-2", "B-3"))
    built_in(("A-1", "A-2"))
    built_in(("B-1", "B-2"))
    merge_lots(into=again(ours), lots=[again(theirs)], command=command(20))
    assert (reached(ours), reached(theirs), reached(ours, theirs)) == (4, 4, 6)


def test_what_is_built_in_after_a_merge_is_of_both_lots(line: Line) -> None:
    ours, theirs = counted("A", 3, ("A-1", "A-2", "A-3")), counted("B", 1, ("B-1",))
    merge_lots(into=ours, lots=[theirs], command=command(28))
    built_in(("A-1", "B-1"))
    assert reached(ours) == reached(theirs) == 4


def test_a_lot_of_parts_without_serials_reaches_what_was_built_with_it(line: Line) -> None:
    lot = cpus("CPU-A", 10)
    cpus("CPU-B", 10)
    split_lot(lot=lot, child_code="CPU-A.1", selection=Selection(quantity=4), command=command(20))
    server_with(line, "SRV-A", "CPU-A.1")
    server_with(line, "SRV-B", "CPU-B")
    exposure = exposure_of_lots([again(lot).pk])
    assert {(total.name, total.kind, total.quantity) for total in exposure.by_lot} == {
        ("CPU-A", "component", 6),
        ("CPU-A.1", "component", 3),
        ("LOT-SRV-A", "server", 1),
    }


def test_material_taken_before_the_suspect_came_to_its_lot_is_not_reached(line: Line) -> None:
    lot, suspect = cpus("CPU-A", 10), cpus("CPU-B", 5)
    server_with(line, "SRV-A", "CPU-A")
    merge_lots(into=again(lot), lots=[suspect], command=command(0))
    assert {total.name for total in exposure_of_lots([suspect.pk]).by_lot} == {"CPU-A"}


def test_a_recall_case_lists_servers_with_a_suspect_cpu(line: Line) -> None:
    cpus("CPU-A", 1)
    server_with(line, "SRV-A", "CPU-A")
    case = open_case(
        question=Question(Origin.LOT, ("CPU-A",)),
        title="CPU",
        reason="cracks",
        actor=User.objects.create_user("q"),
    )
    assert [item.unit.serial for item in case.items.all() if item.unit] == ["SRV-A"]


def servers_of(code: str) -> set[str]:
    """Lots with servers that a recall of the lot reaches."""
    totals = exposure_of_lots([Lot.objects.get(code=code).pk]).by_lot
    return {total.name for total in totals if total.kind == "server"}


def test_a_recall_goes_by_the_material_that_is_told_now(line: Line) -> None:
    cpus("CPU-A", 5), cpus("CPU-B", 5)
    server = server_with(line, "SRV-A", "CPU-A")
    assert (servers_of("CPU-A"), servers_of("CPU-B")) == ({"LOT-SRV-A"}, set())
    retold(server, "CPU-A", "CPU-B")
    assert (servers_of("CPU-A"), servers_of("CPU-B")) == (set(), {"LOT-SRV-A"})
    retold(server, "CPU-B", "CPU-A")
    assert (servers_of("CPU-A"), servers_of("CPU-B")) == ({"LOT-SRV-A"}, set())


@pytest.mark.parametrize("is_exchange", [False, True])
def test_material_told_of_a_lot_since_the_suspect_merged_into_it_may_be_the_suspects(
    is_exchange: bool, line: Line
) -> None:
    cpus("CPU-A", 5)
    into, suspect = cpus("CPU-B", 5), cpus("CPU-C", 5)
    server = server_with(line, "SRV-A", "CPU-A")
    merge_lots(into=into, lots=[suspect], command=command(0))
    retold(server, "CPU-A", "CPU-B", is_exchange=is_exchange)
    assert servers_of("CPU-C") == {"LOT-SRV-A"}


def test_an_open_case_keeps_what_it_lists_until_someone_settles_it(line: Line) -> None:
    cpus("CPU-A", 5), cpus("CPU-B", 5)
    server = server_with(line, "SRV-A", "CPU-A")
    actor = User.objects.create_user("q")
    cases = {
        code: open_case(
            question=Question(Origin.LOT, (code,)), title=code, reason="cracks", actor=actor
        )
        for code in ("CPU-A", "CPU-B")
    }
    retold(server, "CPU-A", "CPU-B")
    for case in cases.values():
        refresh_case(case=case)
        assert [item.unit.serial for item in case.items.all() if item.unit] == ["SRV-A"]


@pytest.fixture
def declared(line: Line) -> Lot:
    """Three chips, two of them of the vendor's lot MV88, on wafers 3 and 4 of it."""
    order = LotOrder(
        code="M7",
        kind=LotKind.PART,
        product_code="TRN2",
        route_code="B",
        step_code="STOCK",
        custodian_code="ODM1",
        unit_of_measure=UnitOfMeasure.PACKAGE,
        quantity=3,
        serials=("M7-1", "M7-2", "M7-3"),
        declarations=(
            Declaration("M7-1", "MV88", "MV88-3"),
            Declaration("M7-2", "MV88", "MV88-4"),
            Declaration("M7-3", "MV89", ""),
        ),
    )
    return receive_lot(order=order, command=command(30)).lot


@pytest.mark.parametrize(
    ("names", "count"), [(("MV88",), 2), (("MV88-4",), 1), (("MV88-4", "MV89"), 2)]
)
def test_what_a_vendor_declares_can_be_asked_for(
    declared: Lot, names: tuple[str, ...], count: int
) -> None:
    exposure = exposure_of(suspects_of(Question(Origin.DECLARED, names)))
    assert exposure.quantity == count


def test_a_declared_lot_that_nobody_declared_is_refused_by_name(declared: Lot) -> None:
    with pytest.raises(MissingError, match="no declared lot or wafer MV90"):
        suspects_of(Question(Origin.DECLARED, ("MV88", "MV90")))


@pytest.mark.parametrize("name", ["MV88", "MV88-4"])
def test_what_a_vendor_declared_is_found_by_its_whole_name_and_asked_for(
    declared: Lot, as_role: Callable[[str], Client], name: str
) -> None:
    auditor = as_role("Auditor")
    page = auditor.get(f"/find?q={name.lower()}").content.decode()
    assert page.count(f'?origin=declared&amp;names={name}"') == 1
    assert "origin=declared" not in auditor.get("/find?q=MV8").content.decode()
    form = auditor.get(f"/recalls/new?origin=declared&names={name}").content.decode()
    assert f">{name}</textarea>" in form.replace("\n", "")
