"""The other things people do with lots on pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from lots.models import Event, FutureAction, Hold, Lot, Product, Step, Supplier, Unit
from operations.tests.line import (
    Line,
    engineering_lot,
    move,
    run_record,
    step,
    wafer_lot,
)
from testing.services import record_run
from testing.tests.builders import Part

pytestmark = pytest.mark.django_db


class Acting:
    """Somebody with every right at the pages of one lot."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def ask(self, lot: str, verb: str, **query: Any) -> str:
        return self.client.get(f"/lots/{lot}/do/{verb}", query).content.decode()

    def act(self, lot: str, verb: str, go: str = "do", **answers: Any) -> Any:
        version = Lot.objects.get(code=lot).version
        key = f"page:{lot}:{verb}:{version}"
        hidden = {"op_key": key, "expected_version": version, "comment": "", "go": go}
        return self.client.post(f"/lots/{lot}/do/{verb}", {**hidden, **answers})

    def preview(self, lot: str, verb: str, **answers: Any) -> str:
        text: str = self.act(lot, verb, "try", **answers).content.decode()
        return text

    def done(self, lot: str, verb: str, **answers: Any) -> Lot:
        answer = self.act(lot, verb, "do", **answers)
        assert answer.status_code == 302, answer.content.decode().split("sc-page")[1][:3000]
        return Lot.objects.get(code=lot)


@pytest.fixture
def somebody(as_role: Callable[[str], Client], line: Line) -> Acting:
    return Acting(as_role("Administrator"))


def test_a_lot_is_tracked_in_and_out_with_what_was_lost(somebody: Acting) -> None:
    lot = somebody.done("W7Q3", "track-in", equipment="CVD-3")
    assert lot.equipment == "CVD-3"
    page = somebody.ask("W7Q3", "track-out")
    assert "FAB, Wafer fabrication" in page.split("selected>")[1]
    answers = {
        "to_step": step("A", "FAB").pk,
        "what_1": "W02..W03",
        "reason_1": "scrap:wafer-breakage",
        "what_2": "7",
        "reason_2": "scrap:handling",
        "good": 22,
    }
    text = somebody.preview("W7Q3", "track-out", **answers)
    assert "<strong>22 wafers</strong>" in text
    lot = somebody.done("W7Q3", "track-out", **answers)
    assert (lot.quantity, lot.step.code, lot.tracked_in_at) == (22, "FAB", None)
    event = Event.objects.filter(lot=lot).latest("seq")
    assert [loss["reason"] for loss in event.payload["losses"]] == ["wafer-breakage", "handling"]


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"good": 25, "what_1": "1", "reason_1": "scrap:handling"}, "make 24 good"),
        ({"what_1": "1"}, "Say both"),
        ({"reason_1": "scrap:handling"}, "Say both"),
        ({"what_1": "one", "reason_1": "scrap:handling"}, "names no wafers"),
        ({"what_1": "1", "reason_1": "scrap:nonsense"}, "not one of the available choices"),
    ],
)
def test_a_fault_stands_beside_its_field(
    answers: dict[str, object], fault: str, somebody: Acting
) -> None:
    somebody.done("W7Q3", "track-in", equipment="")
    assert fault in somebody.preview("W7Q3", "track-out", **answers)


def test_counted_units_are_lost_by_number(somebody: Acting) -> None:
    lot = engineering_lot("ENG1")
    somebody.done("ENG1", "bonus", quantity=10, reason="found")
    somebody.done("ENG1", "track-in", equipment="")
    faults = somebody.preview(
        "ENG1", "track-out", what_1="99", reason_1="loss:missing", bonus=1, bonus_reason=""
    )
    assert "A whole number from 1 to 10" in faults
    assert "Say why there are more" in faults
    answers = {
        "what_1": "2", "reason_1": "loss:missing", "bonus": 1, "bonus_reason": "found", "good": 9,
    }  # fmt: skip
    assert somebody.done("ENG1", "track-out", **answers).quantity == 9
    assert somebody.done("ENG1", "loss", quantity=3, reason="handling").quantity == 6
    assert lot.quantity == 0


