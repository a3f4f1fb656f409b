"""A split and a move of one lot that are reported the wrong way round."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.domain.words import FileState
from intake.models import RawFile
from intake.tests.handing import again, loaded, start_row, wip, wip_row
from lots.models import Event, Lot
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
