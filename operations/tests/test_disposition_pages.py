"""Material review on pages: who sees what, and each step with its preview."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lots.domain.commands import HoldOrder
from lots.domain.words import HoldClass, Source, UnitOfMeasure
from lots.models import Lot
from lots.services import hold_lot, move_lot, release_hold
from lots.tests.making import command
from operations.forms.dispositions import RetestForm
from operations.tests.line import Line, step
from quality.domain.words import DispositionKind
from quality.models import Disposition, Issue
from quality.tests.deciding import hold_for, hold_wafers, open_reasons

pytestmark = pytest.mark.django_db

PEOPLE = ["Quality", "Test engineer", "Finance", "Operator", "Auditor"]


@pytest.fixture
def people(line: Line, person: Callable[[str], User]) -> dict[str, Client]:
    """A client for each role, and Ann of Quality, who proposes."""
    clients = {}
    for role in PEOPLE:
        clients[role] = Client()
        clients[role].force_login(person(role))
    ann = User.objects.create_user("ann", is_staff=True)
    ann.groups.set(User.objects.get(username="quality").groups.all())
    clients["Ann"] = Client()
    clients["Ann"].force_login(ann)
    return clients


def held(line: Line, *wafers: int) -> Lot:
    lot = line.issue.lot
    assert lot is not None
    _ = hold_wafers(line.issue, lot, *wafers) if wafers else hold_for(line.issue, lot)
    return lot


def page_of(client: Client, path: str = "/issues/Q-000001") -> str:
    return client.get(path).content.decode()


def propose(client: Client, kind: str = "scrap", go: str = "do", **answers: Any) -> Any:
    said = {"lot": "W7Q2", "op_key": "page:1", "reason": "edge ring", "go": go, **answers}
    return client.post(f"/issues/Q-000001/propose/{kind}", said)


def proposed(client: Client, kind: str = "scrap", **answers: Any) -> Disposition:
    answer = propose(client, kind, **answers)
    assert answer.status_code == 302, answer.content.decode()
    return Disposition.objects.get()


def act(client: Client, row: Disposition, name: str, words: str = "") -> Any:
    address = f"/dispositions/{row.number}/{name}"
    return client.post(address, {"op_key": f"page:{name}:{id(client)}", "words": words})


def test_panel_says_that_nothing_is_held_and_offers_to_hold(people: dict[str, Client]) -> None:
    text = page_of(people["Quality"])
    assert "Material is decided on while it is held" in text
    wanted = "/lots/W7Q2/do/hold?hold_class=quality&amp;hold_reason=Q-000001%20Final%20yield"
    assert wanted in text
    form = page_of(people["Quality"], "/lots/W7Q2/do/hold?hold_reason=Q-000001%20x")
    assert 'value="Q-000001 x"' in form


def hold(client: Client, reason: str, asked: str = "") -> str:
    """Where a client who holds the issue's lot lands."""
    form = {"hold_class": "quality", "hold_reason": reason, "scope": "lot", "op_key": "page:9"}
    answer = client.post(f"/lots/W7Q2/do/hold?hold_reason={asked}", {**form, "go": "do"})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_hold_for_an_issue_leads_back_to_what_becomes_of_the_lot(people: dict[str, Client]) -> None:
    address = hold(people["Quality"], "Q-000001 edge ring", "Q-000001 edge ring")
    assert address == "/issues/Q-000001#dispositions"
    assert "What becomes of it?" in page_of(people["Quality"], address)
    lot_page = page_of(people["Quality"], "/lots/W7Q2")
    assert 'href="/issues/Q-000001#dispositions">Decide on it at Q-000001' in lot_page


@pytest.mark.parametrize("reason", ["Edge ring", "Q-999999 no such issue"])
def test_hold_for_no_issue_leads_to_the_lot(people: dict[str, Client], reason: str) -> None:
    assert hold(people["Quality"], reason, "Q-000001") == "/lots/W7Q2"


