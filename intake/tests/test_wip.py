from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from intake.domain.words import FileState, RowState
from intake.models import FeedRow, RawFile
from intake.services import drain, load_file
from intake.tests.handing import T0, again, hand_in, loaded, start_row, wip, wip_row
from intake.tests.stdf_builder import sort_file
from lots.models import Event, Hold, Lot, Unit
from lots.tests.making import chip_lot, counted_lot, hold

pytestmark = pytest.mark.django_db


def send(*rows: dict[str, str]) -> RawFile:
    return loaded(wip(*rows), "osat1.wip.csv")


def only_row(file: RawFile) -> FeedRow:
    return file.rows.get()


def test_a_lot_goes_through_every_verb(material: Path) -> None:
    file = send(
        wip_row(
            "receive", "W1", 0, product="TRN3-DIE", route="A", step="CP1", quantity="5",
            unit="wafer", wafers="1-5",
        ),
        wip_row("move", "W1", 1, step="CP2", quantity="5"),
        wip_row("split", "W1", 2, to_lot="W1.1", wafers="4-5"),
        wip_row("hold", "W1.1", 3, hold_class="quality", reason="scratches"),
        wip_row("release", "W1.1", 4, reason="use-as-is"),
        wip_row("scrap", "W1.1", 5, wafers="5", reason="handling"),
        wip_row("merge", "W1.1", 6, to_lot="W1"),
        wip_row("ship", "W1", 7, to="ODM1", quantity="4"),
        wip_row("arrive", "W1", 8, step="DICE", quantity="4"),
    )  # fmt: skip
    assert (file.state, file.message) == (FileState.LOADED, "9 rows: 9 applied.")
    lot = Lot.objects.get(code="W1")
    assert (lot.quantity, lot.step.code, lot.custodian.code) == (4, "DICE", "OSAT1")
    verbs = Event.objects.order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == [
        "receive", "move", "split", "hold", "release", "scrap", "merge", "ship", "receive",
    ]  # fmt: skip
    assert Hold.objects.get().disposition == "use-as-is"


def test_the_vendors_count_is_kept_beside_our_balance(material: Path) -> None:
    send(start_row(), wip_row("move", "W1", 1, step="CP2", quantity="1"))
    event = Event.objects.get(verb="move")
    assert (event.reported_quantity, event.lot.quantity) == (1, 2)
    assert event.source_reference == "osat1.wip.csv row 3"
    assert event.occurred_at == T0 + timedelta(hours=1)


def test_serials_may_name_what_is_scrapped(material: Path) -> None:
    lot = chip_lot("M1", chips=3)
    row = wip_row("scrap", "M1", serials="M1-C0 M1-C2", quantity="2", reason="test-reject")
    assert send(row).state == FileState.LOADED
    assert set(lot.units.filter(state="scrapped").values_list("serial", flat=True)) == {
        "M1-C0", "M1-C2",
    }  # fmt: skip


def test_dicing_waits_for_all_of_the_sort_and_takes_its_results(material: Path) -> None:
    file = send(start_row(step="DICE"), wip_row("dice", "W1", 1))
    assert file.state == FileState.WAITING
    assert "not sorted to the end yet" in file.rows.get(number=3).reason
    loaded(sort_file(lot="W1", flow="CP1", wafers=("1", "2"), dies=3, fails=1))
    assert again(file).state == FileState.WAITING
    loaded(sort_file(lot="W1", flow="CP2", wafers=("1", "2"), dies=3, fails=1))
    assert again(file).state == FileState.LOADED
    assert Unit.objects.filter(lot__code="W1", state="good").count() == 4
    assert Unit.objects.filter(lot__code="W1", state="reject").count() == 2


def test_dicing_what_is_no_die_is_refused(material: Path) -> None:
    chip_lot("M1")
    row = only_row(send(wip_row("dice", "M1")))
    assert row.state == RowState.QUARANTINED


def test_a_quantity_may_say_what_is_split_off(material: Path) -> None:
    counted_lot("N1", 10)
    assert send(wip_row("split", "N1", to_lot="N1.1", quantity="2")).state == FileState.LOADED
    assert Lot.objects.get(code="N1.1").quantity == 2


# --- order, repeats, waiting


def test_rows_are_applied_in_the_order_they_happened(material: Path) -> None:
    file = send(wip_row("move", "W1", 2, step="CP2"), start_row())
    assert file.state == FileState.LOADED


def test_a_row_for_a_lot_that_has_not_come_waits_for_it(material: Path) -> None:
    early = send(wip_row("move", "W1", 2, step="CP2"))
    assert (early.state, only_row(early).reason) == ("waiting", "There is no lot W1 yet.")
    send(start_row())
    assert again(early).state == FileState.LOADED


