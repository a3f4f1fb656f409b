"""What people do with lots on pages: asked, previewed, refused, done once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from lots.models import Event, Hold, Lot, Supplier
from operations.tests.line import Line, engineering_lot

pytestmark = pytest.mark.django_db

MOVE = "/lots/W7Q3/do/move"


def step_of(code: str, step: str) -> int:
    lot = Lot.objects.get(code=code)
    return lot.route_version.steps.get(code=step).pk


def hidden(lot: str = "W7Q3", key: str = "page:1") -> dict[str, object]:
    version = Lot.objects.get(code=lot).version
    return {"op_key": key, "expected_version": version, "comment": ""}


def test_a_form_offers_the_next_step_first(line: Line, as_role: Callable[[str], Client]) -> None:
    text = as_role("Operator").get(MOVE).content.decode()
    chosen = text.split("selected>")[1].split("<")[0]
    assert chosen == "FAB, Wafer fabrication"


def test_a_preview_changes_nothing(line: Line, as_role: Callable[[str], Client]) -> None:
    before = Event.objects.count()
    answers = {**hidden(), "to_step": step_of("W7Q3", "FAB"), "go": "try"}
    text = as_role("Operator").post(MOVE, answers).content.decode()
    assert "What would change" in text
    assert "<strong>FAB</strong>" in text
    assert Event.objects.count() == before


def test_an_agreed_move_is_done_once_however_often_it_is_sent(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    answers = {**hidden(), "to_step": step_of("W7Q3", "FAB"), "go": "do"}
    answer = client.post(MOVE, answers)
    assert answer["Location"] == "/lots/W7Q3"
    client.post(MOVE, answers)
    moves = Event.objects.filter(lot__code="W7Q3", verb="move")
    assert list(moves.values_list("step_to__code", "actor__username")) == [("FAB", "operator")]


def test_going_back_keeps_what_was_typed(line: Line, as_role: Callable[[str], Client]) -> None:
    answers = {**hidden(), "to_step": step_of("W7Q3", "FAB"), "comment": "as told", "go": "back"}
    text = as_role("Operator").post(MOVE, answers).content.decode()
    assert "as told" in text
    assert "See what would change" in text


def test_a_refusal_says_why_and_changes_nothing(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    answers = {**hidden("W7Q2"), "to_step": step_of("W7Q2", "CP2"), "go": "try"}
    answer = as_role("Operator").post("/lots/W7Q2/do/move", answers)
    assert answer.status_code == 422
    assert "Edge ring at CP1" in answer.content.decode()


def test_a_lot_that_changed_meanwhile_is_not_moved(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    answers = {**hidden(), "to_step": step_of("W7Q3", "FAB"), "go": "do", "expected_version": 99}
    assert as_role("Operator").post(MOVE, answers).status_code == 412


def test_a_form_with_gaps_is_asked_again(line: Line, as_role: Callable[[str], Client]) -> None:
    text = as_role("Operator").post(MOVE, {**hidden(), "go": "try"}).content.decode()
    assert "This field is required" in text


def test_a_hold_is_placed_and_released_by_those_who_may(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    hold = Hold.objects.get(lot__code="W7Q2")
    page = client.get("/lots/W7Q2/do/release").content.decode()
    assert "Quality: Edge ring at CP1" in page
    answers = {**hidden("W7Q2"), "hold": hold.pk, "disposition": "use as is", "go": "do"}
    client.post("/lots/W7Q2/do/release", answers)
    hold.refresh_from_db()
    assert hold.disposition == "use as is"


def test_a_split_names_wafers_or_a_number(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    answers = {**hidden(), "child_code": "W7Q3A", "wafers": "1-5, 7", "go": "try"}
    text = client.post("/lots/W7Q3/do/split", answers).content.decode()
    assert "Lot W7Q3A" in text
    assert "6 wafer" in text
    client.post("/lots/W7Q3/do/split", {**answers, "go": "do"})
    assert Lot.objects.get(code="W7Q3A").quantity == 6
    assert Lot.objects.get(code="W7Q3").quantity == 19


def test_a_part_of_a_lot_is_offered_the_next_free_code(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    split = "/lots/W7Q3/do/split"
    assert 'value="W7Q3.1"' in client.get(split).content.decode()
    client.post(split, {**hidden(), "child_code": "W7Q3.1", "wafers": "1", "go": "do"})
    assert 'value="W7Q3.2"' in client.get(split).content.decode()
    assert 'value="W7Q3.P"' in client.get("/lots/W7Q3/do/send-ahead").content.decode()
    assert 'value="X1"' in client.get(split, {"child_code": "X1"}).content.decode()


def test_a_selection_said_twice_is_refused(line: Line, as_role: Callable[[str], Client]) -> None:
    answers = {**hidden(), "child_code": "X", "wafers": "1", "quantity": 3, "go": "try"}
    answer = as_role("Operator").post("/lots/W7Q3/do/split", answers)
    assert answer.status_code == 400
    assert "exactly one" in answer.content.decode()


def test_scrapping_takes_serials_and_a_reason(line: Line, as_role: Callable[[str], Client]) -> None:
    serial = line.chip_lot.units.order_by("-id")[0].serial
    answers = {**hidden("AQ17"), "serials": serial, "reason": "handling", "go": "do"}
    as_role("Quality").post("/lots/AQ17/do/scrap", answers)
    assert line.chip_lot.units.get(serial=serial).state == "scrapped"


def test_a_lot_is_shipped_to_a_supplier(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    page = client.get("/lots/SV03/do/ship").content.decode()
    option = page.split(">OPS,")[0].rsplit('value="', 1)[1].split('"')[0]
    answers = {**hidden("SV03"), "to": option, "customer": "own use", "go": "do"}
    client.post("/lots/SV03/do/ship", answers)
    assert Lot.objects.get(code="SV03").state == "shipped"
    assert "Scrap" not in client.get("/lots/SV03").content.decode()


def test_a_ship_preview_says_where_to_and_what_is_left_undone(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    to = Supplier.objects.get(code="ODM1")
    answers = {**hidden("AQ17"), "to": to.pk, "customer": "", "go": "try"}
    text = as_role("Operator").post("/lots/AQ17/do/ship", answers).content.decode()
    for words in (
        "<td>To</td><td>—</td><td><strong>ODM1, ",
        "<td>Leaves</td>",
        "<strong>8 packages</strong>",
    ):
        assert words in text
    assert "FT-COLD, Final test, cold: required, and 16 of lot AQ17 without results." in text
    assert "FT-HOT" not in text.split("Look at this first")[1].split("</ul>")[0]


def test_a_lot_does_not_ship_to_where_it_is_without_a_customer(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    to = Supplier.objects.get(code="OSAT1")
    answers = {**hidden("AQ17"), "to": to.pk, "customer": "", "go": "try"}
    client = as_role("Operator")
    answer = client.post("/lots/AQ17/do/ship", answers)
    assert answer.status_code == 422
    assert "Name the customer it goes to" in answer.content.decode()
    answers["customer"] = "Cloud"
    assert client.post("/lots/AQ17/do/ship", answers).status_code == 200


def test_a_move_preview_names_skipped_steps_and_open_issues(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    answers = {**hidden("AQ17"), "to_step": step_of("AQ17", "SLT"), "go": "try"}
    text = client.post("/lots/AQ17/do/move", answers).content.decode()
    assert "FT-COLD, Final test, cold: required" in text
    assert "SLT, System-level test, bin and mark: required" not in text
    answers = {**hidden("W7Q1"), "to_step": step_of("W7Q1", "COWOS"), "go": "try"}
    text = client.post("/lots/W7Q1/do/move", answers).content.decode()
    assert "Open issue" in text
    assert "Bin 5 above its limit" in text


def test_a_free_route_has_no_steps_to_skip(
    reference: None, as_role: Callable[[str], Client]
) -> None:
    engineering_lot("ENG1")
    to = Supplier.objects.get(code="OSAT1")
    answers = {**hidden("ENG1"), "to": to.pk, "customer": "", "go": "try"}
    text = as_role("Operator").post("/lots/ENG1/do/ship", answers).content.decode()
    assert "What would change" in text
    assert "Look at this first" not in text


def test_a_form_shows_why_the_lot_is_held(line: Line, as_role: Callable[[str], Client]) -> None:
    text = as_role("Operator").get("/lots/W7Q2/do/move").content.decode()
    assert "Edge ring at CP1" in text


def test_units_with_serials_are_named_not_counted(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Test engineer")
    for verb in ("split", "scrap"):
        assert "How many" not in client.get(f"/lots/AQ17/do/{verb}").content.decode()
        assert "How many" in client.get(f"/lots/W7Q3/do/{verb}").content.decode()
    answers = {**hidden("AQ17"), "is_whole": "on", "reason": "handling", "go": "try"}
    text = client.post("/lots/AQ17/do/scrap", answers).content.decode()
    assert "<strong>0 packages</strong>" in text


def test_a_decision_cannot_be_due_in_the_past(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    today = timezone.localdate()
    answers = {
        **hidden(),
        "hold_class": "quality",
        "hold_reason": "wrong label",
        "due_on": today - timedelta(days=1),
        "go": "do",
    }
    assert "This day is past" in client.post("/lots/W7Q3/do/hold", answers).content.decode()
    client.post("/lots/W7Q3/do/hold", {**answers, "due_on": today})
    page = client.get("/lots/W7Q3").content.decode()
    assert "wrong label" in page.split('id="timeline"')[1]


@pytest.mark.parametrize("verb", ["move", "hold", "release", "split", "scrap", "ship"])
def test_an_auditor_can_do_nothing_to_a_lot(
    verb: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Auditor")
    assert client.get(f"/lots/W7Q3/do/{verb}").status_code == 403
    assert client.post(f"/lots/W7Q3/do/{verb}", {"go": "do"}).status_code == 403
    assert "/do/" not in client.get("/lots/W7Q3").content.decode()


@pytest.mark.parametrize("verb", ["swap", "nonsense"])
def test_other_verbs_have_no_page(verb: str, line: Line, as_role: Callable[[str], Client]) -> None:
    assert as_role("Administrator").get(f"/lots/W7Q3/do/{verb}").status_code == 404


def test_a_second_click_shows_the_first_answer_though_the_lot_went_on(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    answers = {**hidden(), "to_step": step_of("W7Q3", "FAB"), "go": "do"}
    client.post(MOVE, answers)
    repeat = client.post(MOVE, answers, follow=True)
    assert repeat.redirect_chain == [("/lots/W7Q3", 302)]
    assert "Moved: W7Q3." in repeat.content.decode()
    other = client.post(MOVE, {**answers, "to_step": step_of("W7Q3", "WAT")})
    assert (other.status_code, Event.objects.filter(lot__code="W7Q3", verb="move").count()) == (
        409,
        1,
    )


def test_a_second_click_on_what_the_form_offers_no_more_is_no_error(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    hold = Hold.objects.get(lot__code="W7Q2")
    answers = {**hidden("W7Q2"), "hold": hold.pk, "disposition": "use as is", "go": "do"}
    client.post("/lots/W7Q2/do/release", answers)
    assert client.post("/lots/W7Q2/do/release", answers).status_code == 302
    changed = client.post("/lots/W7Q2/do/release", {**answers, "disposition": "scrap"})
    assert changed.status_code == 200
    assert Event.objects.filter(lot__code="W7Q2", verb="release").count() == 1
