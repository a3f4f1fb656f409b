"""Units, edges and links between lots held against the ledger after an edit by hand."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from lots.domain.chain import rows_sha256
from lots.domain.commands import AssemblyOrder, Build, Command, Declaration, Part, Selection
from lots.domain.orders import Loss, TrackOutOrder
from lots.domain.words import LineKind, Trust
from lots.models import Event, Lot, Unit
from lots.selectors.verifying_units import unit_fault
from lots.services import (
    bin_down,
    correct_event,
    merge_lots,
    record_loss,
    scrap_units,
    split_lot,
    swap_part,
    track_in,
    track_out,
)
from lots.tests.making import (
    again,
    built,
    chip_lot,
    chip_order,
    command,
    die_lot,
    good_units,
    material_lot,
)
from lots.tests.reissuing import assembled, reissue

pytestmark = pytest.mark.usefixtures("catalogue")
NAMED = """
    CREATE FUNCTION pg_temp.lot(text) RETURNS bigint STABLE
        RETURN (SELECT id FROM lots_lot WHERE code = $1);
    CREATE FUNCTION pg_temp.unit(text) RETURNS bigint STABLE
        RETURN (SELECT id FROM lots_unit WHERE serial = $1);
    CREATE FUNCTION pg_temp.product(text) RETURNS bigint STABLE
        RETURN (SELECT id FROM lots_product WHERE code = $1);
    CREATE FUNCTION pg_temp.event(text) RETURNS uuid STABLE
        RETURN (SELECT id FROM lots_event WHERE verb = $1);
    CREATE FUNCTION pg_temp.edge() RETURNS bigint STABLE
        RETURN (SELECT MIN(id) FROM lots_genealogy);
"""
TABLES = ["lots_genealogy", "lots_lotlineage", "lots_unit", "lots_wafer"]


@pytest.fixture
def line(catalogue: None) -> None:
    """Dies of three wafers, split, merged and scrapped; chips of them, a sled, a swap."""
    lot = die_lot(wafers=3, dies=6, bad=1)
    built(chip_order("P1", good_units(lot)[:4]))
    split_lot(
        lot=again(lot), child_code="W1.1", selection=Selection(wafers=(3,)), command=command()
    )
    split_lot(
        lot=again(lot),
        child_code="W1.2",
        selection=Selection(serials=("W1-02:4:0", "W1-02:5:0")),
        command=command(),
    )
    merge_lots(
        into=Lot.objects.get(code="W1.1"), lots=[Lot.objects.get(code="W1.2")], command=command()
    )
    scrap_units(
        lot=again(lot), selection=Selection(serials=("W1-02:3:0",)), command=because("handling")
    )
    chips = good_units(built(chip_order("P2", good_units(Lot.objects.get(code="W1.1"))[:4])))
    parts = tuple(Part(chip.serial, f"SLOT{place}") for place, chip in enumerate(chips))
    built(AssemblyOrder("S1", "TRN3-SLED", "E", "SLED", "ODM1", (Build("SLED-1", parts),)))
    swap_part(
        parent=Unit.objects.get(serial="SLED-1"),
        position="SLOT1",
        new_serial="P1-P0",
        command=command(hours=1),
        returned_lot_code="RMA1",
    )


@pytest.fixture
def unguarded(line: None) -> None:
    """As one who owns the tables and switches their triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(NAMED)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def because(reason: str) -> Command:
    return command(reason=reason)