def test_a_lot_does_not_jump_ahead_of_its_moves_that_wait(material: Path) -> None:
    early = loaded(wip(wip_row("move", "W1", 1, step="CP2")), "early.wip.csv")
    hand_in(wip(start_row()), "start.wip.csv")
    late = hand_in(wip(wip_row("move", "W1", 2, step="DICE")), "late.wip.csv")
    drain()
    moves = Event.objects.filter(verb="move").order_by("seq")
    assert [event.step_to.code for event in moves if event.step_to] == ["CP2", "DICE"]
    assert {again(early).state, again(late).state} == {FileState.LOADED}


def test_nothing_is_tried_again_while_nothing_changes(material: Path) -> None:
    file = send(wip_row("move", "W1", 2, step="CP2"))
    before = only_row(file).progress
    drain()
    assert only_row(file).progress == before


def test_a_row_sent_again_is_repeated_and_changes_nothing(material: Path) -> None:
    start, move = start_row(), wip_row("move", "W1", 2, step="CP2")
    send(start, move)
    second = send(move, wip_row("hold", "W1", 3, reason="x"))
    assert second.state == FileState.LOADED
    assert second.message == "2 rows: 1 applied, 1 repeated."
    assert Event.objects.filter(verb="move").count() == 1


def test_a_row_repeated_within_a_file_is_applied_once(material: Path) -> None:
    start = start_row()
    assert send(start, start).message == "2 rows: 1 applied, 1 repeated."


def test_a_row_repeated_while_it_waits_is_applied_once(material: Path) -> None:
    move = wip_row("move", "W1", 2, step="CP2")
    first, second = send(move), send(move, wip_row("move", "W2", 2, step="CP2"))
    send(start_row())
    assert only_row(first).state == RowState.APPLIED
    assert second.rows.get(number=2).state == RowState.REPEATED


def test_the_same_event_with_other_content_goes_to_quarantine(material: Path) -> None:
    move = wip_row("move", "W1", 2, step="CP2")
    send(start_row(), move)
    file = send({**move, "step": "DICE"})
    row = only_row(file)
    assert (file.state, row.state) == (FileState.PARTIAL, RowState.QUARANTINED)
    assert "came before with other content" in row.reason


def test_rows_without_an_event_id_are_known_by_their_content(material: Path) -> None:
    start = {**start_row(), "event_id": ""}
    send(start)
    assert send(start, wip_row("hold", "W1", 1, reason="x")).rows.get(number=2).state == "repeated"


def test_two_lines_alike_without_an_event_id_are_two_operations(material: Path) -> None:
    send(start_row(wafers=""))
    scrap = {**wip_row("scrap", "W1", 1, quantity="1", reason="handling"), "event_id": ""}
    assert send(scrap, scrap).state == FileState.LOADED
    assert Lot.objects.get(code="W1").quantity == 0


def test_lines_alike_are_repeats_in_another_file(material: Path) -> None:
    send(start_row(wafers=""))
    scrap = {**wip_row("scrap", "W1", 1, quantity="1", reason="handling"), "event_id": ""}
    send(scrap)
    other = wip_row("hold", "W1", 1, reason="x")
    file = send(scrap, other)
    assert file.rows.get(number=2).state == "repeated"
    send(scrap, scrap), send(scrap, scrap, other)
    states = FeedRow.objects.filter(content__verb="scrap").order_by("id")
    assert list(states.values_list("state", flat=True)) == [
        "applied", "repeated", "repeated", "applied", "repeated", "repeated",
    ]  # fmt: skip
    assert Lot.objects.get(code="W1").quantity == 0


def test_lines_alike_under_one_event_id_are_one_operation(material: Path) -> None:
    send(start_row(wafers=""))
    scrap = wip_row("scrap", "W1", 1, quantity="1", reason="handling")
    for long_id in (scrap["event_id"], "E" * 130):
        send({**scrap, "event_id": long_id}, {**scrap, "event_id": long_id})
    assert Event.objects.filter(verb="scrap").count() == 2


def test_a_row_that_waited_too_long_goes_to_quarantine(material: Path) -> None:
    file = send(wip_row("move", "W1", 2, step="CP2"))
    past = again(file).received_at - timedelta(days=15)
    RawFile.objects.update(received_at=past)
    file.rows.update(retry_at=past)
    drain()
    assert again(file).state == FileState.PARTIAL
    assert only_row(file).reason.startswith("Waited for 14 days in vain.")


