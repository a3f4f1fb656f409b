"""Issues: one open for each cause, and what people do with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError
from pytest_django import DjangoAssertNumQueries

from lots.models import Lot, Product
from notices.domain.words import Severity
from quality.domain.issue_life import IssueMoveError
from quality.domain.words import IssueEventKind, IssueState
from quality.models import Issue, IssueCounter, IssueEvent, LedgerCursor, PendingReview, YieldLimit
from quality.selectors import open_issues
from quality.services import (
    acknowledge_issue,
    assign_issue,
    clear_causes,
    comment_issue,
    dismiss_issue,
    investigate_issue,
    raise_findings,
    reopen_issue,
    resolve_issue,
)
from quality.services.history import Act, write_act
from quality.tests.building import NOW, bare_lot, finding, person, raised, rule
from supplychain.base.errors import MalformedError, RefusedError

pytestmark = pytest.mark.usefixtures("rules")


def find_again(issue: Issue, **given: object) -> list[Issue]:
    found = finding(issue.cause_key, **given)
    return raise_findings(rule=issue.rule, findings=[found], now=NOW + timedelta(hours=1))


def kinds(issue: Issue) -> list[str]:
    return list(issue.events.values_list("kind", flat=True))


def test_finding_becomes_an_issue_with_number_and_history() -> None:
    issue = raised()
    assert issue.number == "Q-000001"
    assert issue.state == IssueState.OPEN
    assert issue.evidence == {"rule": "yield-below-limit", "statistic": "count", "value": 1}
    assert kinds(issue) == ["opened"]


def test_numbers_follow_each_other() -> None:
    assert [raised("a").number, raised("b").number] == ["Q-000001", "Q-000002"]


def test_same_cause_again_raises_nothing() -> None:
    issue = raised()
    assert find_again(issue) == []
    assert Issue.objects.count() == 1
    assert kinds(issue) == ["opened"]


def test_same_cause_twice_in_one_batch_is_one_issue() -> None:
    found = raise_findings(rule=rule(), findings=[finding(), finding()], now=NOW)
    assert len(found) == 1
    assert Issue.objects.count() == 1


def test_same_causes_again_cost_one_update(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    causes = [finding(f"cause {number}") for number in range(20)]
    raise_findings(rule=rule(), findings=causes, now=NOW)
    later = NOW + timedelta(hours=1)
    with django_assert_max_num_queries(12):
        raise_findings(rule=rule(), findings=causes, now=later)
    assert set(Issue.objects.values_list("found_at", "is_found")) == {(later, True)}


def test_new_facts_are_added_to_the_open_issue() -> None:
    issue = raised(revision="results 1")
    assert find_again(issue, revision="results 2") == []
    assert kinds(issue) == ["opened", "found-again"]


def test_facts_seen_before_are_no_news() -> None:
    issue = raised(revision="results 1")
    for revision in ["results 2", "results 1", "results 2"]:
        find_again(issue, revision=revision)
    assert kinds(issue) == ["opened", "found-again"]


def test_cause_that_a_person_closed_stays_closed_on_the_same_facts() -> None:
    issue = raised(revision="results 1")
    dismiss_issue(issue=issue, actor=person(), reason="known split lot")
    assert find_again(issue, revision="results 1") == []


def test_cause_that_a_person_closed_comes_back_with_new_facts() -> None:
    issue = raised(revision="results 1")
    dismiss_issue(issue=issue, actor=person(), reason="known split lot")
    (new,) = find_again(issue, revision="results 2")
    assert new.number == "Q-000002"
    assert new.previous == issue


def test_cleared_issue_that_nobody_took_up_resolves_itself() -> None:
    issue = raised()
    clear_causes(rule=issue.rule, issues=[issue], now=NOW)
    issue.refresh_from_db()
    assert issue.state == IssueState.RESOLVED
    assert issue.closed_by is None
    assert kinds(issue) == ["opened", "cleared", "resolved"]


def test_cleared_issue_that_somebody_has_seen_stays_with_them() -> None:
    issue = raised()
    acknowledge_issue(issue=issue, actor=person())
    clear_causes(rule=issue.rule, issues=[issue], now=NOW)
    issue.refresh_from_db()
    assert issue.state == IssueState.ACKNOWLEDGED
    assert issue.cleared_at == NOW


def test_clearing_twice_is_written_once() -> None:
    issue = raised()
    acknowledge_issue(issue=issue, actor=person())
    clear_causes(rule=issue.rule, issues=[issue], now=NOW)
    clear_causes(rule=issue.rule, issues=[issue], now=NOW)
    assert kinds(issue).count(IssueEventKind.CLEARED) == 1


def test_cause_that_had_cleared_by_itself_opens_under_its_old_number() -> None:
    issue = raised()
    clear_causes(rule=issue.rule, issues=[issue], now=NOW)
    (again,) = find_again(issue)
    assert again.number == issue.number
    assert again.state == IssueState.OPEN
    assert again.closed_at is None
    assert kinds(again)[-1] == IssueEventKind.REOPENED


def test_cleared_issue_in_hand_that_is_found_again_says_so() -> None:
    issue = raised()
    acknowledge_issue(issue=issue, actor=person())
    clear_causes(rule=issue.rule, issues=[issue], now=NOW)
    assert find_again(issue) == []
    issue.refresh_from_db()
    assert issue.cleared_at is None
    assert kinds(issue)[-1] == IssueEventKind.FOUND_AGAIN


def test_open_issues_come_worst_first_then_oldest() -> None:
    lot = bare_lot("A-1")
    minor = raised("a", severity=Severity.MINOR)
    first = raised("b", severity=Severity.CRITICAL)
    second = raised("c", severity=Severity.CRITICAL, lot_id=lot.pk)
    dismiss_issue(issue=raised("d"), actor=person(), reason="known")
    assert list(open_issues()) == [first, second, minor]
    assert list(open_issues(lot)) == [second]


def test_rows_name_themselves_in_the_trades_words() -> None:
    issue = raised()
    limit = YieldLimit(product=Product(code="TRN3"), step_code="SLT", statistic="final-yield")
    assert str(issue) == "Q-000001 Something"
    assert str(issue.events.get()) == "Q-000001: opened"
    assert str(issue.rule) == "yield-below-limit"
    assert str(limit) == "TRN3 SLT final-yield"
    assert str(IssueCounter.objects.get()) == "issue at 1"
    assert str(LedgerCursor(name="reviews", seq=7)) == "reviews at 7"
    assert str(PendingReview(lot=Lot(code="A-1"), due_at=NOW)).startswith("A-1 from 2026")


def test_acknowledging_takes_the_issue() -> None:
    issue, actor = raised(), person()
    acknowledge_issue(issue=issue, actor=actor, note="looking")
    issue.refresh_from_db()
    assert (issue.state, issue.owner) == (IssueState.ACKNOWLEDGED, actor)


def test_investigating_leaves_the_owner() -> None:
    issue, owner = raised(), person("owner")
    assign_issue(issue=issue, owner=owner, actor=person("lead"))
    investigate_issue(issue=issue, actor=person("other"))
    issue.refresh_from_db()
    assert (issue.state, issue.owner) == (IssueState.INVESTIGATING, owner)


def test_issue_is_taken_from_its_owner() -> None:
    issue, actor = raised(), person()
    assign_issue(issue=issue, owner=actor, actor=actor)
    assign_issue(issue=issue, owner=None, actor=actor)
    issue.refresh_from_db()
    assert issue.owner is None


def test_who_left_cannot_own_an_issue() -> None:
    gone = person("gone")
    gone.is_active = False
    with pytest.raises(RefusedError):
        assign_issue(issue=raised(), owner=gone, actor=person())


def test_closed_issue_is_not_assigned() -> None:
    issue, actor = raised(), person()
    resolve_issue(issue=issue, actor=actor, note="probe card changed")
    with pytest.raises(RefusedError):
        assign_issue(issue=issue, owner=actor, actor=actor)


def test_resolving_keeps_cause_and_what_was_done() -> None:
    issue, actor = raised(), person()
    resolve_issue(issue=issue, actor=actor, cause="worn probe card", note="card replaced")
    issue.refresh_from_db()
    assert (issue.cause, issue.resolution) == ("worn probe card", "card replaced")
    assert issue.closed_by == actor


@pytest.mark.parametrize("reason", ["", "  "])
def test_dismissal_needs_a_reason(reason: str) -> None:
    with pytest.raises(MalformedError):
        dismiss_issue(issue=raised(), actor=person(), reason=reason)


@pytest.mark.parametrize("note", ["x" * 10_001, "a\0b"])
def test_note_that_no_column_holds_is_refused(note: str) -> None:
    with pytest.raises(MalformedError):
        comment_issue(issue=raised(), actor=person(), note=note)


def test_resolved_issue_is_not_dismissed() -> None:
    issue, actor = raised(), person()
    resolve_issue(issue=issue, actor=actor, note="done")
    with pytest.raises(IssueMoveError):
        dismiss_issue(issue=issue, actor=actor, reason="never mind")


def test_reopened_issue_has_no_resolution() -> None:
    issue, actor = raised(), person()
    resolve_issue(issue=issue, actor=actor, cause="x", note="done")
    reopen_issue(issue=issue, actor=actor, reason="came back")
    issue.refresh_from_db()
    assert (issue.state, issue.cause, issue.resolution) == (IssueState.OPEN, "", "")


def test_dismissal_without_a_reason_is_refused_by_the_database_too() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write_act(raised(), Act(IssueEventKind.DISMISSED, NOW))


def test_issue_is_not_reopened_beside_a_newer_one() -> None:
    issue, actor = raised(revision="1"), person()
    dismiss_issue(issue=issue, actor=actor, reason="known")
    find_again(issue, revision="2")
    with pytest.raises(RefusedError, match="same cause"):
        reopen_issue(issue=issue, actor=actor, reason="after all")


def test_comment_is_added_to_a_closed_issue() -> None:
    issue, actor = raised(), person()
    resolve_issue(issue=issue, actor=actor, note="done")
    comment_issue(issue=issue, actor=actor, note="seen again at the vendor")
    assert kinds(issue)[-1] == IssueEventKind.COMMENTED


def test_database_allows_one_open_issue_for_each_cause() -> None:
    issue = raised()
    twin = Issue.objects.get(pk=issue.pk)
    twin.pk, twin.number = None, "Q-999999"
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE quality_issue SET evidence = '{}'",
        "UPDATE quality_issue SET cause_key = 'other'",
        "UPDATE quality_issueevent SET note = 'never said'",
        "DELETE FROM quality_issueevent",
        "DELETE FROM quality_issue",
        "TRUNCATE quality_issueevent CASCADE",
    ],
)
def test_database_refuses_to_rewrite_history(statement: str) -> None:
    raised()
    with (
        pytest.raises((IntegrityError, InternalError), match="only added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
    assert IssueEvent.objects.count() == 1


def test_no_findings_touch_nothing() -> None:
    assert raise_findings(rule=rule(), findings=[], now=NOW) == []