def test_serialised_units_are_lost_by_serial(somebody: Acting, line: Line) -> None:
    serials = list(line.chip_lot.units.order_by("-id").values_list("serial", flat=True)[:2])
    somebody.done("AQ17", "track-in", equipment="")
    lot = somebody.done(
        "AQ17", "track-out", to_step=step("A", "SLT").pk, what_1=" ".join(serials),
        reason_1="loss:test-reject", reason="",
    )  # fmt: skip
    assert lot.quantity == 6
    assert set(Unit.objects.filter(serial__in=serials).values_list("state", flat=True)) == {
        "reject"
    }


def test_a_lot_is_banked_and_taken_out(somebody: Acting) -> None:
    assert somebody.done("W7Q3", "bank", reason="no slot").state == "banked"
    page = somebody.client.get("/lots/W7Q3").content.decode()
    assert "Take out of bank" in page
    assert "Track in" not in page
    assert somebody.done("W7Q3", "unbank").state == "active"


def test_a_lot_goes_to_rework_and_comes_back(somebody: Acting, line: Line) -> None:
    page = somebody.ask("AQ17", "rework-out")
    assert "A-RW v1: RW-IN" in page
    retest = step("A-RW", "RETEST")
    answers = {"at_step": retest.pk, "return_step": step("A", "FT-HOT").pk}
    lot = somebody.done("AQ17", "rework-out", reason="contact", **answers)
    assert (lot.step, lot.rework_attempt) == (retest, 1)
    assert "Back from rework" in somebody.client.get("/lots/AQ17").content.decode()
    back: dict[str, Any] = {"to_step": step("A", "FT-HOT").pk}
    assert "RETEST" in somebody.act("AQ17", "rework-in", **back).content.decode()
    parts = [Part(part_id=unit.serial) for unit in lot.units.all()]
    record_run(run=run_record(lot, retest, parts, 0))
    lot = somebody.done("AQ17", "rework-in", **back)
    assert (lot.step.code, lot.rework_return_step) == ("FT-HOT", None)


def test_a_lot_is_moved_to_another_route(somebody: Acting) -> None:
    answers = {"at_step": step("F", "ENG").pk, "reason": "trial"}
    assert "<strong>F v1</strong>" in somebody.preview("W7Q3", "reroute", **answers)
    assert somebody.done("W7Q3", "reroute", **answers).step.code == "ENG"


def test_only_what_differs_is_changed(somebody: Acting) -> None:
    same = {"due_on": "", "customer": "", "purpose": "production", "reason": "asked"}
    assert "Nothing differs" in somebody.preview("W7Q3", "amend", **same)
    lot = somebody.done("W7Q3", "amend", **{**same, "is_hot": "on", "due_on": "2026-12-24"})
    assert (lot.is_hot, str(lot.due_on)) == (True, "2026-12-24")
    event = Event.objects.filter(lot=lot).latest("seq")
    assert set(event.payload["after"]) == {"is_hot", "due_on"}


def test_a_pilot_goes_ahead_and_the_rest_waits(somebody: Acting) -> None:
    somebody.done(
        "W7Q3", "send-ahead", child_code="W7Q3P", wafers="1", until_step=step("A", "CP1").pk
    )
    assert Lot.objects.get(code="W7Q3P").is_pilot
    assert "Pilot W7Q3P" in Hold.objects.get(lot__code="W7Q3").reason


def test_lots_are_merged_by_their_codes(somebody: Acting) -> None:
    somebody.done("W7Q3", "split", child_code="W7Q3A", wafers="1-5")
    assert "There is no lot NOPE" in somebody.preview("W7Q3", "merge", lots="NOPE W7Q3A")
    unlike = somebody.act("W7Q3", "merge", "try", lots="AQ17")
    assert unlike.status_code == 422
    assert "product: W7Q3 has TRN3-DIE, AQ17 has TRN3" in unlike.content.decode()
    assert somebody.done("W7Q3", "merge", lots="W7Q3A\n").quantity == 25
    assert Lot.objects.get(code="W7Q3A").state == "finished"


