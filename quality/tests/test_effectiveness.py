"""What came since an issue was resolved, and when it may be verified."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from quality.models import Issue
from quality.selectors.effectiveness import LOTS_SHOWN, effectiveness_of
from quality.services import (
    dismiss_issue,
    plan_issue,
    raise_findings,
    resolve_issue,
    verify_issue,
)
from quality.tests.building import NOW, T0, Figures, bare_lot, finding, person, raised, rule
from quality.tests.test_api import user_with
from supplychain.base.errors import RefusedError

pytestmark = pytest.mark.usefixtures("rules")
RESOLVED_AT = T0 + timedelta(days=10)
LATER = RESOLVED_AT + timedelta(days=30)


def resolved(**given: Any) -> Issue:
    lot = bare_lot("BAD")
    Figures(passed=150).of(lot)
    issue = raised("low:BAD", **{"lot_id": lot.pk, "step_id": lot.step_id, **given})
    resolve_issue(issue=issue, actor=person("ann"), note="new probe card", at=RESOLVED_AT)
    issue.refresh_from_db()
    return issue


def lot_on(day: float, passed: int = 190, code: str = "") -> Any:
    lot = bare_lot(code or f"L-{day:g}")
    Figures(passed=passed, days=day).of(lot)
    return lot


def found_on(lot: Any, cause_key: str, days: int = 20) -> Issue:
    again = finding(cause_key, lot_id=lot.pk, step_id=lot.step_id, revision=f"{lot.code} later")
    raise_findings(rule=rule(), findings=[again], now=RESOLVED_AT + timedelta(days=days))
    return Issue.objects.latest("pk")


def test_lots_first_tested_since_are_counted() -> None:
    issue = resolved()
    lot_on(9)
    lot_on(11, 180)
    lot_on(12, 190)
    found = effectiveness_of(issue)
    assert [(lot.code, lot.passed, lot.ratio) for lot in found.lots] == [
        ("L-12", 190, 0.95),
        ("L-11", 180, 0.9),
    ]
    assert (found.lot_count, found.tested, found.passed, found.ratio) == (2, 400, 370, 0.925)
    assert (found.since, list(found.found)) == (RESOLVED_AT, [])


def test_the_newest_lots_are_listed_and_all_counted() -> None:
    issue = resolved()
    for number in range(LOTS_SHOWN + 2):
        lot_on(11 + number)
    found = effectiveness_of(issue)
    assert (len(found.lots), found.lot_count) == (LOTS_SHOWN, LOTS_SHOWN + 2)


def test_the_same_rule_on_a_later_lot_is_told_beside_it() -> None:
    issue = resolved()
    again = found_on(lot_on(12, 120), "low:L-12")
    found_on(lot_on(3, 120), "low:L-3")
    found = effectiveness_of(issue)
    assert found.found == [again]
    assert [lot.found for lot in found.lots] == [(again.number,)]


def test_an_issue_is_told_on_every_lot_that_it_is_found_on_since() -> None:
    issue = resolved()
    before = found_on(lot_on(3, 120), "site 4", days=-1)
    for day in (12, 13):
        found_on(lot_on(day, 120), "site 4", days=day)
    lot_on(14)
    found = effectiveness_of(issue)
    assert found.found == [before]
    assert [lot.found for lot in found.lots] == [(), (before.number,), (before.number,)]


def test_an_issue_about_no_lot_tells_of_its_own_cause_alone() -> None:
    issue = resolved(lot_id=None, step_id=None)
    lot_on(12)
    found = effectiveness_of(issue)
    assert (found.has_series, found.lot_count, found.ratio) == (False, 0, None)


def test_of_an_issue_that_is_open_nothing_is_told(django_assert_num_queries: Any) -> None:
    issue = raised()
    with django_assert_num_queries(0):
        assert effectiveness_of(issue).since is None


def test_it_is_not_verified_before_the_day_of_its_check() -> None:
    issue, ben = resolved(), person("ben")
    plan_issue(issue=issue, actor=ben, check_on=date(2026, 4, 1))
    early = NOW.replace(month=3, day=31, hour=23)
    with pytest.raises(RefusedError, match="is due on 2026-04-01, with results of lots since"):
        verify_issue(issue=issue, actor=ben, note="gone", at=early)
    verify_issue(issue=issue, actor=ben, note="gone", at=early + timedelta(hours=1))
    issue.refresh_from_db()
    assert issue.state == "verified"


def test_what_was_found_again_has_not_stayed_away() -> None:
    issue, ben = resolved(), person("ben")
    again = found_on(lot_on(12), issue.cause_key)
    assert again.previous == issue
    with pytest.raises(RefusedError, match=f"found again since: {again.number}"):
        verify_issue(issue=issue, actor=ben, note="gone", at=LATER)
    dismiss_issue(issue=again, actor=ben, reason="a wrong file", at=LATER)
    verify_issue(issue=issue, actor=ben, note="gone", at=LATER)
    assert effectiveness_of(Issue.objects.get(pk=issue.pk)).found == []


def test_results_of_lots_are_not_told_to_who_sees_issues_alone() -> None:
    issue, client = resolved(), APIClient()
    client.force_login(user_with("view_issue"))
    answer = client.get(f"/api/v1/issues/{issue.number}/effectiveness")
    assert answer.status_code == 403
    assert "needs the right quality.view_yieldfigure" in answer.json()["detail"]


def test_the_api_tells_what_came_since_and_refuses_an_early_check() -> None:
    issue = resolved()
    again = found_on(lot_on(12, 120), "low:L-12")
    plan_issue(issue=issue, actor=person("cid"), check_on=date(2099, 1, 1))
    client = APIClient()
    client.force_login(user_with("view_issue", "view_yieldfigure", "verify_issue", name="ben"))
    told = client.get(f"/api/v1/issues/{issue.number}/effectiveness").json()
    assert (told["lot_count"], told["tested"], told["passed"]) == (1, 200, 120)
    assert told["lots"][0]["lot"] == "L-12"
    assert told["found"] == told["lots"][0]["found"] == [again.number]
    address = f"/api/v1/issues/{issue.number}/actions"
    refused = client.post(address, {"act": "verify", "note": "gone"}, format="json")
    assert refused.status_code == 422
    assert "is due on 2099-01-01" in refused.json()["detail"]
