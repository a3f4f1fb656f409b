"""Working on issues: one by one and several at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from operations.tests.line import Line
from quality.domain.findings import Evidence, Finding
from quality.models import Issue
from quality.services import raise_findings

pytestmark = pytest.mark.django_db


def issue(number: int = 1) -> Issue:
    return Issue.objects.select_related("owner").get(number=f"Q-{number:06d}")


def test_assigning_to_myself_takes_one_click(line: Line, as_role: Callable[[str], Client]) -> None:
    answer = as_role("Quality").post("/issues/Q-000001/take")
    assert answer["Location"] == "/issues/Q-000001"
    assert str(issue().owner) == "quality"


def test_an_issue_goes_through_its_life(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    client.post("/issues/Q-000001/acknowledge", {"note": "seen"})
    client.post("/issues/Q-000001/investigate", {"note": ""})
    client.post("/issues/Q-000001/comment", {"note": "probe card worn"})
    client.post("/issues/Q-000001/resolve", {"note": "replaced", "cause": "worn card"})
    assert (issue().state, issue().cause) == ("resolved", "worn card")
    text = client.get("/issues/Q-000001").content.decode()
    assert "probe card worn" in text
    assert "replaced" in text
    client.post("/issues/Q-000001/reopen", {"reason": "back again"})
    assert issue().state == "open"


def test_an_issue_shows_what_was_found_of_one_like_it(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    assert "No issue before had this cause" in client.get("/issues/Q-000001").content.decode()
    client.post("/issues/Q-000001/resolve", {"note": "replaced", "cause": "worn card"})
    first = issue()
    again = Finding(
        first.cause_key,
        "Back again",
        Evidence("first-yield"),
        lot_id=first.lot_id,
        step_id=first.step_id,
        revision="later",
    )
    raise_findings(rule=first.rule, findings=[again], now=timezone.now())
    latest = Issue.objects.latest("pk").number
    text = client.get(f"/issues/{latest}").content.decode()
    assert "In common: the same cause, the same rule" in text
    assert "Cause: worn card" in text
    assert "Resolved: replaced" in text


def test_an_issue_is_assigned_to_somebody_else(
    line: Line, as_role: Callable[[str], Client], person: Callable[[str], User]
) -> None:
    other, client = person("Test engineer"), as_role("Quality")
    assert client.get("/issues/Q-000001/assign").context["act"].icon
    client.post("/issues/Q-000001/assign", {"owner": other.pk, "note": ""})
    assert issue().owner == other


def test_dismissing_needs_a_reason(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    assert "This field is required" in client.post("/issues/Q-000001/dismiss").content.decode()
    client.post("/issues/Q-000001/dismiss", {"reason": "known lot"})
    assert issue().state == "dismissed"


def test_several_are_done_together_or_not_at_all(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    ids = [issue(1).pk, issue(2).pk]
    assert "2 issues" in client.get("/issues/do/acknowledge", {"pick": ids}).content.decode()
    answer = client.post("/issues/do/acknowledge", {"pick": ids, "note": ""})
    assert answer["Location"] == "/issues"
    answer = client.post("/issues/do/acknowledge", {"pick": ids, "note": ""})
    assert answer.status_code == 422
    assert {issue(1).state, issue(2).state} == {"acknowledged"}


def test_an_issue_in_another_state_is_named_before(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    client.post("/issues/Q-000001/dismiss", {"reason": "known lot"})
    assert "Q-000001 is dismissed" in client.get("/issues/Q-000001/resolve").content.decode()


def test_nothing_picked_and_unknown_acts_are_said(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    assert client.get("/issues/do/resolve").status_code == 404
    assert client.get("/issues/do/vanish", {"pick": issue().pk}).status_code == 404


def test_the_list_hands_picked_issues_over(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    for act in ("acknowledge", "assign", "resolve", "dismiss"):
        data = {"action": act, "_selected_action": [issue().pk]}
        answer = client.post("/admin/quality/issue/", data)
        assert answer["Location"] == f"/issues/do/{act}?pick={issue().pk}"


@pytest.mark.parametrize("act", ["take", "resolve", "dismiss", "reopen"])
def test_an_operator_may_look_and_acknowledge_but_not_decide(
    act: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Operator")
    assert client.post(f"/issues/Q-000001/{act}").status_code == 403
    text = client.get("/issues/Q-000001").content.decode()
    assert "Acknowledge" in text
    assert "Dismiss" not in text


def test_an_auditor_sees_no_button(line: Line, as_role: Callable[[str], Client]) -> None:
    text = as_role("Auditor").get("/issues/Q-000001").content.decode()
    assert "Add a note" not in text
    assert "Acknowledge" not in text
    assert User.objects.filter(username="auditor").exists()


def test_an_issue_is_planned_put_off_and_verified(
    line: Line, as_role: Callable[[str], Client], person: Callable[[str], User]
) -> None:
    client = as_role("Quality")
    client.post("/issues/Q-000001/plan", {"containment": "T4 is down", "check_on": "2020-01-01"})
    assert "T4 is down" in client.get("/issues/Q-000001/plan").content.decode()
    until = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    client.post("/issues/Q-000001/snooze", {"until": until, "reason": "card ordered"})
    client.get("/issues")  # tells that it is done
    assert "Q-000001" not in client.get("/issues").content.decode()
    assert "Q-000001" in client.get("/issues?state=snoozed").content.decode()
    assert "Snoozed until" in client.get("/issues/Q-000001").content.decode()
    client.post("/issues/Q-000001/resolve", {"note": "replaced", "cause": "worn card"})
    assert "Q-000001" in client.get("/issues?state=to-check").content.decode()
    refused = client.post("/issues/Q-000001/verify", {"note": "gone"})
    assert "Someone else must verify" in refused.content.decode()
    other = as_role("Administrator")
    other.post("/issues/Q-000001/verify", {"note": "20 lots without it"})
    assert issue().state == "verified"
    assert "nothing shows yet whether it helped" in other.get("/issues/Q-000001").content.decode()
    assert "T4 is down" in other.get("/issues/Q-000001").content.decode()