def test_units_are_binned_down_to_another_product(somebody: Acting) -> None:
    chips = list(Unit.objects.filter(lot__code="AQ17", state="good").order_by("-id")[:2])
    product = Product.objects.get(code="TRN2")
    somebody.done(
        "AQ17", "bin", child_code="AQ17L", product=product.pk, reason="speed",
        serials="\n".join(chip.serial for chip in chips),
    )  # fmt: skip
    assert Lot.objects.get(code="AQ17L").product == product


def test_wafers_are_diced_as_sort_found_them(somebody: Acting) -> None:
    lot = move(wafer_lot("W9", 2, 90), "FAB WAT RCV BUMP CP1 CP2 DICE", 80, 1)
    assert "Dice" in somebody.client.get("/lots/W9").content.decode()
    answer = somebody.act("W9", "dice", "try", die_product=lot.product_id)
    assert answer.status_code == 422
    assert "Wafer 1, 2 of lot W9 has no finished sort results" in answer.content.decode()


def test_chips_are_built_into_a_server_by_scanner(somebody: Acting) -> None:
    chips = list(Unit.objects.filter(lot__code="AQ17", state="good").order_by("-id")[:4])
    others = [chip.serial for chip in chips[1:]]
    page = somebody.ask("AQ17", "assemble")
    assert "TRN3-SRV4" in page
    product = Product.objects.get(code="TRN3-SRV4")
    answers = {
        "product": product.pk,
        "lot_code": "SV09",
        "at_step": step("E", "SERVER").pk,
        "serials": "\n".join(["SRV4-0900", f"C0={chips[0].serial}", *others]),
    }
    assert "2 codes; each TRN3-SRV4" in somebody.preview(
        "AQ17", "assemble", **{**answers, "serials": "SRV4-0900 X"}
    )
    repeated = " ".join(["SRV4-0900", "P2=A", "B", "C", "D"])
    assert "is named twice" in somebody.preview(
        "AQ17", "assemble", **{**answers, "serials": repeated}
    )
    assert "names no material" in somebody.preview("AQ17", "assemble", **answers, materials="CPU-A")
    assert "There is no lot CPU-A" in somebody.preview(
        "AQ17", "assemble", **answers, materials="CPU-A=1"
    )
    assert "Lot SV09" in somebody.preview("AQ17", "assemble", **answers)
    somebody.done("AQ17", "assemble", **answers)
    built = Unit.objects.get(serial="SRV4-0900")
    assert list(built.child_edges.order_by("id").values_list("position", flat=True)) == [
        "C0", "P2", "P3", "P4",
    ]  # fmt: skip


def test_a_shipped_lot_is_received_where_it_was_sent(somebody: Acting) -> None:
    to = Supplier.objects.get(code="OSAT1")
    somebody.done("W7Q3", "ship", to=to.pk, customer="")
    page = somebody.client.get("/lots/W7Q3").content.decode()
    assert "Receive" in page
    assert "do/move" not in page
    form = somebody.ask("W7Q3", "receive")
    assert f'value="{to.pk}" selected' in form
    answers = {"to_step": step("A", "RCV").pk, "custodian": to.pk, "counted_quantity": 24}
    lot = somebody.done("W7Q3", "receive", **answers)
    assert (lot.step.code, lot.custodian, lot.quantity) == ("RCV", to, 25)