def timeline(client: Client) -> str:
    return page_of(client).partition('<ol class="sc-timeline')[2].partition("</ol>")[0]


def test_history_tells_the_holds_that_people_placed_and_lifted(
    line: Line, people: dict[str, Client]
) -> None:
    lot = held(line, 1, 2)
    placed, before = timeline(people["Auditor"]), line.issue.events.count()
    assert placed.count("Wafers of lot W7Q2: on hold.") == 1
    release_hold(hold=lot.holds.latest("id"), disposition="edge dies only", command=command())
    lifted = timeline(people["Auditor"])
    assert lifted.index("edge dies only") < lifted.index("on hold.")
    assert lifted.count("<li>") == before + 2


def test_history_leaves_a_rule_to_tell_its_own_holds(line: Line, people: dict[str, Client]) -> None:
    assert line.issue.lot is not None
    order = HoldOrder(HoldClass.QUALITY, "Q-000001 by its rule")
    hold_lot(lot=line.issue.lot, order=order, command=replace(command(), source=Source.RULE))
    assert "on hold" not in timeline(people["Auditor"])


def test_history_tells_no_hold_for_something_else(line: Line, people: dict[str, Client]) -> None:
    lot = line.issue.lot
    assert lot is not None
    order = HoldOrder(HoldClass.ENGINEERING, "marks look odd")
    hold_lot(lot=lot, order=order, command=command())
    assert "marks look odd" in page_of(people["Auditor"])
    assert "on hold" not in timeline(people["Auditor"])


def test_panel_says_that_the_lot_is_on_hold_for_something_else(people: dict[str, Client]) -> None:
    hold(people["Quality"], "Chamber out of control")
    text = page_of(people["Quality"])
    assert (
        "is on hold already, for something else: Edge ring at CP1; Chamber out of control." in text
    )
    assert "/lots/W7Q2/do/hold?" in text


def test_reason_of_a_long_title_fits_its_field(people: dict[str, Client]) -> None:
    Issue.objects.filter(number="Q-000001").update(title="W7Q2 " * 40)
    text = page_of(people["Quality"])
    (asked,) = re.findall(r"hold_reason=([^\"]*)", text)
    assert len(unquote(asked)) == 200


def test_panel_leads_to_what_a_recall_of_the_lot_reaches(people: dict[str, Client]) -> None:
    text = page_of(people["Quality"])
    assert "/recalls/new?origin=lot&amp;names=W7Q2" in text


def test_panel_offers_every_kind_for_a_held_lot(line: Line, people: dict[str, Client]) -> None:
    held(line)
    text = page_of(people["Quality"])
    for kind in DispositionKind:
        assert f"/issues/Q-000001/propose/{kind}?lot=W7Q2" in text


def test_auditor_sees_the_panel_and_can_do_nothing(line: Line, people: dict[str, Client]) -> None:
    held(line)
    row = proposed(people["Ann"])
    text = page_of(people["Auditor"])
    assert row.number in text
    assert f"/dispositions/{row.number}/" not in text
    assert "/propose/" not in text
    for name in ("sign", "refuse", "carry-out", "withdraw"):
        assert act(people["Auditor"], row, name).status_code == 403
    assert people["Auditor"].get("/issues/Q-000001/propose/scrap?lot=W7Q2").status_code == 403


def test_proposal_shows_what_would_change_and_who_signs(
    line: Line, people: dict[str, Client]
) -> None:
    lot = held(line)
    text = propose(people["Ann"], go="try").content.decode()
    assert re.search(r"State</td><td>Active</td><td><strong>Scrapped", text)
    assert "<strong>Quality, Finance</strong>" in text
    assert Disposition.objects.count() == 0
    assert Lot.objects.get(pk=lot.pk).quantity == 3


def test_second_click_proposes_once(line: Line, people: dict[str, Client]) -> None:
    held(line)
    assert propose(people["Ann"])["Location"] == "/issues/Q-000001#dispositions"
    assert propose(people["Ann"])["Location"] == "/issues/Q-000001#dispositions"
    assert Disposition.objects.count() == 1


