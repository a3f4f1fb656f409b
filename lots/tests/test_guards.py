"""What the database refuses, whoever writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from lots.domain.commands import HoldOrder, Selection
from lots.domain.words import HoldClass, HoldScope
from lots.models import Event, Genealogy, Hold, Lot, Unit
from lots.selectors import head_seq
from lots.services import correct_event, hold_lot, move_lot, release_hold, split_lot
from lots.tests.making import (
    T0,
    built,
    chip_lot,
    chip_order,
    command,
    counted_lot,
    die_lot,
    good_units,
    hold,
    step,
)

pytestmark = pytest.mark.usefixtures("catalogue")

STOPPED = [
    "split", "merge", "dice", "assemble", "ship", "track-in", "track-out", "rework-out",
    "rework-in", "bin", "reroute",
]  # fmt: skip
ALLOWED = ["hold", "release", "scrap", "loss", "bonus", "bank", "unbank", "amend", "correct"]


def raw_event(lot: Lot, verb: str, **rest: object) -> Event:
    last = Event.objects.get(seq=head_seq())
    with transaction.atomic():
        return Event.objects.create(
            seq=last.seq + 1,
            op_key="raw",
            body_sha256=last.body_sha256,
            verb=verb,
            lot=lot,
            source="system",
            occurred_at=last.occurred_at,
            previous_sha256=last.sha256,
            sha256="1" * 64,
            **rest,
        )


def held_unit(lot: Lot) -> Unit:
    unit = good_units(lot)[0]
    order = HoldOrder(HoldClass.QUALITY, "look", scope=HoldScope.UNIT, serials=(unit.serial,))
    hold_lot(lot=lot, order=order, command=command())
    return unit


@pytest.mark.parametrize("verb", STOPPED)
def test_no_verb_adds_value_to_a_held_lot(verb: str) -> None:
    lot = counted_lot()
    hold(lot)
    with pytest.raises(IntegrityError, match=f"is on hold .bin spike.; {verb} must wait"):
        raw_event(lot, verb)


@pytest.mark.parametrize("verb", ALLOWED)
def test_held_lot_takes_what_adds_none(verb: str) -> None:
    lot = counted_lot()
    hold(lot)
    assert raw_event(lot, verb).verb == verb


@pytest.mark.parametrize(
    ("start", "end", "is_refused"), [("RCV", "SFT", True), ("TRAY", "RCV", False)]
)
def test_held_lot_moves_back_only(start: str, end: str, is_refused: bool) -> None:
    lot = counted_lot(step_code=start)
    hold(lot)
    steps = {"step_from": step("D", start), "step_to": step("D", end)}
    if not is_refused:
        assert raw_event(lot, "move", **steps).verb == "move"
        return
    with pytest.raises(IntegrityError, match="move must wait"):
        raw_event(lot, "move", **steps)


@pytest.mark.parametrize(("end", "is_refused"), [("TRAY", True), ("SFT", False), ("RCV", False)])
def test_shipped_lot_on_hold_arrives_at_no_later_step(end: str, is_refused: bool) -> None:
    lot = counted_lot(step_code="SFT")
    hold(lot)
    steps = {"step_from": step("D", "SFT"), "step_to": step("D", end)}
    if not is_refused:
        assert raw_event(lot, "receive", **steps).verb == "receive"
        return
    with pytest.raises(IntegrityError, match="receive must wait"):
        raw_event(lot, "receive", **steps)


def test_held_lot_takes_more_wafers() -> None:
    lot = counted_lot()
    hold(lot)
    assert raw_event(lot, "receive", step_to=step("D", "SFT")).verb == "receive"


def test_hold_on_part_of_a_lot_stops_what_takes_it_whole() -> None:
    lot = chip_lot()
    held_unit(lot)
    with pytest.raises(IntegrityError, match="ship must wait"):
        raw_event(lot, "ship")
    assert raw_event(lot, "split").verb == "split"


@pytest.mark.parametrize(("verb", "kind"), [("assemble", "consumed"), ("merge", "split-out")])
def test_held_lot_gives_nothing_to_another(verb: str, kind: str) -> None:
    lot, other = counted_lot("N1"), counted_lot("N2")
    hold(other)
    event = raw_event(lot, verb)
    with pytest.raises(IntegrityError, match=f"{verb} must wait"), transaction.atomic():
        event.lines.create(lot=other, unit_of_measure="switch", kind=kind, quantity=1)


def open_edge(child: Unit, parent: Unit, position: str = "X") -> Genealogy:
    event = Event.objects.earliest("seq")
    with transaction.atomic():
        return Genealogy.objects.create(
            parent=parent, child=child, position=position, valid_from=T0, opened_by=event
        )


def hold_the_unit(lot: Lot) -> None:
    held_unit(lot)


def hold_the_wafer(lot: Lot) -> None:
    order = HoldOrder(HoldClass.QUALITY, "look", scope=HoldScope.WAFER, wafers=(1,))
    hold_lot(lot=lot, order=order, command=command())


def hold_the_lot(lot: Lot) -> None:
    hold(lot)


@pytest.mark.parametrize("stop", [hold_the_unit, hold_the_wafer, hold_the_lot])
def test_held_unit_is_built_into_nothing(stop: Callable[[Lot], None]) -> None:
    lot = die_lot(wafers=1, dies=4)
    parent = good_units(built(chip_order("P1", good_units(lot)[2:])))[0]
    stop(lot)
    with pytest.raises(IntegrityError, match=r"W1-01:0:0 is on hold .* cannot be built"):
        open_edge(Unit.objects.get(serial="W1-01:0:0"), parent)


def test_unit_that_is_not_held_is_built_in() -> None:
    lot = die_lot(wafers=1, dies=4)
    parent = good_units(built(chip_order("P1", good_units(lot)[2:])))[0]
    held_unit(lot)
    assert open_edge(Unit.objects.get(serial="W1-01:1:0"), parent).pk


@pytest.mark.parametrize(("child", "parent"), [("P1-P0", "W1-01:5:0"), ("P1-P0", "P1-P1")])
def test_nothing_is_part_of_what_is_not_larger(child: str, parent: str) -> None:
    built(chip_order("P1", good_units(die_lot(wafers=1, dies=6))[:4]))
    ends = {unit.serial: unit for unit in Unit.objects.all()}
    with pytest.raises(IntegrityError, match="cannot be part of"):
        open_edge(ends[child], ends[parent])


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM lots_genealogy",
        "TRUNCATE lots_genealogy",
        "UPDATE lots_genealogy SET position = 'elsewhere'",
        "UPDATE lots_genealogy SET valid_to = now(), position = 'elsewhere'",
        "UPDATE lots_genealogy SET valid_to = now()",
        "UPDATE lots_genealogy SET valid_to = valid_from, closed_by_id = opened_by_id",
        "UPDATE lots_lotlineage SET kind = 'merge'",
        "DELETE FROM lots_lotlineage",
        "TRUNCATE lots_lotlineage",
        (
            "INSERT INTO lots_lotlineage (parent_id, child_id, kind, event_id) "
            "SELECT child_id, parent_id, kind, event_id FROM lots_lotlineage"
        ),
        "DELETE FROM lots_holditem",
        "UPDATE lots_holditem SET unit_id = NULL",
        "TRUNCATE lots_holditem",
        "DELETE FROM lots_hold",
        "TRUNCATE lots_hold CASCADE",
        "UPDATE lots_hold SET reason = 'nothing'",
        "UPDATE lots_hold SET releasing_role_id = NULL, scope = 'lot'",
    ],
)
def test_edges_and_holds_are_history_too(sql: str) -> None:
    lot = die_lot(wafers=1, dies=4)
    built(chip_order("P1", good_units(lot)[2:]))
    held_unit(lot)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_released_hold_is_not_changed() -> None:
    placed = hold(counted_lot())
    release_hold(hold=placed, disposition="use as is", command=command())
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Hold.objects.update(disposition="scrap")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Hold.objects.update(released_at=None, released_by=None)


def test_event_is_corrected_once_whoever_writes() -> None:
    lot = counted_lot()
    event = move_lot(lot=lot, to_step=step("D", "SFT"), command=command())
    correct_event(event=event, command=command(reason="mistake"))
    with pytest.raises(IntegrityError, match="lots_event_corrected_once"):
        raw_event(lot, "correct", corrects=event)


def refused_at_once(match: str, sql: str, *values: int | str) -> None:
    """With every check that waits for the commit."""
    with (
        pytest.raises(IntegrityError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql, values)


RELEASED = (
    "UPDATE lots_hold SET released_at = occurred_at, released_by_id = lots_event.id FROM lots_event"
)


def test_hold_is_released_by_no_other_event() -> None:
    lot = counted_lot("N1")
    first, other = hold(lot), hold(lot, "second")
    release_hold(hold=other, disposition="use as is", command=command())
    for verb in ("receive", "hold", "release"):
        where = f" WHERE lots_hold.id = %s AND verb = '{verb}'"
        refused_at_once(f"no event releases hold {first.pk}", RELEASED + where, first.pk)


def test_hold_is_placed_by_its_own_event() -> None:
    hold(counted_lot("N1"))
    sql = """
        INSERT INTO lots_hold
            (lot_id, hold_class, scope, disposition, placed_at, placed_by_id, reason)
        SELECT lot_id, hold_class, scope, disposition, placed_at, placed_by_id, 'another'
        FROM lots_hold
    """
    refused_at_once("no event places hold", sql)


def test_hold_on_a_part_goes_to_another_lot_by_a_split_alone() -> None:
    lot, other = chip_lot(), counted_lot("N1")
    unit = held_unit(lot)
    move = "UPDATE lots_hold SET lot_id = %s"
    refused_at_once("no split takes hold", move, other.pk)
    one = Selection(serials=(unit.serial,))
    split_lot(lot=lot, child_code="M1.1", selection=one, command=command())
    assert Hold.objects.get().lot.code == "M1.1"
    refused_at_once("no split takes hold", move, lot.pk)


@pytest.mark.parametrize("kind", ["bonus", "scrap"])
def test_event_takes_no_lines_once_it_is_told(kind: str) -> None:
    lot = counted_lot()
    event = Event.objects.get(lot=lot)
    with pytest.raises(IntegrityError, match="is told already"), transaction.atomic():
        event.lines.create(lot=lot, unit_of_measure="switch", kind=kind, quantity=0)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE lots_ledgerhead SET seq = seq - 1",
        "UPDATE lots_ledgerhead SET sha256 = 'x'",
        "UPDATE lots_ledgerhead SET name = 'x', seq = seq + 1",
        "DELETE FROM lots_ledgerhead",
    ],
)
def test_head_of_the_ledger_only_goes_on(sql: str) -> None:
    counted_lot()
    refused_at_once("only goes on", sql)


def test_what_a_unit_is_stays() -> None:
    lot = die_lot(wafers=1, dies=4)
    built(chip_order("P1", good_units(lot)[2:]))
    for serial in ("W1-01:3:0", "P1-P0", "W1-01:0:0"):
        sql = "UPDATE lots_unit SET kind = 'component', wafer_id = NULL, x = NULL, y = NULL"
        refused_at_once("does not become a component", f"{sql} WHERE serial = %s", serial)