def test_a_hold_stops_wafers_only_and_names_who_releases(somebody: Acting) -> None:
    role = Group.objects.get(name="Quality")
    answers = {
        "hold_class": "quality", "hold_reason": "scratch", "scope": "wafer", "wafers": "1..3",
        "releasing_role": role.name,
    }  # fmt: skip
    assert "Say which" in somebody.preview("W7Q3", "hold", **{**answers, "wafers": ""})
    assert "What the hold reaches" in somebody.preview("W7Q3", "hold", **answers)
    somebody.done("W7Q3", "hold", **answers)
    hold = Hold.objects.get(reason="scratch")
    assert (hold.scope, hold.items.count(), hold.releasing_role) == ("wafer", 3, role)


def test_a_hold_stops_what_fell_in_a_bin(somebody: Acting, line: Line) -> None:
    asked: dict[str, Any] = {
        "hold_class": "quality",
        "hold_reason": "leak",
        "scope": "bin",
        "serials": "",
    }
    refused = somebody.act("AQ17", "hold", "try", **asked, bin_number=77)
    assert "No unit of lot AQ17 fell in bin 77" in refused.content.decode()
    serial = line.chip_lot.units.order_by("id")[0].serial
    somebody.done("AQ17", "hold", **asked, bin_number=1)
    held = Hold.objects.get(reason="leak").items.values_list("unit__serial", flat=True)
    assert serial in set(held)
    unit = {**asked, "hold_reason": "dust", "scope": "unit", "serials": serial}
    somebody.done("AQ17", "hold", **unit)
    assert Hold.objects.get(reason="dust").items.get().unit.serial == serial  # type: ignore[union-attr]


def test_an_action_is_planned_once_and_cancelled(somebody: Acting) -> None:
    answers: dict[str, Any] = {
        "trigger": "arrives", "step": step("A", "CP1").pk, "future_verb": "hold",
        "hold_class": "engineering", "reason": "look at the edge",
    }  # fmt: skip
    assert "hold when it arrives CP1" in somebody.preview("W7Q3", "plan", **answers)
    somebody.done("W7Q3", "plan", **answers)
    assert somebody.act("W7Q3", "plan", **answers).status_code == 302, "a second click"
    assert somebody.act("W7Q3", "plan", **{**answers, "reason": "else"}).status_code == 409
    assert somebody.act("W7Q3", "plan", **answers, op_key="page:anew").status_code == 422
    action = FutureAction.objects.get()
    assert (action.lot, action.step) == (Lot.objects.get(code="W7Q3"), step("A", "CP1"))
    somebody.done("W7Q3", "unplan", action=action.pk)
    action.refresh_from_db()
    assert action.state == "cancelled"


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"trigger": "arrives", "step": ""}, "Say which"),
        ({"trigger": "event", "on_verb": ""}, "Say which"),
        ({"trigger": "event", "on_verb": "move", "future_verb": "split"}, "Say what to split off"),
        (
            {"trigger": "event", "on_verb": "move", "future_verb": "bank", "wafers": "1"},
            "Only a split or a hold takes a part",
        ),
    ],
)
def test_half_a_plan_is_asked_again(
    answers: dict[str, object], fault: str, somebody: Acting
) -> None:
    asked = {"future_verb": "hold", "hold_class": "quality", "reason": "x", **answers}
    assert fault in somebody.preview("W7Q3", "plan", **asked)


def test_a_bank_or_a_split_may_be_planned_on_an_event(somebody: Acting) -> None:
    common = {"trigger": "event", "on_verb": "move", "hold_class": "quality", "reason": "later"}
    somebody.done("W7Q3", "plan", future_verb="bank", **common)
    somebody.done("W7Q3", "plan", op_key="page:2", future_verb="split", wafers="1-2", **common)
    orders = list(FutureAction.objects.order_by("id").values_list("verb", "order"))
    assert orders == [("bank", {}), ("split", {"wafers": [1, 2]})]


