"""What was taken back on its pages and in recalls, and holds that are planned for part of a lot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lots.domain.commands import AssemblyOrder, Build, Part
from lots.models import Event, FutureAction, Unit
from lots.services import assemble_units, correct_event
from operations.domain.recall_questions import Question
from operations.domain.words import Origin
from operations.services.recalls import open_case, refresh_case
from operations.tests.line import Line, command, step
from operations.tests.test_more_acts import Acting
from operations.tests.test_recalls import reached
from supplychain.base.errors import RefusedError

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody(line: Line, as_role: Callable[[str], Client]) -> Acting:
    return Acting(as_role("Administrator"))


def test_an_event_is_corrected_from_the_timeline(somebody: Acting) -> None:
    somebody.done("W7Q3", "move", to_step=step("A", "FAB").pk)
    page = somebody.client.get("/lots/W7Q3").content.decode()
    event = Event.objects.filter(lot__code="W7Q3").latest("seq")
    assert f"/lots/W7Q3/do/correct?event={event.pk}" in page
    assert f'value="{event.pk}" selected' in somebody.ask("W7Q3", "correct", event=event.pk)
    lot = somebody.done("W7Q3", "correct", event=event.pk, reason="wrong lot")
    assert lot.step.code == "START"
    page = somebody.client.get("/lots/W7Q3").content.decode()
    assert f"Taken back by seq {event.seq + 1}: it does not count." in page
    assert f"Takes back move, seq {event.seq}" in page
    assert f"/lots/W7Q3/do/correct?event={event.pk}" not in page


def spare_server(line: Line) -> tuple[Unit, Event]:
    """A server of four free chips of the line, SRV4-SPARE in lot SV09: the first of these, and

    the assembly.
    """
    chips = line.chip_lot.units.filter(state="good", parent_edges=None).order_by("id")[:4]
    parts = tuple(Part(chip.serial, f"C{place}") for place, chip in enumerate(chips))
    builds = (Build("SRV4-SPARE", parts),)
    order = AssemblyOrder("SV09", "TRN3-SRV4", "E", "SERVER", "ODM1", builds)
    return chips[0], assemble_units(order=order, command=command(1))


def test_an_assembly_taken_back_is_recalled_as_its_parts(
    line: Line,
) -> None:
    owner = User.objects.create_user("owner")
    chip, built = spare_server(line)
    server = Question(Origin.SERIALS, names=("SRV4-SPARE",))
    case = open_case(question=server, title="Bad underfill", reason="Voids", actor=owner)
    correct_event(event=built, command=command(0, reason="never built"))
    assert refresh_case(case=case).settled == 1
    assert case.items.get().settlement == "Taken back: it never was built or received so"
    with pytest.raises(RefusedError, match="nothing to recall"):
        open_case(question=server, title="Bad underfill", reason="Voids", actor=owner)
    assert reached(Question(Origin.SERIALS, names=(chip.serial,))) == {"wip": 1}


def test_a_hold_is_planned_for_a_part_of_the_lot(somebody: Acting) -> None:
    answers: dict[str, Any] = {
        "trigger": "arrives", "step": step("A", "CP1").pk, "future_verb": "hold",
        "hold_class": "engineering", "reason": "look at the edge", "wafers": "2, 3",
    }  # fmt: skip
    assert "hold of wafers 2, 3 when it arrives CP1" in somebody.preview("W7Q3", "plan", **answers)
    somebody.done("W7Q3", "plan", **answers)
    other = {**answers, "wafers": "4", "op_key": "page:anew"}
    assert somebody.act("W7Q3", "plan", **other).status_code == 302
    orders = FutureAction.objects.order_by("id").values_list("order", flat=True)
    assert [order["wafers"] for order in orders] == [[2, 3], [4]]


@pytest.mark.parametrize(
    ("verb", "part", "fault"),
    [
        ("bank", {"serials": "T3-26-00000"}, "Only a split or a hold takes a part"),
        ("hold", {"serials": "T3-26-00000", "bins": "3"}, "in one way, or nothing for the lot"),
        ("hold", {"bins": "3-5"}, "A hold stops one hard bin"),
        ("hold", {"bins": "3", "bin_kind": "soft"}, "A hold stops one hard bin"),
        ("split", {}, "Say what to split off, in one way"),
    ],
)
def test_a_part_that_cannot_be_planned_for_is_refused(
    somebody: Acting, verb: str, part: dict[str, str], fault: str
) -> None:
    answers: dict[str, Any] = {
        "trigger": "event", "on_verb": "amend", "future_verb": verb, "hold_class": "engineering",
        "reason": "look", **part,
    }  # fmt: skip
    assert fault in somebody.preview("AQ17", "plan", **answers)


def test_a_hold_is_planned_for_one_hard_bin(somebody: Acting) -> None:
    answers: dict[str, Any] = {
        "trigger": "event", "on_verb": "amend", "future_verb": "hold", "hold_class": "quality",
        "reason": "look", "bins": "77",
    }  # fmt: skip
    somebody.done("AQ17", "plan", **answers)
    order = {"hold_class": "quality", "bin_number": 77}
    assert FutureAction.objects.get().order == order
    assert "Planned in vain" in somebody.preview("AQ17", "amend", is_hot="on", purpose="production")


def test_an_assembly_is_taken_back_after_its_preview(somebody: Acting, line: Line) -> None:
    _, event = spare_server(line)
    answers = {"event": event.pk, "reason": "never built"}
    shown = somebody.preview("SV09", "correct", **answers)
    for words in (
        f"Event {event.seq}",
        "1 server good",
        "1 server withdrawn",
        "Lot AQ17",
        "0 servers",
    ):
        assert words in shown
    assert somebody.done("SV09", "correct", **answers).state == "withdrawn"
    page = somebody.client.get("/lots/SV09").content.decode()
    assert "Withdrawn" in page
    assert "/lots/SV09/do/move" not in page
    assert "Withdrawn" in somebody.client.get("/units/SRV4-SPARE").content.decode()