def test_refusal_comes_before_anyone_agrees(line: Line, people: dict[str, Client]) -> None:
    answer = propose(people["Ann"], go="try")
    assert answer.status_code == 422
    assert "Lot W7Q2 is not on hold for Q-000001" in answer.content.decode()


def test_wafers_are_named_as_people_write_them(line: Line, people: dict[str, Client]) -> None:
    held(line, 1, 2)
    assert proposed(people["Ann"], wafers="1-2").wafers == [1, 2]


def test_unknown_kind_act_and_lot_are_said(line: Line, people: dict[str, Client]) -> None:
    held(line)
    row = proposed(people["Ann"])
    for address in [
        "/issues/Q-000001/propose/burn?lot=W7Q2",
        "/issues/Q-000001/propose/scrap",
        "/issues/Q-000001/propose/scrap?lot=NO",
        f"/dispositions/{row.number}/burn",
        "/dispositions/D-999999/sign",
    ]:
        assert people["Quality"].get(address).status_code == 404


def test_only_who_could_sign_is_offered_it(line: Line, people: dict[str, Client]) -> None:
    held(line)
    row = proposed(people["Ann"])
    sign = f"/dispositions/{row.number}/sign"
    assert sign in page_of(people["Quality"])
    assert sign in page_of(people["Finance"])
    for other in ("Ann", "Test engineer", "Operator", "Auditor"):
        assert sign not in page_of(people[other])
    assert act(people["Ann"], row, "sign").status_code == 403


def test_signature_page_shows_what_carrying_out_would_change(
    line: Line, people: dict[str, Client]
) -> None:
    held(line)
    row = proposed(people["Ann"])
    text = page_of(people["Quality"], f"/dispositions/{row.number}/sign")
    assert "What would change" in text
    assert "edge ring" in text


def test_signature_page_says_when_the_lot_moved(line: Line, people: dict[str, Client]) -> None:
    lot = held(line)
    row = proposed(people["Ann"])
    back = command(hours=24 * 400, reason="back")
    move_lot(lot=lot, to_step=step("A", "BUMP"), command=back)
    text = page_of(people["Quality"], f"/dispositions/{row.number}/sign")
    assert "step was CP1, is BUMP" in text


def test_two_sign_and_it_is_carried_out(line: Line, people: dict[str, Client]) -> None:
    lot = held(line)
    row = proposed(people["Ann"])
    act(people["Quality"], row, "sign", "seen the map")
    assert f"/dispositions/{row.number}/carry-out" not in page_of(people["Quality"])
    act(people["Finance"], row, "sign")
    assert f"/dispositions/{row.number}/carry-out" in page_of(people["Quality"])
    for _ in range(2):  # the second click gets the first answer
        answer = act(people["Quality"], row, "carry-out")
        assert answer["Location"] == "/issues/Q-000001#dispositions"
    assert Lot.objects.get(pk=lot.pk).state == "scrapped"
    assert open_reasons(lot) == ["Edge ring at CP1"]
    text = page_of(people["Quality"])
    assert "seen the map" in text
    assert "Carried out" in text
    assert "Q-000001 D-" in page_of(people["Quality"], "/lots/W7Q2")


def test_who_is_asked_to_sign_may_refuse_there(line: Line, people: dict[str, Client]) -> None:
    held(line)
    row = proposed(people["Ann"])
    text = page_of(people["Quality"], f"/dispositions/{row.number}/sign")
    assert f'href="/dispositions/{row.number}/refuse">Refuse it instead' in text


def test_refusal_needs_a_reason_and_is_shown(line: Line, people: dict[str, Client]) -> None:
    held(line)
    row = proposed(people["Ann"])
    assert "This field is required" in act(people["Quality"], row, "refuse").content.decode()
    act(people["Quality"], row, "refuse", "retest first")
    assert "Refused by quality" in page_of(people["Ann"])
    assert "/propose/retest" in page_of(people["Ann"])


