"""Home in the morning: what is new, what got worse, and what waits for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from finance.models import CostVersion
from operations.selectors.morning import morning, waiting_for_me
from operations.tests.line import Line
from quality.domain.findings import Evidence, Finding
from quality.models import Issue
from quality.services import assign_issue, plan_issue, raise_findings, resolve_issue

pytestmark = pytest.mark.django_db

BOOKS = {
    "to_cost",
    "to_rule",
    "to_stage",
    "to_depreciate",
    "to_invoice",
    "to_revalue",
    "to_write_down",
}

AsRole = Callable[[str], Client]


def issue(number: int = 1) -> Issue:
    return Issue.objects.get(number=f"Q-{number:06d}")


def find_again(row: Issue) -> None:
    facts = Finding(row.cause_key, row.title, Evidence("count", value=2), revision="later")
    raise_findings(rule=row.rule, findings=[facts], now=timezone.now())


def numbers(seen: object) -> list[str]:
    return [one.issue.number for one in seen]  # type: ignore[attr-defined]


def test_what_is_new_stands_before_what_was_open_for_longer(line: Line) -> None:
    quiet = morning(timezone.now(), 1)
    assert quiet.is_quiet
    assert numbers(quiet.rest) == ["Q-000001", "Q-000002"]
    facts = Finding("fresh", "Fresh", Evidence("count", value=1))
    raise_findings(rule=issue().rule, findings=[facts], now=timezone.now())
    found = morning(timezone.now(), 1)
    assert (numbers(found.new), found.new_count) == (["Q-000003"], 1)
    assert numbers(found.rest) == ["Q-000001", "Q-000002"]


def test_what_was_found_again_got_worse(line: Line, as_role: AsRole) -> None:
    find_again(issue(2))
    found = morning(timezone.now(), 1)
    assert numbers(found.worse) == ["Q-000002"]
    assert found.worse[0].words == "found again"
    assert numbers(found.rest) == ["Q-000001"]
    text = as_role("Quality").get("/").content.decode()
    assert "Got worse" in text
    assert "found again" in text
    later = timezone.now() + timedelta(days=2)
    assert morning(later, 1).is_quiet
    assert not morning(later, 3).is_quiet


def test_a_quiet_morning_says_so_and_other_spans_are_offered(line: Line, as_role: AsRole) -> None:
    client = as_role("Quality")
    text = client.get("/?days=7").content.decode()
    assert "nothing new, and nothing got worse" in text
    assert "<strong>In a week</strong>" in text
    assert "<strong>Since yesterday</strong>" in client.get("/?days=x").content.decode()


def test_my_issues_wait_for_me_and_overdue_ones_first(line: Line, as_role: AsRole) -> None:
    client = as_role("Quality")
    assert "Nothing waits for you" in client.get("/").content.decode()
    me = User.objects.get(username="quality")
    today = timezone.now().date()
    assign_issue(issue=issue(), owner=me, actor=me, due_on=today - timedelta(days=1))
    found = waiting_for_me(me, timezone.now())
    assert (found["overdue"].count, found["own"].count) == (1, 1)
    text = client.get("/").content.decode()
    assert "1 issue of mine is overdue" in text
    assert text.index("is overdue") < text.index("1 open issue is mine")
    assert "Q-000001" in client.get("/issues?owner=me&state=overdue").content.decode()


def test_what_i_resolved_waits_for_somebody_else(line: Line, as_role: AsRole) -> None:
    as_role("Quality")
    me, other = User.objects.get(username="quality"), User.objects.create_superuser("other")
    plan_issue(issue=issue(), actor=me, check_on=timezone.now().date())
    resolve_issue(issue=issue(), actor=me, note="new card")
    assert waiting_for_me(me, timezone.now())["to_check"].count == 0
    assert waiting_for_me(other, timezone.now())["to_check"].count == 1


def test_errands_follow_rights(line: Line, as_role: AsRole) -> None:
    as_role("Finance")
    names = set(waiting_for_me(User.objects.get(username="finance"), timezone.now()))
    assert names - BOOKS == {"overdue", "own", "to_sign"}
    assert names >= BOOKS
    assert waiting_for_me(User.objects.create_user("nobody"), timezone.now()) == {}


def test_draft_costs_wait_for_somebody_else(line: Line, as_role: AsRole) -> None:
    client = as_role("Finance")
    me, other = User.objects.get(username="finance"), User.objects.create_superuser("other")
    CostVersion.objects.create(code="STD-X", effective_on="2027-01-01", prepared_by=other)
    assert "1 version of standard costs waits for approval" in client.get("/").content.decode()
    assert waiting_for_me(other, timezone.now())["to_cost"].count == 0
    assert waiting_for_me(me, timezone.now())["to_cost"].count == 1