def fault_after(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(sql)
    found = unit_fault()
    return f"{found.seq}: {found.what}" if found else ""


@pytest.mark.usefixtures("line")
def test_what_the_services_wrote_agrees_with_the_ledger() -> None:
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "equal to lots, units and genealogy" in out.getvalue()


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (
            ("UPDATE lots_unit SET lot_id = pg_temp.lot('P1') WHERE serial = 'W1-03:2:0'"),
            "unit W1-03:2:0 says lot P1, its ledger says lot W1.1",
        ),
        (
            ("UPDATE lots_unit SET lot_id = pg_temp.lot('W1') WHERE serial = 'W1-02:4:0'"),
            "unit W1-02:4:0 says lot W1, its ledger says lot W1.1",
        ),
        (
            ("UPDATE lots_unit SET lot_id = pg_temp.lot('P2') WHERE serial = 'P2-P1'"),
            "unit P2-P1 says lot P2, its ledger says lot RMA1",
        ),
        (
            "UPDATE lots_unit SET lot_id = NULL WHERE serial = 'P1-P1'",
            "unit P1-P1 says lot none, its ledger says lot P1",
        ),
        (
            "UPDATE lots_unit SET state = 'good' WHERE serial = 'W1-02:3:0'",
            "unit W1-02:3:0 says good, its ledger says scrapped",
        ),
        (
            "UPDATE lots_unit SET state = 'scrapped' WHERE serial = 'P1-P1'",
            "unit P1-P1 says scrapped, its ledger says good",
        ),
        (
            "UPDATE lots_unit SET state = 'good' WHERE serial = 'W1-01:0:0'",
            "2: units it made are otherwise than its ledger says: sha256",
        ),
        (
            "UPDATE lots_unit SET x = 40 WHERE serial = 'W1-01:1:0'",
            "unit W1-01:1:0 says wafer W1-01, X 40, Y 0, its ledger says what its serial does",
        ),
        (
            ("UPDATE lots_unit SET product_id = pg_temp.product('TRN2') WHERE serial = 'P1-P1'"),
            "unit P1-P1 says it is package TRN2, its ledger says package TRN3",
        ),
        (
            "UPDATE lots_unit SET trust = 'declared' WHERE serial = 'P1-P1'",
            "unit P1-P1 says its origin is declared, its ledger says seen",
        ),
        (
            "UPDATE lots_unit SET serial = 'FAKE' WHERE serial = 'P1-P1'",
            "parts of what the assembly built stand otherwise than its ledger says",
        ),
        (
            (
                "UPDATE lots_unit SET created_by_id = pg_temp.event('merge') "
                "WHERE serial = 'W1-01:5:0'"
            ),
            "unit W1-01:5:0 says it was made by a merge, which makes none",
        ),
        (
            "UPDATE lots_wafer SET is_scrapped = TRUE WHERE code = 'W1-01'",
            "wafer W1-01 says it is scrapped, its ledger says it is not scrapped",
        ),
    ],
)
@pytest.mark.usefixtures("unguarded")
def test_an_edited_unit_is_named_with_what_the_ledger_says(edit: str, fault: str) -> None:
    assert fault in fault_after(edit)


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (
            (
                "UPDATE lots_genealogy SET child_id = pg_temp.unit('W1-01:5:0') "
                "WHERE child_id = pg_temp.unit('W1-01:1:0')"
            ),
            "3: parts of what the assembly built stand otherwise than its ledger says: sha256",
        ),
        (
            "UPDATE lots_genealogy SET position = 'D7' WHERE id = pg_temp.edge()",
            "3: parts of what the assembly built stand otherwise than its ledger says: sha256",
        ),
        (
            "DELETE FROM lots_genealogy WHERE id = pg_temp.edge()",
            "3: the assembly built 2 of 3 parts, its ledger says 2 of 4",
        ),
        (
            (
                "UPDATE lots_genealogy SET valid_from = valid_from + INTERVAL '1 day' "
                "WHERE id = pg_temp.edge()"
            ),
            "3: W1-01:1:0 in P1-P0 at D0 was built in by a assemble at",
        ),
        (
            (
                "UPDATE lots_genealogy SET valid_to = NULL, closed_by_id = NULL, position = 'OUT' "
                "WHERE closed_by_id IS NOT NULL"
            ),
            "P2-P1 did not leave SLED-1 at SLOT1 by the swap, its ledger says it did",
        ),
        (
            "UPDATE lots_genealogy SET valid_to = valid_from WHERE id = pg_temp.edge()",
            "3: W1-01:1:0 left P1-P0 at D0 at",
        ),
        (
            (
                "UPDATE lots_genealogy SET child_id = pg_temp.unit('P1-P1') "
                "WHERE opened_by_id = pg_temp.event('swap')"
            ),
            "P1-P0 is not in SLED-1 at SLOT1 since the swap, its ledger says it is",
        ),
        (
            (
                "INSERT INTO lots_genealogy "
                "(parent_id, child_id, position, valid_from, opened_by_id) "
                "SELECT pg_temp.unit('SLED-1'), pg_temp.unit('P1-P1'), 'D9', occurred_at, id "
                "FROM lots_event "
                "WHERE verb = 'swap'"
            ),
            "P1-P1 is in SLED-1 at D9 by the swap, its ledger says P1-P0 in SLED-1 at SLOT1",
        ),
    ],
)
@pytest.mark.usefixtures("unguarded")
def test_an_edited_edge_is_named_with_what_the_ledger_says(edit: str, fault: str) -> None:
    assert fault in fault_after(edit)


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (
            "DELETE FROM lots_lotlineage WHERE kind = 'merge'",
            "lot W1.1 came from lot W1.2 by merge: it is not among the links of lots",
        ),
        (
            "UPDATE lots_lotlineage SET kind = 'merge' WHERE kind = 'swap'",
            "lot RMA1 came from lot P2 by swap: it is not among the links of lots",
        ),
        (
            (
                "UPDATE lots_lotlineage SET parent_id = pg_temp.lot('S1') "
                "WHERE kind = 'assemble' AND child_id = pg_temp.lot('P1')"
            ),
            "lot P1 came from lot S1 by assemble: its ledger does not say so",
        ),
        (
            (
                "INSERT INTO lots_lotlineage (parent_id, child_id, kind, event_id) "
                "SELECT pg_temp.lot('P1'), pg_temp.lot('P2'), 'split', id "
                "FROM lots_event "
                "WHERE seq = 1"
            ),
            "1: lot P2 came from lot P1 by split: its ledger does not say so",
        ),
    ],
)
@pytest.mark.usefixtures("unguarded")
def test_an_edited_link_between_lots_is_named(edit: str, fault: str) -> None:
    assert fault in fault_after(edit)


