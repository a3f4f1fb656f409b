from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lots.domain.commands import AssemblyOrder, Build, Part
from lots.domain.words import UnitKind
from lots.models import Lot, Unit
from lots.selectors import (
    banked_by_step,
    containers_of,
    containers_of_each,
    hold_reasons,
    late_lots,
    lots_on_hold,
    open_holds,
    parts_of,
    stale_lots,
    top_containers,
    units_below,
    wip_by_step,
)
from lots.services import bank_lot, release_hold, swap_part
from lots.tests.making import (
    T0,
    built,
    chip_order,
    command,
    counted_lot,
    die_lot,
    good_units,
    hold,
    wafer_lot,
)

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def sled(catalogue: None) -> Unit:
    """A sled of two packages of two dies each."""
    chips = good_units(built(chip_order("P1", good_units(die_lot())[:4])))
    parts = tuple(Part(chip.serial, f"SLOT{place}") for place, chip in enumerate(chips))
    order = AssemblyOrder("S1", "TRN3-SLED", "E", "SLED", "ODM1", (Build("SLED-1", parts),))
    return built(order).units.get()


def test_parts_are_found_at_every_depth(sled: Unit) -> None:
    with CaptureQueriesContext(connection) as queries:
        nodes = parts_of(sled)
        found = [(node.unit.serial, node.edge.position, node.depth) for node in nodes]
    assert found == [
        ("P1-P0", "SLOT0", 1), ("P1-P1", "SLOT1", 1),
        ("W1-01:0:0", "D0", 2), ("W1-01:1:0", "D1", 2),
        ("W1-01:2:0", "D0", 2), ("W1-01:3:0", "D1", 2),
    ]  # fmt: skip
    assert len(queries) == 2


def test_containers_are_found_up_to_the_outermost(sled: Unit) -> None:
    die = Unit.objects.get(serial="W1-01:2:0")
    with CaptureQueriesContext(connection) as queries:
        found = [(node.unit.serial, node.depth) for node in containers_of(die)]
    assert (found, len(queries)) == ([("P1-P1", 1), ("SLED-1", 2)], 2)


def test_unit_in_nothing_has_no_containers(sled: Unit) -> None:
    assert (containers_of(sled), containers_of_each([sled.pk]), top_containers([sled.pk])) == (
        [], {}, {},
    )  # fmt: skip


def test_outermost_containers_are_found_at_once(sled: Unit) -> None:
    dies = Unit.objects.filter(kind=UnitKind.DIE, serial__startswith="W1-01").values_list("id")
    assert set(top_containers([pk for (pk,) in dies]).values()) == {sled}


def test_units_below_are_chosen_by_kind(sled: Unit) -> None:
    assert units_below([sled.pk], [UnitKind.PACKAGE]).count() == 2
    assert units_below([sled.pk], [UnitKind.DIE, UnitKind.PACKAGE]).count() == 6


def test_closed_edges_are_past(sled: Unit) -> None:
    built(chip_order("P2", good_units(Lot.objects.get(code="W1"))[4:6]))
    swap_part(
        parent=sled,
        position="SLOT0",
        new_serial="P2-P0",
        command=command(hours=1),
        returned_lot_code="H1",
    )
    found = {node.unit.serial for node in parts_of(sled) if node.depth == 1}
    assert found == {"P2-P0", "P1-P1"}


def test_lots_on_hold_show_since_when() -> None:
    first, second = counted_lot("N1"), counted_lot("N2")
    hold(first), hold(second, "counting"), hold(second, "bent pins")
    release_hold(hold=open_holds(first).get(), disposition="fine", command=command())
    rows: list[dict[str, Any]] = [dict(row) for row in lots_on_hold().values()]
    assert [(row["code"], row["hold_count"], row["held_since"]) for row in rows] == [("N2", 2, T0)]
    assert hold_reasons([first.pk, second.pk]) == {second.pk: ["counting", "bent pins"]}


def test_work_in_process_is_summed_by_step() -> None:
    wafer_lot("W1", wafers=3), wafer_lot("W2", wafers=2), wafer_lot("W3", step="CP1")
    held = counted_lot("N1", quantity=7)
    hold(held), hold(held, "again")
    rows = [
        (row.route_code, row.step_code, row.lot_count, row.quantity, row.held_count)
        for row in wip_by_step()
    ]
    assert rows == [("A", "START", 2, 5, 0), ("A", "CP1", 1, 3, 0), ("D", "RCV", 1, 7, 1)]


@pytest.mark.parametrize(("days", "found"), [(14, 0), (14.01, 1)])
def test_lot_is_stale_after_twice_the_standard_time(days: float, found: int) -> None:
    wafer_lot(step="CP1")
    assert len(stale_lots(T0 + timedelta(days=days))) == found


def test_stock_is_never_stale() -> None:
    counted_lot(step_code="STOCK")
    assert not stale_lots(T0 + timedelta(days=9999))


def test_lot_is_late_after_its_day() -> None:
    counted_lot("N1", due_on=date(2025, 4, 1)), counted_lot("N2")
    assert [lot.code for lot in late_lots(date(2025, 4, 2))] == ["N1"]
    assert not late_lots(date(2025, 4, 1))


def test_what_is_banked_is_told_apart_from_wip() -> None:
    bank_lot(lot=counted_lot("N1", quantity=10), command=command())
    counted_lot("N2", quantity=4)
    assert [(row.step_code, row.quantity) for row in wip_by_step()] == [("RCV", 4)]
    assert [(row.step_code, row.quantity) for row in banked_by_step()] == [("RCV", 10)]
