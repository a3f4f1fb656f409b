"""What is planned about an issue, what is put off, and who says that it helped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission

from notices.models import Notice
from quality.domain.issue_life import IssueMoveError
from quality.models import Issue
from quality.selectors.issues import awake
from quality.selectors.series import SeriesKey, explained_lot_steps
from quality.services import (
    assign_issue,
    plan_issue,
    raise_findings,
    reopen_issue,
    resolve_issue,
    snooze_issue,
    verify_issue,
)
from quality.tests.building import NOW, bare_lot, finding, person, raised, rule
from supplychain.base.errors import ForbiddenError, MalformedError, RefusedError

pytestmark = pytest.mark.usefixtures("rules")


def test_a_plan_is_kept_and_written_down() -> None:
    issue = raised()
    event = plan_issue(
        issue=issue,
        actor=person(),
        containment=" tester T4 is down ",
        corrective_action="new probe card",
        check_on=date(2026, 4, 1),
    )
    issue.refresh_from_db()
    said = (issue.containment, issue.corrective_action, issue.check_on)
    assert said == ("tester T4 is down", "new probe card", date(2026, 4, 1))
    assert event.note == (
        "Containment: tester T4 is down\nCorrective action: new probe card\nCheck on 2026-04-01."
    )


def test_what_is_put_off_sleeps_until_then() -> None:
    issue = raised()
    until = NOW + timedelta(days=3)
    snooze_issue(issue=issue, actor=person(), until=until, reason="card is ordered", at=NOW)
    assert not Issue.objects.filter(awake(NOW)).exists()
    assert Issue.objects.filter(awake(until)).get() == issue


@pytest.mark.parametrize("days", [0, -1, 91])
def test_it_is_put_off_to_a_time_ahead_and_not_for_ever(days: int) -> None:
    with pytest.raises(MalformedError, match="within 90 days"):
        snooze_issue(
            issue=raised(), actor=person(), until=NOW + timedelta(days=days), reason="x", at=NOW
        )


def test_who_resolved_it_does_not_verify_it() -> None:
    ann, ben, issue = person("ann"), person("ben"), raised()
    with pytest.raises(IssueMoveError):
        verify_issue(issue=issue, actor=ben, note="gone")
    resolve_issue(issue=issue, actor=ann, note="replaced", cause="worn card", at=NOW)
    with pytest.raises(ForbiddenError, match="Someone else must verify"):
        verify_issue(issue=issue, actor=ann, note="gone")
    verify_issue(issue=issue, actor=ben, note="20 lots without it", at=NOW + timedelta(days=9))
    issue.refresh_from_db()
    assert (issue.state, issue.closed_by, issue.closed_at) == ("verified", ann, NOW)
    with pytest.raises(RefusedError, match="nothing to put off"):
        snooze_issue(issue=issue, actor=ann, until=NOW, reason="x")


def test_a_verified_cause_still_leaves_the_baselines_and_comes_back_with_new_facts() -> None:
    lot = bare_lot("A-1")
    issue = raised(lot_id=lot.pk, step_id=lot.step_id)
    resolve_issue(issue=issue, actor=person("ann"), note="replaced", cause="worn card")
    verify_issue(issue=issue, actor=person("ben"), note="gone")
    key = SeriesKey(lot.product_id, lot.step.code)
    explained_lot_steps(key)
    assert Issue.objects.filter(state="verified", cause="worn card").exists()
    found = finding(issue.cause_key, lot_id=lot.pk, revision="results 2")
    (again,) = raise_findings(rule=rule(), findings=[found], now=NOW + timedelta(days=30))
    assert again.previous == issue


def test_reopening_wakes_it() -> None:
    ann, issue = person(), raised()
    snooze_issue(issue=issue, actor=ann, until=NOW + timedelta(days=9), reason="later", at=NOW)
    resolve_issue(issue=issue, actor=ann, note="done")
    reopen_issue(issue=issue, actor=ann, reason="not done")
    assert Issue.objects.filter(awake(NOW)).exists()


def test_people_are_told_of_what_is_found_and_of_what_is_theirs() -> None:
    ann, ben = person("ann"), person("ben")
    issue = raised(title="Yield of A-1 is low")
    assign_issue(issue=issue, owner=ben, actor=ann)
    assign_issue(issue=issue, owner=ann, actor=ann)
    found = list(Notice.objects.order_by("id").values_list("kind", "subject", "recipient"))
    assert found == [
        ("issue.opened", "Q-000001 Yield of A-1 is low", None),
        ("issue.assigned", "Q-000001 Assigned to you: Yield of A-1 is low", ben.pk),
    ]
    notice = Notice.objects.earliest("id")
    assert (notice.address, notice.right) == ("/issues/Q-000001", "quality.view_issue")
    assert Permission.objects.filter(codename="view_issue").exists()
