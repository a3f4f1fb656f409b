"""The page of detectors and how far people agreed with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from operations.tests.line import Line
from quality.domain.discovery import Weighed
from quality.models import Issue
from quality.services import dismiss_issue, raise_findings
from quality.services.budget import weigh_up
from quality.tests.building import NOW, Figures, bare_lot, finding, person, raised, rule

pytestmark = pytest.mark.django_db


def test_a_new_line_has_no_issue_to_judge_by(line: Line, as_role: Callable[[str], Client]) -> None:
    text = as_role("Quality").get("/detectors?span=90").content.decode()
    assert "No issue was opened in this time." in text
    assert "Yield below" in text


def test_the_page_tells_shares_and_leads_to_the_issues(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    dismiss_issue(issue=raised(), actor=person(), reason="a trial")
    client = as_role("Quality")
    text = client.get("/detectors?span=all").content.decode()
    assert "No issue was opened" not in text
    assert "/issues?rule=yield-below-limit&amp;state=dismissed" in text
    assert (
        "Something" in client.get("/issues?rule=yield-below-limit&state=dismissed").content.decode()
    )
    assert "0.0 to 79.3" in text


def test_who_may_not_see_rules_is_turned_away(line: Line, as_role: Callable[[str], Client]) -> None:
    assert as_role("Finance").get("/detectors").status_code == 403


def flagged(code: str, p_value: float) -> Issue:
    """An issue of chance about a chip lot, its week weighed, one of two tests."""
    lot_steps = [
        Figures(passed=150, days=1).of(bare_lot(name)) for name in (code, f"{code}-BESIDE")
    ]
    found = finding(code, lot_id=lot_steps[0].lot_id, is_weighed=True, revision="1")
    raise_findings(rule=rule(), findings=[found], now=NOW)
    at = lot_steps[0].first_started_at
    assert at is not None
    weighed = [Weighed(lot_steps[0].pk, at, p_value, (found,)), Weighed(lot_steps[1].pk, at)]
    ids = [one.lot_id for one in lot_steps]
    weigh_up(judged={"yield-below-limit": ids}, weighed={"yield-below-limit": weighed}, now=NOW)
    return Issue.objects.get(cause_key=code)


def test_a_sure_issue_says_how_sure_and_is_acted_on(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    issue = flagged("LOW", 0.01)
    text = as_role("Quality").get(f"/issues/{issue.number}").content.decode()
    assert "at most 2.0 % are false" in text
    assert "2 tests, 1 flagged" in text
    assert "Acted on" in text
    assert "/detectors/budget" in text


def test_an_unsure_issue_stands_behind_the_others(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    sure, unsure = raised("a fact", title="A fact"), flagged("MAYBE", 0.03)
    client = as_role("Quality")
    text = client.get(f"/issues/{unsure.number}").content.decode()
    assert "at most 6.0 % are false" in text
    assert "For information" in text
    queue = client.get("/issues").content.decode()
    assert queue.index(sure.number) < queue.index(unsure.number)
    assert "for information" in queue
    assert "for information" in client.get("/").content.decode()


def test_the_budget_page_tells_what_each_week_spent(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    assert "Nothing has been weighed yet." in client.get("/detectors/budget").content.decode()
    flagged("LOW", 0.01)
    text = client.get("/detectors/budget").content.decode()
    assert "Budget: 5.0 % of what people are told of may be false" in text
    assert "2 Mar 2026" in text
    assert "0.0200" in text
    assert "no proof" in text
    assert as_role("Finance").get("/detectors/budget").status_code == 403


def test_the_budget_is_no_detector(line: Line, as_role: Callable[[str], Client]) -> None:
    text = as_role("Quality").get("/detectors?span=all").content.decode()
    assert text.count("False-discovery budget") == 0
    assert "/detectors/budget" in text