@pytest.mark.usefixtures("unguarded")
def test_the_command_fails_on_an_edited_unit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE lots_unit SET state = 'missing' WHERE serial = 'P1-P1'")
    with pytest.raises(
        CommandError, match="event 3: unit P1-P1 says missing, its ledger says good"
    ):
        call_command("verify_ledger")


@pytest.mark.parametrize(("reason", "state"), [("missing", "missing"), ("handling", "reject")])
def test_a_lost_unit_is_as_its_reason_says_and_good_once_that_is_corrected(
    reason: str, state: str
) -> None:
    lot = chip_lot()
    chosen = Selection(serials=("M1-C0",))
    lost = record_loss(lot=lot, selection=chosen, command=because(reason))
    assert (Unit.objects.get(serial="M1-C0").state, unit_fault()) == (state, None)
    correct_event(event=lost, command=because("found"))
    assert (Unit.objects.get(serial="M1-C0").state, unit_fault()) == ("good", None)


def test_what_was_lost_at_a_step_is_replayed() -> None:
    lot = die_lot(wafers=1, dies=4)
    track_in(lot=lot, command=command())
    order = TrackOutOrder(losses=(
        Loss("handling", Selection(serials=("W1-01:0:0",))),
        Loss("missing", Selection(serials=("W1-01:1:0",)), LineKind.LOSS),
    ))  # fmt: skip
    track_out(lot=again(lot), order=order, command=command())
    assert unit_fault() is None
    assert "W1-01:1:0 says reject, its ledger says missing" in fault_after(
        "UPDATE lots_unit SET state = 'reject' WHERE serial = 'W1-01:1:0'"
    )


def test_units_binned_down_are_of_the_other_product() -> None:
    lot = chip_lot(product="TRN3")
    bin_down(
        lot=lot,
        child_code="M1.B",
        product_code="TRN2",
        selection=Selection(serials=("M1-C0", "M1-C1")),
        command=command(reason="speed"),
    )
    assert unit_fault() is None
    assert "M1-C0 says it is package TRN3, its ledger says package TRN2" in fault_after(
        "UPDATE lots_unit SET product_id = (SELECT id FROM lots_product WHERE code = 'TRN3')"
    )


def test_declared_origins_are_held_against_what_was_received() -> None:
    told = (Declaration("M1-C0", "L-9", "L-9-01"),)
    chip_lot(trust=Trust.DECLARED, declarations=told)
    assert unit_fault() is None
    assert "1: units it made are otherwise than its ledger says" in fault_after(
        "UPDATE lots_unit SET declared_lot = 'L-8' WHERE serial = 'M1-C0'"
    )


def test_an_assembly_is_not_short_of_parts_without_serials() -> None:
    die_lot()
    material_lot("HBM-1"), material_lot("HBM-2")
    reissue(assembled(("HBM-1", 8)), ("HBM-1", "HBM-2", 3))
    assert unit_fault() is None


def test_what_was_written_before_hashes_were_kept_is_counted() -> None:
    lot = chip_lot()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE lots_event DISABLE TRIGGER USER")
    event = Event.objects.get(lot=lot)
    event.payload.pop("units_sha256")
    event.save()
    assert unit_fault() is None
    assert "1: 3 units say they were made by it, its ledger says 4" in fault_after(
        "DELETE FROM lots_unit WHERE serial = 'M1-C3'"
    )


def test_rows_have_one_number_whatever_their_order() -> None:
    rows = [("W-ä", "D0", "x"), ("W", "D1", "y")]
    assert rows_sha256(rows) == rows_sha256(reversed(rows))
    assert rows_sha256(rows) != rows_sha256(rows[:1])
