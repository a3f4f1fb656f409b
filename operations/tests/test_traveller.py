"""The sheet of paper that travels with a lot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lots.domain.commands import Selection
from lots.models import Event, Lot, Step
from lots.services import correct_event, move_lot, split_lot
from operations.selectors.lots import lot_traveller
from operations.selectors.traveller import demands_of
from operations.tests.line import NOW, Line, command, engineering_lot, wafer_lot

pytestmark = pytest.mark.django_db


def sheet(client: Client, code: str, paper: str = "") -> str:
    return client.get(f"/lots/{code}/traveller", {"paper": paper}).content.decode()


def test_the_sheet_has_both_codes_and_every_step(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    text = sheet(as_role("Operator"), "W7Q1")
    assert 'aria-label="Code 128 of W7Q1"' in text
    assert 'aria-label="Data Matrix of W7Q1"' in text
    assert text.count('<th scope="row">') == 15
    assert text.count("✓") == 7
    assert "Track out of DICE when TSMC reports it, then on to COWOS." in text


def test_a_held_lot_says_stop_and_who_decides(line: Line, as_role: Callable[[str], Client]) -> None:
    text = sheet(as_role("Operator"), "W7Q2")
    assert "STOP: on hold" in text
    assert "Decision on the hold (Edge ring at CP1): Quality, nobody named." in text


@pytest.mark.parametrize(
    ("paper", "size"), [("", "a4"), ("letter", "letter"), ("A0; } body {", "a4")]
)
def test_the_sheet_is_made_for_the_paper(
    paper: str, size: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    assert f"@page {{ size: {size}; }}" in sheet(as_role("Operator"), "W7Q3", paper)


def test_what_a_step_demands_stands_beside_it() -> None:
    step = Step(
        requires_results=True,
        sampling_every=5,
        queue_hours_max=24,
        track_depth="wafer",
        is_outsourced=True,
    )
    assert demands_of(step, [("BUMP", 36.0)]) == (
        "test results, every 5. lot",
        "start within 24 h",
        "start within 36 h of leaving BUMP",
        "record every wafer",
        "reported by its supplier",
    )


def test_a_code_that_bars_cannot_say_has_a_sheet_all_the_same(
    reference: None, as_role: Callable[[str], Client]
) -> None:
    engineering_lot("試験")
    text = sheet(as_role("Operator"), "試験")
    assert "<svg" not in text
    assert "試験" in text


def test_an_unknown_lot_has_none(line: Line, as_role: Callable[[str], Client]) -> None:
    assert as_role("Operator").get("/lots/NOPE/traveller").status_code == 404


def moved(lot: Lot, places: int, days_ago: float) -> Event:
    """So many steps on along its route."""
    lot = Lot.objects.get(pk=lot.pk)
    later = lot.route_version.steps.filter(sequence__gt=lot.step.sequence).order_by("sequence")
    return move_lot(lot=lot, to_step=later[places - 1], command=command(days_ago))


def way(lot: Lot, count: int) -> list[tuple[str, float | None]]:
    """State and days at the first steps."""
    steps = lot_traveller(Lot.objects.get(pk=lot.pk), NOW)[:count]
    return [(step.state, step.days) for step in steps]


def test_a_move_that_was_taken_back_is_no_visit(line: Line) -> None:
    lot = wafer_lot("ZZ1", 2, 20)
    for event in reversed([moved(lot, 1, 9), moved(lot, 1, 8)]):
        correct_event(event=event, command=command(1, reason="mistake"))
    assert way(lot, 3) == [("here", 20), ("ahead", None), ("ahead", None)]
    moved(lot, 3, 0.5)
    assert way(lot, 4) == [("done", 19.5), ("skipped", None), ("skipped", None), ("here", 0.5)]


def test_a_lot_that_was_split_off_has_come_the_way_of_its_parent(line: Line) -> None:
    lot = wafer_lot("ZZ2", 2, 20)
    moved(lot, 1, 9)
    chosen = Selection(wafers=(2,))
    split_lot(
        lot=Lot.objects.get(pk=lot.pk), child_code="ZZ2.1", selection=chosen, command=command(5)
    )
    moved(lot, 1, 4)
    child = Lot.objects.get(code="ZZ2.1")
    assert way(child, 3) == [("done", 11), ("here", 9), ("ahead", None)]
    moved(child, 2, 2)
    assert way(child, 4) == [("done", 11), ("done", 7), ("skipped", None), ("here", 2)]
