"""A split and a move of one lot that are reported the wrong way round."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from intake.domain.words import FileState
from intake.models import RawFile
from intake.tests.handing import T0, again, loaded, start_row, wip, wip_row
from lots.models import Event, Lot
from lots.selectors import gates, head_seq
from lots.selectors.as_of import lot_as_of
from lots.selectors.verifying import first_fault
from lots.services import correct_event
from lots.tests.making import command


def send(*rows: dict[str, str]) -> RawFile:
    return loaded(wip(*rows), f"{rows[0]['event_id']}.wip.csv")


def steps() -> dict[str, str]:
    return dict(Lot.objects.order_by("code").values_list("code", "step__code"))


def split(lot: str = "W1", hours: float = 3, wafers: str = "4-6") -> dict[str, str]:
    return wip_row("split", lot, hours, to_lot=f"{lot}.1", wafers=wafers)


@pytest.fixture
def lot(material: Path) -> None:
    send({**start_row(wafers="1-6"), "quantity": "6"})


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lot")]


def test_a_part_goes_along_with_a_move_from_before_its_split() -> None:
    send(split())
    send(wip_row("move", "W1", 2, step="CP2"))
    assert steps() == {"W1": "CP2", "W1.1": "CP2"}
    taken = Event.objects.get(lot__code="W1.1", verb="move")
    assert taken.reason == "late-move"
    assert taken.occurred_at == Event.objects.get(lot__code="W1", verb="move").occurred_at


def test_a_part_of_a_part_goes_along_too() -> None:
    send(split())
    send(split("W1.1", 4, "6"))
    send(wip_row("move", "W1", 2, step="CP2"))
    assert steps() == {"W1": "CP2", "W1.1": "CP2", "W1.1.1": "CP2"}


def test_a_part_stays_where_a_later_move_of_its_own_brought_it() -> None:
    send(split())
    send(wip_row("move", "W1.1", 5, step="DICE"))
    send(wip_row("move", "W1", 2, step="CP2"))
    assert steps() == {"W1": "CP2", "W1.1": "DICE"}


def test_a_part_split_off_before_the_move_stays() -> None:
    send(split(hours=1))
    send(wip_row("move", "W1", 2, step="CP2"))
    assert steps() == {"W1": "CP2", "W1.1": "CP1"}


def test_a_part_that_was_merged_back_is_no_place() -> None:
    send(split())
    send(wip_row("merge", "W1.1", 4, to_lot="W1"))
    send(wip_row("move", "W1", 2, step="CP2"))
    assert steps() == {"W1": "CP2", "W1.1": "CP1"}
    assert Lot.objects.get(code="W1.1").quantity == 0


def test_a_move_waits_while_a_part_that_goes_along_is_on_hold() -> None:
    send(split())
    send(wip_row("hold", "W1.1", 4, reason="scratches"))
    late = send(wip_row("move", "W1", 2, step="CP2"))
    assert (late.state, steps()) == (FileState.WAITING, {"W1": "CP1", "W1.1": "CP1"})
    send(wip_row("release", "W1.1", 5))
    assert again(late).state == FileState.LOADED
    assert steps() == {"W1": "CP2", "W1.1": "CP2"}


def test_a_move_that_was_corrected_overtakes_nothing() -> None:
    send(wip_row("move", "W1", 5, step="DICE"))
    wrong = Event.objects.get(lot__code="W1", verb="move")
    correct_event(event=wrong, command=command(hours=24 * 400, reason="another lot was meant"))
    send(wip_row("move", "W1", 3, step="CP2"))
    assert steps() == {"W1": "CP2"}


def at_hour(hours: float, lot: str = "W1") -> str:
    return lot_as_of(lot, happened_by=T0 + timedelta(hours=hours)).step


def overtaken() -> RawFile:
    send(wip_row("move", "W1", 10, step="DICE"))
    return send(wip_row("move", "W1", 5, step="CP2"))


def test_a_late_move_is_kept_at_its_time_and_moves_nothing_today() -> None:
    file = overtaken()
    row = file.rows.get()
    assert (row.state, file.message) == ("applied", "1 rows: 1 applied.")
    assert row.reason == (
        "It came late: lot W1 went on by move at 2026-03-01 18:00 UTC, after this happened. "
        "It is kept at its time; the lot stays where it is."
    )
    assert [at_hour(hour) for hour in (4, 7, 10)] == ["CP1", "CP2", "DICE"]
    lot = Lot.objects.get()
    assert (lot.step.code, lot.step_entered_at) == ("DICE", T0 + timedelta(hours=10))
    assert lot_as_of("W1", seq=head_seq()).step == "DICE"
    assert {code for _, code in gates._steps_been_at(lot)} == {"CP1", "CP2", "DICE"}
    event = Event.objects.get(verb="late-move")
    assert (event.payload["overtaken"], event.lines.count()) == (True, 0)
    assert first_fault() is None


def test_a_late_move_is_kept_of_a_lot_that_is_held_or_gone() -> None:
    send(wip_row("move", "W1", 10, step="DICE"), wip_row("ship", "W1", 11, to="ODM1"))
    send(wip_row("hold", "W1", 12, reason="scratches"))
    file = send(wip_row("move", "W1", 5, step="CP2"))
    assert (file.state, at_hour(7), Lot.objects.get().state) == ("loaded", "CP2", "shipped")


def test_a_late_move_to_where_the_lot_was_known_to_be_is_passed_over() -> None:
    send(wip_row("move", "W1", 10, step="DICE"))
    file = send(wip_row("move", "W1", 5, step="CP1"))
    assert (file.rows.get().state, Event.objects.count()) == ("dropped", 2)


def test_later_late_moves_fall_into_their_order() -> None:
    overtaken()
    send(wip_row("move", "W1", 7, step="BUMP", reason="again"))
    assert [at_hour(hour) for hour in (6, 8, 11)] == ["CP2", "BUMP", "DICE"]


def test_a_part_goes_along_with_a_late_move_from_before_its_split() -> None:
    send(split())
    send(wip_row("move", "W1", 10, step="DICE"))
    send(wip_row("move", "W1", 2, step="CP2"))
    assert steps() == {"W1": "DICE", "W1.1": "CP2"}
    assert [at_hour(hour) for hour in (1, 3)] == ["CP1", "CP2"]


def test_a_part_of_a_late_split_goes_along_with_a_move_that_comes_later_still() -> None:
    send(wip_row("move", "W1", 10, step="DICE"))
    send(split())
    assert steps() == {"W1": "DICE", "W1.1": "CP1"}
    send(wip_row("move", "W1", 2, step="CP2"))
    assert steps() == {"W1": "DICE", "W1.1": "CP2"}
    assert at_hour(4, "W1.1") == "CP2"


def test_a_part_of_a_late_split_is_put_where_the_lot_stood_before_several_moves() -> None:
    send(wip_row("move", "W1", 10, step="CP2"), wip_row("move", "W1", 12, step="DICE"))
    send(split())
    assert steps() == {"W1": "DICE", "W1.1": "CP1"}
    send(wip_row("move", "W1.1", 5, step="CP2"))
    assert steps() == {"W1": "DICE", "W1.1": "CP2"}


def test_a_part_of_a_late_split_that_went_on_is_told_to_have_been_there() -> None:
    send(wip_row("move", "W1", 10, step="DICE"))
    send(split())
    send(wip_row("move", "W1.1", 5, step="DICE"))
    send(wip_row("move", "W1", 2, step="CP2"))
    send(wip_row("move", "W1", 1, step="BUMP", reason="again"))
    assert steps() == {"W1": "DICE", "W1.1": "DICE"}
    assert [at_hour(hour, "W1.1") for hour in (4, 6)] == ["CP2", "DICE"]


def test_a_part_that_went_on_or_back_is_told_to_have_been_there() -> None:
    send(split())
    send(wip_row("move", "W1.1", 5, step="DICE"))
    send(split(hours=4, wafers="2") | {"to_lot": "W1.2", "event_id": "again"})
    send(wip_row("merge", "W1.2", 6, to_lot="W1"))
    send(wip_row("move", "W1", 2, step="CP2"))
    assert steps() == {"W1": "CP2", "W1.1": "DICE", "W1.2": "CP1"}
    assert [at_hour(4.5, lot) for lot in ("W1", "W1.1", "W1.2")] == ["CP2"] * 3
    assert first_fault() is None


def test_a_late_move_is_corrected_and_stands_in_no_corrections_way() -> None:
    overtaken()
    late, move = Event.objects.get(verb="late-move"), Event.objects.get(verb="move")
    correct_event(event=move, command=command(reason="wrong lot"))
    assert Lot.objects.get().step.code == "CP1"
    correct_event(event=late, command=command(reason="wrong lot"))
    assert (at_hour(7), Lot.objects.get().step.code) == ("CP1", "CP1")
    assert first_fault() is None
