"""Parts without serials: counted out of their lots, and known by every unit built with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from lots.domain.commands import AssemblyOrder, Material, Selection
from lots.domain.errors import BillError, HeldError, PartError, QuantityError
from lots.domain.words import LineKind, LotState
from lots.models import Event, Lot, LotLineage, MaterialUse
from lots.selectors import materials_of, stops_of_unit
from lots.services import assemble_units, release_hold, split_lot
from lots.tests.making import (
    again,
    built,
    chip_order,
    command,
    die_lot,
    good_units,
    hold,
    material_lot,
)
from supplychain.base.errors import MissingError, SupplychainError

pytestmark = pytest.mark.django_db


def order_of(*materials: tuple[str, int], lot: str = "P1", first: int = 0) -> AssemblyOrder:
    """Two packages, which take eight stacks."""
    dies = Lot.objects.get(code="W1").units.filter(state="good", parent_edges=None).order_by("id")
    order = chip_order(lot, list(dies[:4]), first=first)
    return replace(order, materials=tuple(Material(*one) for one in materials))


@pytest.fixture(autouse=True)
def _dies(reference: None) -> None:
    die_lot()


def test_what_is_built_takes_material_out_of_its_lots() -> None:
    first, second = material_lot("HBM-1"), material_lot("HBM-2", 6)
    event = assemble_units(order=order_of(("HBM-1", 2), ("HBM-2", 6)), command=command())
    assert (again(first).quantity, again(second).quantity) == (98, 0)
    assert again(second).state == LotState.FINISHED
    lines = event.lines.filter(lot=first).values_list("kind", "quantity", "unit_of_measure")
    assert set(lines) == {
        (LineKind.IN, 100, "component"),
        (LineKind.CONSUMED, 2, "component"),
        (LineKind.GOOD, 98, "component"),
    }
    assert event.payload["materials"] == {"HBM-1": 2, "HBM-2": 6}
    parents = LotLineage.objects.filter(child=event.lot).values_list("parent__code", flat=True)
    assert set(parents) == {"W1", "HBM-1", "HBM-2"}
    told = {(one.serial, one.lot_code, one.quantity) for one in materials_of(["P1-P1"])}
    assert told == {("P1-P1", "HBM-1", 2), ("P1-P1", "HBM-2", 6)}


def test_material_may_come_from_the_turnkey_vendor_unnamed() -> None:
    event = assemble_units(order=order_of(), command=command())
    assert "materials" not in event.payload
    assert materials_of(["P1-P0"]) == []


def test_the_same_order_sent_again_takes_nothing_more() -> None:
    lot = material_lot()
    order, once = order_of(("HBM-1", 8)), command("once")
    assert assemble_units(order=order, command=once) == assemble_units(order=order, command=once)
    assert again(lot).quantity == 92


def test_more_built_into_the_lot_takes_more() -> None:
    lot = material_lot()
    built(order_of(("HBM-1", 8)))
    built(order_of(("HBM-1", 8), first=2))
    assert again(lot).quantity == 84
    assert [one.quantity for one in MaterialUse.objects.filter(lot=lot)] == [8, 8]


@pytest.mark.parametrize(
    ("materials", "error", "words"),
    [
        ([("HBM-1", 7)], BillError, "2 of TRN3 take 8 of HBM3E-36, 7 were given"),
        ([("HBM-1", 8), ("HBM-2", 1)], BillError, "take 8 of HBM3E-36, 9 were given"),
        ([("CPU", 2)], BillError, "take 0 of CPU-1, 2 were given"),
        ([("HBM-9", 8)], MissingError, "There is no lot HBM-9"),
        ([("HBM-2", 8)], QuantityError, "Lot HBM-2 has 5 component; 8 cannot leave it"),
        ([("W1", 8)], BillError, "take 0 of TRN3-DIE, 8 were given"),
        ([("P1", 8)], MissingError, "There is no lot P1"),
    ],
)
def test_other_material_than_billed_or_there_is_refused_whole(
    materials: Sequence[tuple[str, int]], error: type[SupplychainError], words: str
) -> None:
    material_lot("HBM-1"), material_lot("HBM-2", 5), material_lot("CPU", 9, "CPU-1")
    before = Event.objects.count()
    with pytest.raises(error, match=words):
        assemble_units(order=order_of(*materials), command=command())
    assert (Event.objects.count(), MaterialUse.objects.count()) == (before, 0)
    assert Lot.objects.get(code="HBM-1").quantity == 100


def test_a_lot_whose_units_have_serials_gives_them_by_name() -> None:
    lot = material_lot("HBM-S", 8, serials=tuple(f"STACK-{number}" for number in range(8)))
    with pytest.raises(PartError, match="units of lot HBM-S have serials"):
        assemble_units(order=order_of(("HBM-S", 8)), command=command())
    assert again(lot).quantity == 8


def test_material_on_hold_is_not_used_and_stops_what_was_built_with_it() -> None:
    lot = material_lot()
    stop = hold(lot, "contamination")
    with pytest.raises(HeldError, match="HBM-1 is on hold"):
        assemble_units(order=order_of(("HBM-1", 8)), command=command())
    release_hold(hold=stop, disposition="clean", command=command())
    package = good_units(built(order_of(("HBM-1", 8))))[0]
    assert stops_of_unit(package) == []
    hold(again(lot), "voids after all")
    stops = [(one.serial, one.reason, one.lot) for one in stops_of_unit(package)]
    assert stops == [("P1-P0", "voids after all", "HBM-1")]


def test_a_lot_split_off_gives_its_own() -> None:
    lot = material_lot()
    split_lot(lot=lot, child_code="HBM-1.1", selection=Selection(quantity=8), command=command())
    built(order_of(("HBM-1.1", 8)))
    assert again(lot).quantity == 92
    assert [one.lot_code for one in materials_of(["P1-P0"])] == ["HBM-1.1"]


def test_the_ledger_stays_whole() -> None:
    material_lot()
    built(order_of(("HBM-1", 8)))
    call_command("verify_ledger")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lots_materialuse SET quantity = 7",
        "DELETE FROM lots_materialuse",
        "TRUNCATE lots_materialuse",
    ],
)
def test_a_use_is_never_changed(statement: str) -> None:
    material_lot()
    built(order_of(("HBM-1", 8)))
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


def test_a_use_that_the_ledger_does_not_know_is_refused() -> None:
    lot, event = material_lot(), Event.objects.order_by("seq")[0]
    with (
        pytest.raises(IntegrityError, match="no assembly took 3 from lot"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        MaterialUse.objects.create(event=event, lot=lot, quantity=3)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_an_assembly_that_hides_what_it_used_is_refused() -> None:
    material_lot()
    event = assemble_units(order=order_of(("HBM-1", 8)), command=command())
    with (
        pytest.raises(IntegrityError, match="does not tell the uses of its material"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(COPIED, [event.pk])
        cursor.execute("SET CONSTRAINTS lots_event_materials_told IMMEDIATE")


COPIED = """
    INSERT INTO lots_event (
        id, seq, op_key, body_sha256, verb, lot_id, source, source_reference, request_id, reason,
        comment, payload, previous_sha256, sha256, occurred_at, recorded_at
    )
    SELECT
        gen_random_uuid(), seq + 1, op_key || '-2', body_sha256, verb, lot_id, source, '', '', '',
        '', payload, sha256, repeat('1', 64), occurred_at, recorded_at
    FROM lots_event WHERE id = %s
"""
