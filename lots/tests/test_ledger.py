from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from lots.domain.commands import Selection
from lots.models import Event, EventLine, LedgerHead, Lot
from lots.selectors import balance_lines, events_after, events_of_lot, head_seq
from lots.services import move_lot, split_lot
from lots.tests.making import (
    again,
    built,
    chip_order,
    command,
    counted_lot,
    die_lot,
    good_units,
    hold,
    step,
    wafer_lot,
)
from supplychain.base.errors import ConflictError, StaleError

pytestmark = pytest.mark.usefixtures("catalogue")


def execute(sql: str) -> None:
    """At once, with every deferred check, and undone again when refused."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


@pytest.fixture
def unguarded(catalogue: None) -> None:
    """As one who owns the tables and switches their triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ["lots_event", "lots_eventline", "lots_lot", "lots_hold"]:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE lots_event SET comment = 'nothing happened'",
        "DELETE FROM lots_event",
        "TRUNCATE lots_event CASCADE",
        "UPDATE lots_eventline SET quantity = 1",
        "DELETE FROM lots_eventline",
        "TRUNCATE lots_eventline",
    ],
)
def test_database_refuses_to_change_history(sql: str) -> None:
    counted_lot()
    execute("SELECT 1")
    with pytest.raises(IntegrityError, match="append-only"):
        execute(sql)