def test_proposer_withdraws(line: Line, people: dict[str, Client]) -> None:
    held(line)
    row = proposed(people["Ann"])
    act(people["Ann"], row, "withdraw", "typing error")
    row.refresh_from_db()
    assert (row.state, row.end_note) == ("withdrawn", "typing error")


def test_issue_page_says_why_it_cannot_be_resolved(line: Line, people: dict[str, Client]) -> None:
    held(line)
    row = proposed(people["Ann"])
    answer = people["Quality"].post("/issues/Q-000001/resolve", {"note": "done", "cause": ""})
    assert answer.status_code == 422
    assert f"not carried out: {row.number}" in answer.content.decode()


def test_retest_names_a_test_behind(line: Line, people: dict[str, Client]) -> None:
    held(line)
    row = proposed(people["Ann"], "retest", step=step("A", "CP1").pk)
    assert row.details == {"step": "CP1"}
    for ahead_or_no_test in ("CP2", "BUMP"):
        answer = propose(people["Ann"], "retest", step=step("A", ahead_or_no_test).pk)
        assert "Select a valid choice" in answer.content.decode()


def test_retest_of_units_offers_no_sort_and_says_where_there_is_none(
    line: Line, people: dict[str, Client]
) -> None:
    lot = line.chip_lot
    hold_for(line.issue, lot)
    told = propose(people["Ann"], "retest", lot=lot.code, step=step("A", "CP1").pk)
    assert "Select a valid choice" in told.content.decode()
    Lot.objects.filter(pk=lot.pk).update(step=step("A", "START"))
    lot.refresh_from_db()
    words = RetestForm(kind=DispositionKind.RETEST, lot=lot).as_p()
    assert "no test behind it yet" in words


def test_rework_names_route_step_and_reason(line: Line, people: dict[str, Client]) -> None:
    held(line)
    answers = {
        "at_step": step("A-RW", "RW-IN").pk,
        "return_step": step("A", "CP1").pk,
        "reason_code": "contact",
    }
    assert proposed(people["Ann"], "rework", **answers).details == {
        "route": "A-RW",
        "step": "RW-IN",
        "return_step": "CP1",
        "reason_code": "contact",
    }


def test_return_names_the_vendor(line: Line, people: dict[str, Client]) -> None:
    lot = held(line)
    to = Lot.objects.exclude(custodian=lot.custodian_id).first()
    assert to is not None
    row = proposed(people["Ann"], "return-to-vendor", to=to.custodian_id)
    assert row.details == {"to": to.custodian.code}


def test_units_are_decided_on_by_serial(line: Line, people: dict[str, Client]) -> None:
    lot = line.chip_lot
    assert lot.unit_of_measure == UnitOfMeasure.PACKAGE
    hold_for(line.issue, lot)
    serial = lot.units.order_by("-id").first().serial  # type: ignore[union-attr]
    row = proposed(people["Ann"], lot=lot.code, serials=serial)
    assert (row.serials, row.quantity) == ([serial], 1)


def test_list_shows_what_waits_for_me_and_what_else_is_open(
    line: Line, people: dict[str, Client]
) -> None:
    held(line)
    assert "Nothing waits for your signature" in page_of(people["Quality"], "/dispositions")
    row = proposed(people["Ann"])
    assert f"/dispositions/{row.number}/sign" in page_of(people["Quality"], "/dispositions")
    text = page_of(people["Ann"], "/dispositions")
    assert "Nothing waits for your signature" in text
    assert "Not carried out yet" in text


def test_home_leads_to_the_list_for_those_who_sign(line: Line, people: dict[str, Client]) -> None:
    held(line)
    proposed(people["Ann"])
    counted = r'Waiting for my signature</dt>\s*<dd>\s*<a href="/dispositions">1</a>'
    assert re.search(counted, page_of(people["Finance"], "/"))
    assert "Waiting for my signature" not in page_of(people["Operator"], "/")
