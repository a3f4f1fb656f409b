"""A report of where lots stand, sent again day by day."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.domain.words import FileState
from intake.models import RawFile
from intake.tests.handing import loaded, start_row, wip, wip_row
from lots.models import Event, Lot
from lots.tests.making import hold

pytestmark = pytest.mark.django_db


def day(hours: float, step: str = "CP2", quantity: str = "2") -> RawFile:
    row = wip_row("move", "W1", hours, step=step, quantity=quantity)
    return loaded(wip(row), f"day-{hours}.wip.csv")


@pytest.fixture
def first_day(material: Path) -> RawFile:
    return loaded(wip(start_row(), wip_row("move", "W1", 1, step="CP2")), "day-1.wip.csv")


def test_a_lot_that_is_there_still_is_repeated_without_an_event(first_day: RawFile) -> None:
    before = Event.objects.count()
    file = day(24)
    assert (file.state, file.message) == (FileState.LOADED, "1 rows: 1 repeated.")
    assert file.rows.get().reason == "Lot W1 is at CP2 already, since 2026-03-01 09:00 UTC."
    assert Event.objects.count() == before


def test_a_lot_on_hold_that_is_there_still_does_not_wait(first_day: RawFile) -> None:
    hold(Lot.objects.get(code="W1"))
    assert day(24).message == "1 rows: 1 repeated."


def test_another_count_than_ours_is_for_a_person(first_day: RawFile) -> None:
    row = day(24, quantity="1").rows.get()
    assert row.state == "quarantined"
    assert "is at CP2 already, with 2; the report counts 1" in row.reason
    assert not Event.objects.filter(verb="move", occurred_at__day=2).exists()


def test_a_lot_that_left_us_is_not_taken_to_be_there(first_day: RawFile) -> None:
    loaded(wip(wip_row("ship", "W1", 12, to="ODM1", quantity="2")), "ship.wip.csv")
    assert day(24).rows.get().state == "waiting"