def write(event: Event, *quantities: tuple[str, int], left: int) -> None:
    """Lines past every service, checked at once as a commit would."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for kind, quantity in quantities:
            event.lines.create(
                lot=event.lot, unit_of_measure="switch", kind=kind, quantity=quantity
            )
        Lot.objects.filter(pk=event.lot_id).update(quantity=left)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def raw_event(lot: Lot) -> Event:
    last = Event.objects.get(seq=head_seq())
    return Event.objects.create(
        seq=last.seq + 1,
        op_key="raw",
        body_sha256=last.body_sha256,
        verb="move",
        lot=lot,
        source="system",
        occurred_at=last.occurred_at,
        previous_sha256=last.sha256,
        sha256="1" * 64,
    )


def test_database_refuses_an_unbalanced_line() -> None:
    event = raw_event(counted_lot(quantity=10))
    with pytest.raises(IntegrityError, match="out of balance by -3 switch"):
        write(event, ("in", 10), ("good", 10), ("scrap", 3), left=10)


def test_database_refuses_quantity_out_of_nowhere() -> None:
    event = raw_event(counted_lot(quantity=10))
    with pytest.raises(IntegrityError, match="had 10 switch, but 11 came"):
        write(event, ("in", 11), ("good", 11), left=11)


def test_database_refuses_a_loss_between_lots() -> None:
    event = raw_event(counted_lot(quantity=10))
    with pytest.raises(IntegrityError, match="switch were lost between lots"):
        write(event, ("in", 10), ("split-out", 4), ("good", 6), left=6)


def test_database_refuses_a_lot_that_disagrees_with_its_ledger() -> None:
    counted_lot(quantity=10)
    with pytest.raises(IntegrityError, match="says 12 switch, its ledger says 10"):
        execute("UPDATE lots_lot SET quantity = 12")


def test_database_refuses_a_gap_in_the_sequence() -> None:
    counted_lot()
    with pytest.raises(IntegrityError, match="event 7 does not follow"):
        execute(
            "INSERT INTO lots_event (id, seq, op_key, body_sha256, verb, lot_id, source, "
            "source_reference, request_id, reason, comment, payload, previous_sha256, sha256, "
            "occurred_at) SELECT gen_random_uuid(), 7, 'gap', '', 'move', lot_id, 'system', '', "
            "'', '', '', '{}', sha256, '', occurred_at FROM lots_event"
        )


def test_repeated_key_gets_the_first_answer() -> None:
    lot = wafer_lot()
    first = move_lot(lot=lot, to_step=step("A", "FAB"), command=command("k1"))
    repeat = move_lot(lot=lot, to_step=step("A", "FAB"), command=command("k1", request_id="again"))
    assert (repeat.pk, again(lot).version) == (first.pk, 2)


def test_repeat_is_answered_although_the_lot_went_on() -> None:
    lot = wafer_lot()
    order = command("k1", expected_version=1)
    first = move_lot(lot=lot, to_step=step("A", "FAB"), command=order)
    move_lot(lot=lot, to_step=step("A", "WAT"), command=command())
    assert move_lot(lot=lot, to_step=step("A", "FAB"), command=order).pk == first.pk


@pytest.mark.parametrize(("code", "hours"), [("WAT", 0), ("FAB", 1)])
def test_repeated_key_with_other_content_is_a_conflict(code: str, hours: int) -> None:
    lot = wafer_lot()
    move_lot(lot=lot, to_step=step("A", "FAB"), command=command("k1"))
    with pytest.raises(ConflictError, match="k1 was used before"):
        move_lot(lot=lot, to_step=step("A", code), command=command("k1", hours=hours))


def test_old_version_is_refused() -> None:
    lot = wafer_lot()
    with pytest.raises(StaleError, match="at version 1, you saw 0"):
        move_lot(lot=lot, to_step=step("A", "FAB"), command=command(expected_version=0))


def test_refused_operation_leaves_nothing_behind() -> None:
    lot = wafer_lot()
    with pytest.raises(StaleError):
        move_lot(lot=lot, to_step=step("A", "FAB"), command=command("k", expected_version=9))
    assert (head_seq(), Event.objects.count(), again(lot).version) == (1, 1, 1)


def test_correction_names_what_it_corrects() -> None:
    lot = wafer_lot()
    wrong = move_lot(lot=lot, to_step=step("A", "WAT"), command=command())
    right = move_lot(
        lot=lot,
        to_step=step("A", "FAB"),
        command=command(reason="booked by mistake", corrects_id=wrong.pk),
    )
    assert list(wrong.corrections.all()) == [right]


def test_readers_follow_the_ledger_by_seq() -> None:
    for code in ["N1", "N2", "N3"]:
        counted_lot(code)
    assert [event.seq for event in events_after(1, 10)] == [2, 3]
    assert [event.seq for event in events_after(0, 2)] == [1, 2]


def test_lots_history_holds_what_others_did_to_it() -> None:
    lot = die_lot()
    built(chip_order("P1", good_units(lot)[:4]))
    assert [event.verb for event in events_of_lot(lot)] == ["assemble", "dice", "receive"]
    assert [line.quantity for line in balance_lines(lot).filter(unit_of_measure="die")] == [
        0, 8, 8, 8, 4, 4,
    ]  # fmt: skip


def break_it(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


def busy_ledger() -> Lot:
    lot = die_lot()
    built(chip_order("P1", good_units(lot)[:4]))
    hold(counted_lot())
    split_lot(
        lot=counted_lot("N2"),
        child_code="N2.1",
        selection=Selection(quantity=4),
        command=command(),
    )
    return lot


def test_sound_ledger_is_verified() -> None:
    busy_ledger()
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "7 events: gapless" in out.getvalue()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("UPDATE lots_event SET comment = 'x' WHERE seq = 4", "event 4: the event was changed"),
        (
            "UPDATE lots_eventline SET quantity = 5 WHERE kind = 'consumed'",
            "event 2: the event was",
        ),
        ("UPDATE lots_event SET previous_sha256 = '' WHERE seq = 3", "event 3: the event does not"),
        ("UPDATE lots_ledgerhead SET seq = 9", "event 7: the ledger's head says 9"),
        ("UPDATE lots_lot SET quantity = 11 WHERE code = 'N1'", "event 5: lot .* says 11 switch"),
        ("UPDATE lots_lot SET version = 9 WHERE code = 'W1'", "event 3: lot .* at version 9"),
        (
            "UPDATE lots_lot SET state = 'shipped' WHERE code = 'N2'",
            "event 7: lot N2 says shipped at RCV of D v1 .*, its ledger says active at RCV",
        ),
        (
            "UPDATE lots_lot SET step_id = (SELECT max(id) FROM lots_step) WHERE code = 'N2.1'",
            r"lot N2\.1 says active at .*, its ledger says active at RCV",
        ),
        (
            "UPDATE lots_hold SET released_at = now(), released_by_id = placed_by_id",
            "event 5: lot N1 says active .*ODM1, its ledger says .* on hold",
        ),
    ],
)
@pytest.mark.usefixtures("unguarded")
def test_first_fault_is_named(damage: str, message: str) -> None:
    busy_ledger()
    break_it(damage)
    with pytest.raises(CommandError, match=message):
        call_command("verify_ledger")


@pytest.mark.usefixtures("unguarded")
def test_missing_event_is_named() -> None:
    counted_lot("N1"), counted_lot("N2"), counted_lot("N3")
    EventLine.objects.filter(event__seq=2).delete()
    Event.objects.filter(seq=2).delete()
    with pytest.raises(CommandError, match="event 2: the event is missing; 3 comes next"):
        call_command("verify_ledger")


def test_head_is_made_where_there_is_none() -> None:
    LedgerHead.objects.all().delete()
    assert Event.objects.get(lot=counted_lot()).seq == 1