def test_a_held_lot_stops_its_rows_until_it_is_released(material: Path) -> None:
    held = send(
        start_row(),
        wip_row("hold", "W1", 1, reason="x"),
        wip_row("move", "W1", 2, step="CP2"),
    )
    assert held.state == FileState.WAITING
    send(wip_row("release", "W1", 3))
    assert again(held).state == FileState.LOADED
    assert Hold.objects.get().disposition == "released by the partner"


def test_an_arrival_before_its_shipment_waits(material: Path) -> None:
    send(start_row())
    file = send(wip_row("arrive", "W1", 5, step="CP2", quantity="2"))
    assert file.state == FileState.WAITING
    send(wip_row("ship", "W1", 4, to="ODM1"))
    assert again(file).state == FileState.LOADED


def test_no_row_is_applied_before_an_earlier_report_is_read(
    material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(start_row("W9"))
    first = hand_in(wip(start_row()), "a.wip.csv")
    second = hand_in(wip(wip_row("hold", "W9", 2, reason="x")), "b.wip.csv")
    monkeypatch.setattr(
        "intake.services.draining.load_file",
        lambda *, file_id: file_id == second.pk and load_file(file_id=file_id),
    )
    drain()
    assert only_row(second).state == RowState.WAITING
    monkeypatch.undo()
    drain()
    assert (again(first).state, again(second).state) == (FileState.LOADED, FileState.LOADED)


# --- what cannot be applied


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (wip_row("explode", "W1", 1), "'explode' is no verb"),
        (wip_row("move", "W1", 1, step="NOWHERE"), "not on A v1"),
        (wip_row("move", "W1", 1, step="CP2", quantity="many"), "whole number"),
        (wip_row("move", "W1", 1, step="FAB"), "Give a reason"),
        (wip_row("receive", "W1", 1, unit="box"), "'box' is no unit"),
        (wip_row("hold", "W1", 1, hold_class="angry", reason="x"), "no hold class"),
        (wip_row("hold", "W1", 1), "needs a reason"),
        (wip_row("ship", "W1", 1, to="NOBODY"), "no supplier NOBODY"),
        (wip_row("scrap", "W1", 1, wafers="9", reason="handling"), "9"),
        ({**wip_row("move", "W1"), "occurred_at": "2026-03-01 08:00"}, "occurred_at is"),
        ({**wip_row("move", "W1"), "supplier": ""}, "gives no supplier"),
        (wip_row("move", "W1", 1, step='"CP2'), "quotation"),
    ],
)
def test_a_bad_row_goes_to_quarantine_alone(
    material: Path, row: dict[str, str], reason: str
) -> None:
    file = send(start_row(), row, wip_row("hold", "W1", 9, reason="y"))
    assert file.state == FileState.PARTIAL
    bad = file.rows.get(state=RowState.QUARANTINED)
    assert reason in bad.reason
    assert file.rows.filter(state=RowState.APPLIED).count() == 2


def test_a_partner_cannot_release_our_hold(material: Path) -> None:
    send(start_row())
    hold(Lot.objects.get(code="W1"))
    row = only_row(send(wip_row("release", "W1", 3)))
    assert row.reason == "Lot W1 has no open hold of OSAT1 to release."


def test_a_release_that_may_mean_two_holds_is_for_a_person(material: Path) -> None:
    holds = [wip_row("hold", "W1", 1, reason=reason) for reason in ("x", "y")]
    file = send(start_row(), *holds, wip_row("release", "W1", 3))
    assert "2 open holds" in file.rows.get(state=RowState.QUARANTINED).reason


def test_a_release_may_say_the_class_of_its_hold(material: Path) -> None:
    file = send(
        start_row(),
        wip_row("hold", "W1", 1, reason="x", hold_class="quality"),
        wip_row("hold", "W1", 2, reason="y", hold_class="engineering"),
        wip_row("release", "W1", 3, hold_class="quality"),
    )
    assert file.state == FileState.LOADED
    assert Hold.objects.get(released_at__isnull=False).reason == "x"


def test_a_fault_of_ours_sends_only_its_row_to_quarantine(
    material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("intake.feeds.wip_verbs.hold_lot", fail)
    file = send(start_row(), wip_row("hold", "W1", 1, reason="x"))
    assert "RuntimeError" in file.rows.get(state=RowState.QUARANTINED).reason


def test_a_report_without_its_columns_is_rejected(material: Path) -> None:
    file = loaded(b"lot,step\nA,CP1\n", "x.wip.csv")
    assert file.state == FileState.REJECTED
    assert "event_id" in file.message


def test_a_report_without_rows_is_loaded(material: Path) -> None:
    assert send().message == "0 rows: none."


def test_a_report_of_unreadable_rows_only_is_partial(material: Path) -> None:
    assert loaded(wip() + b"\xff\n", "x.wip.csv").message == "1 rows: 1 quarantined."
