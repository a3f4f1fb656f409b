"""What is refused, lost or offered is said in words that fit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from lots.models import Event, Lot
from lots.services import merge_lots, move_lot
from operations.services.lot_acts import acts_for
from operations.tests.line import Line, command, step, switches
from operations.tests.test_lot_acts import hidden
from operations.tests.test_more_acts import Acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody(line: Line, as_role: Callable[[str], Client]) -> Acting:
    return Acting(as_role("Administrator"))


def test_a_correction_that_later_events_build_on_has_a_fitting_heading(
    somebody: Acting,
) -> None:
    lot = Lot.objects.get(code="W7Q3")
    first = move_lot(lot=lot, to_step=step("A", "FAB"), command=command(3))
    lot.refresh_from_db()
    move_lot(lot=lot, to_step=step("A", "WAT"), command=command(2))
    text = somebody.preview("W7Q3", "correct", event=first.pk, reason="wrong lot")
    assert "Something later builds on it." in text
    assert "Already used" not in text


def test_a_key_used_for_other_words_is_said_to_be(somebody: Acting) -> None:
    answers = {**hidden("W7Q3"), "to_step": step("A", "FAB").pk, "go": "do"}
    somebody.client.post("/lots/W7Q3/do/move", answers)
    answers["to_step"] = step("A", "WAT").pk
    answers["comment"], answers["expected_version"] = (
        "another",
        Lot.objects.get(code="W7Q3").version,
    )
    text = somebody.client.post("/lots/W7Q3/do/move", answers).content.decode()
    assert "Already used with other content." in text


def test_a_code_that_is_taken_is_not_called_used_content(somebody: Acting) -> None:
    text = somebody.preview("W7Q3", "split", child_code="W7Q2", wafers="1")
    assert "In conflict with what is recorded." in text


def test_an_event_beyond_the_newest_is_still_corrected_from_the_timeline(
    somebody: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.forms.lot_plans.EVENTS_OFFERED", 1)
    oldest = Event.objects.filter(lot__code="W7Q1", verb="move").earliest("seq")
    page = somebody.client.get("/lots/W7Q1").content.decode()
    assert f"/lots/W7Q1/do/correct?event={oldest.pk}" in page
    assert f'value="{oldest.pk}" selected' in somebody.ask("W7Q1", "correct", event=oldest.pk)
    assert "<option" in somebody.ask("W7Q1", "correct", event="nonsense")


def test_a_track_out_says_what_is_lost_and_why(somebody: Acting) -> None:
    answers = {
        "what_1": "1, 3", "reason_1": "scrap:handling", "what_2": "5", "reason_2": "loss:handling",
        "to_step": step("A", "FAB").pk,
    }  # fmt: skip
    somebody.done("W7Q3", "track-in", equipment="")
    text = somebody.preview("W7Q3", "track-out", **answers)
    assert "<td>Scrap: Destroyed in handling" in text
    assert "2 wafers: 1, 3" in text
    assert "<td>Loss: Chipped or dropped in handling" in text
    assert "1 wafer: 5" in text


def test_counted_losses_and_finds_are_said_by_reason(somebody: Acting) -> None:
    switches("SW77", 10)
    somebody.done("SW77", "track-in", equipment="")
    text = somebody.preview(
        "SW77", "track-out", what_1="2", reason_1="scrap:handling", bonus="1",
        bonus_reason="found",
    )  # fmt: skip
    assert "Scrap: " in text
    assert "Bonus: Counted and more there" in text


def test_a_lot_that_is_merged_away_offers_no_hold(line: Line) -> None:
    one, other = switches("M1", 2), switches("M2", 2)
    merge_lots(into=one, lots=[other], command=command(1))
    other.refresh_from_db()
    one.refresh_from_db()
    verbs = {act.verb for act in acts_for(other, is_held=False)}
    assert "hold" not in verbs
    assert "hold" in {act.verb for act in acts_for(one, is_held=False)}
