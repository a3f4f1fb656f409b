"""The sheet of paper that travels with a lot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lots.models import Step
from operations.selectors.traveller import demands_of
from operations.tests.line import Line, engineering_lot

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
    assert demands_of(step) == (
        "test results, every 5. lot",
        "start within 24 h",
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
