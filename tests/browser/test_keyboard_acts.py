"""Acts on a lot that name other things, by keyboard alone: from its menu to the ledger."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from lots.models import Event, FutureAction, Lot, Unit
from lots.services.selecting import free_good
from lots.tests.routing import released_route
from operations.tests.line import Line, move
from tests.browser.keyboard import answer, carry_out, choose

pytestmark = pytest.mark.xdist_group("browser")


def free_serials(line: Line, count: int) -> list[str]:
    units = free_good(Unit.objects.filter(lot=line.chip_lot)).order_by("id")
    return list(units.values_list("serial", flat=True)[:count])


def test_a_lot_is_shipped(somebody: Page) -> None:
    somebody.goto("/lots/W7Q3/do/ship")
    choose(somebody, "To", "OSAT1")
    carry_out(somebody, "W7Q3", "ship")
    assert Lot.objects.get(code="W7Q3").state == "shipped"


def test_the_first_field_has_the_focus_and_its_suggestion_is_typed_over(somebody: Page) -> None:
    somebody.goto("/lots/W7Q3/do/split")
    code = somebody.get_by_label("Code of the new lot")
    expect(code).to_be_focused()
    expect(code).to_have_value("W7Q3.1")
    somebody.keyboard.type("W7Q3.X")
    expect(code).to_have_value("W7Q3.X")
    somebody.goto("/jobs/new?verb=hold&scope=filter")
    expect(somebody.get_by_label("Who decides")).to_be_focused()


def test_only_the_fields_of_what_is_planned_are_shown(somebody: Page) -> None:
    somebody.goto("/lots/W7Q3/do/plan")
    step, event = somebody.get_by_label("Step"), somebody.get_by_label("What happens to it")
    role, wafers = somebody.get_by_label("Released by"), somebody.get_by_label("Wafers")
    choose(somebody, "When", "When this happens")
    expect(event).to_be_visible()
    expect(step).to_be_hidden()
    choose(somebody, "Then", "Bank")
    expect(role).to_be_hidden()
    expect(wafers).to_be_hidden()
    choose(somebody, "Then", "Hold")
    expect(role).to_be_visible()
    answer(somebody, "Wafers", "2-3")
    choose(somebody, "Then", "Bank")
    choose(somebody, "What happens to it", "Track out")
    answer(somebody, "Reason", "no slot")
    carry_out(somebody, "W7Q3", "plan")
    assert FutureAction.objects.get().verb == "bank"


def test_an_event_is_corrected(somebody: Page) -> None:
    move(Lot.objects.get(code="W7Q3"), "FAB", 5)
    somebody.goto("/lots/W7Q3/do/correct")
    choose(somebody, "What did not happen so", "Move")
    answer(somebody, "Reason", "wrong lot")
    carry_out(somebody, "W7Q3", "correct")
    assert Lot.objects.get(code="W7Q3").step.code == "START"


def test_chips_are_binned_down(somebody: Page, line: Line) -> None:
    serials = free_serials(line, 2)
    somebody.goto("/lots/AQ17/do/bin")
    answer(somebody, "Code of the new lot", "AQ17.B")
    choose(somebody, "Becomes product", "TRN2")
    answer(somebody, "Serials", " ".join(serials))
    choose(somebody, "Reason", "Passes at a lower clock")
    carry_out(somebody, "AQ17", "bin")
    assert Lot.objects.get(code="AQ17.B").product.code.startswith("TRN2")


def test_chips_are_assembled_into_a_server(somebody: Page, line: Line) -> None:
    serials = free_serials(line, 4)
    somebody.goto("/lots/AQ17/do/assemble")
    choose(somebody, "What is built", "TRN3-SRV4")
    answer(somebody, "Into lot", "SV04")
    choose(somebody, "At", "E v1: SERVER")
    answer(somebody, "Built", " ".join(["SRV4-9000", *serials]))
    carry_out(somebody, "AQ17", "assemble")
    edges = Unit.objects.get(serial="SRV4-9000").child_edges.order_by("id")
    assert [edge.child.serial for edge in edges] == serials


def test_an_action_is_planned_and_cancelled(somebody: Page) -> None:
    somebody.goto("/lots/W7Q3/do/plan")
    choose(somebody, "Step", "FAB")
    choose(somebody, "Then", "Hold")
    answer(somebody, "Reason", "look at the edge")
    carry_out(somebody, "W7Q3", "plan")
    assert FutureAction.objects.get().state == "armed"
    somebody.goto("/lots/W7Q3/do/unplan")
    carry_out(somebody, "W7Q3", "unplan")
    assert FutureAction.objects.get().state == "cancelled"


def test_a_lot_is_sent_to_rework_and_back(somebody: Page) -> None:
    released_route("POLISH", {"code": "STRIP"}, is_rework=True)
    somebody.goto("/lots/W7Q3/do/rework-out")
    choose(somebody, "To route and step", "POLISH")
    choose(somebody, "Comes back at", "START")
    choose(somebody, "Reason", "Poor contact")
    carry_out(somebody, "W7Q3", "rework-out")
    assert Lot.objects.get(code="W7Q3").step.code == "STRIP"
    somebody.goto("/lots/W7Q3/do/rework-in")
    carry_out(somebody, "W7Q3", "rework-in")
    assert Lot.objects.get(code="W7Q3").step.code == "START"


def test_a_pilot_is_sent_ahead(somebody: Page) -> None:
    somebody.goto("/lots/W7Q3/do/send-ahead")
    answer(somebody, "Code of the new lot", "W7Q3.P")
    choose(somebody, "The rest waits until it is at", "FAB")
    answer(somebody, "Or wafers", "1")
    carry_out(somebody, "W7Q3", "send-ahead")
    assert Lot.objects.get(code="W7Q3.P").is_pilot
    assert Event.objects.filter(lot__code="W7Q3", verb="split").exists()