def test_a_part_is_swapped_from_the_page_of_its_unit(somebody: Acting) -> None:
    chip = Unit.objects.filter(lot__code="AQ17", state="good", parent_edges=None).latest("id")
    assert "/units/SRV4-0000/do/swap" in somebody.client.get("/units/SRV4-0000").content.decode()
    path = "/units/SRV4-0000/do/swap"
    page = somebody.client.get(path).content.decode()
    assert "C0: T3-26-00000" in page
    answers = {
        "op_key": "page:swap", "parent": "SRV4-0000", "position": "C0", "comment": "",
        "new_serial": chip.serial, "returned_lot_code": "RMA-1", "reason": "dead", "go": "try",
    }  # fmt: skip
    text = somebody.client.post(path, answers).content.decode()
    assert f"<strong>{chip.serial}</strong>" in text
    answer = somebody.client.post(path, {**answers, "go": "do"})
    assert answer["Location"] == "/units/SRV4-0000"
    assert Unit.objects.get(serial="T3-26-00000").lot == Lot.objects.get(code="RMA-1")


def test_a_part_is_swapped_by_those_who_may(line: Line, as_role: Callable[[str], Client]) -> None:
    assert as_role("Auditor").get("/units/SRV4-0000/do/swap").status_code == 403


def test_a_unit_of_no_lot_has_no_part_to_swap(somebody: Acting) -> None:
    Unit.objects.filter(serial="SRV4-0000").update(lot=None)
    assert somebody.client.get("/units/SRV4-0000/do/swap").status_code == 404


def test_a_new_lot_is_received_on_a_page(somebody: Acting) -> None:
    client = somebody.client
    assert "Receive a new lot" in client.get("/lots/do/receive").content.decode()
    answers = {
        "op_key": "page:new", "code": "W8", "kind": "wafer", "purpose": "production",
        "product": Product.objects.get(code="TRN3-DIE").pk, "step": step("A", "RCV").pk,
        "custodian": Supplier.objects.get(code="OSAT1").pk, "unit_of_measure": "wafer",
        "wafers": "1-3", "go": "try",
    }  # fmt: skip
    missing = client.post("/lots/do/receive", {**answers, "wafers": ""}).content.decode()
    assert "Say how many, or name them" in missing
    text = client.post("/lots/do/receive", answers).content.decode()
    assert "<strong>3 wafers</strong>" in text
    assert not Lot.objects.filter(code="W8").exists()
    assert client.post("/lots/do/receive", {**answers, "go": "do"})["Location"] == "/lots/W8"
    again = client.post("/lots/do/receive", {**answers, "op_key": "page:n2", "go": "do"})
    assert again.status_code == 409
    assert "Choose another code" in again.content.decode()


def test_common_acts_are_buttons_and_the_rest_a_menu(somebody: Acting) -> None:
    page = somebody.client.get("/lots/W7Q3").content.decode()
    buttons, menu = page.split("sc-head-actions")[1].split("sc-menu-list")
    common = ("track-out", "move", "hold")
    assert [word for word in common if f"do/{word}" in buttons] == list(common)
    assert "do/split" in menu.split("</details>")[0]
    hidden = ("track-in", "dice", "bonus", "bin", "release", "unbank", "rework-in", "receive")
    assert [word for word in hidden if f"/W7Q3/do/{word}" in page] == []


def test_track_in_is_offered_where_we_do_the_work(somebody: Acting) -> None:
    engineering_lot("ENG1")
    assert "do/track-in" in somebody.client.get("/lots/ENG1").content.decode()
    somebody.done("ENG1", "track-in", equipment="bench 2")
    page = somebody.client.get("/lots/ENG1").content.decode()
    assert "do/track-out" in page
    assert "do/track-in" not in page


def test_steps_of_released_routes_are_offered_only(somebody: Acting) -> None:
    assert Step.objects.filter(route_version__state="draft").count() == 0
    assert "A-RW" not in somebody.ask("W7Q3", "reroute")


def test_the_key_of_a_form_is_never_taken_from_the_address(somebody: Acting) -> None:
    assert "page:mine" not in somebody.ask("W7Q3", "bank", op_key="page:mine")
