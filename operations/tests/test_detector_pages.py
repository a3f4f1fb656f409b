"""The page of detectors and how far people agreed with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from operations.tests.line import Line
from quality.services import dismiss_issue
from quality.tests.building import person, raised

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
