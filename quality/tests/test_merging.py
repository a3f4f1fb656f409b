"""Two issues of one cause: what becomes of either, and of what is found later."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from notices.domain.words import Severity
from quality.domain.issue_life import IssueMoveError
from quality.domain.words import IssueState
from quality.models import Issue
from quality.selectors import open_issues
from quality.selectors.hit_rates import hit_rates
from quality.selectors.issues import standing_issues
from quality.selectors.series import SeriesKey, explained_lot_steps
from quality.services import (
    clear_causes,
    dismiss_issue,
    merge_issue,
    raise_findings,
    resolve_issue,
    separate_issue,
)
from quality.tests.building import NOW, Figures, bare_lot, finding, person, raised, rule
from supplychain.base.errors import MalformedError, RefusedError

pytestmark = pytest.mark.usefixtures("rules")

LATER = NOW + timedelta(hours=1)


def fresh(issue: Issue) -> Issue:
    return Issue.objects.get(pk=issue.pk)


def merged(name: str = "merger") -> tuple[Issue, Issue]:
    """The one that was merged, and what stands for it."""
    gone, kept = raised("gone"), raised("kept")
    merge_issue(issue=gone, into=kept, actor=person(name), reason="one card", at=NOW)
    return fresh(gone), fresh(kept)


def find(cause_key: str, revision: str = "new") -> list[Issue]:
    found = finding(cause_key, revision=revision, title=f"{cause_key} again")
    return raise_findings(rule=rule(), findings=[found], now=LATER)


def lose(issue: Issue) -> list[Issue]:
    return clear_causes(rule=issue.rule, issues=[issue], now=LATER)


def kinds(issue: Issue) -> list[str]:
    return list(issue.events.values_list("kind", flat=True))


def test_a_merged_issue_points_to_the_other_and_keeps_its_evidence() -> None:
    gone, kept = merged()
    assert (gone.state, gone.merged_into, gone.evidence["value"]) == (IssueState.MERGED, kept, 1)
    assert kinds(gone) == ["opened", "merged"]
    assert kinds(kept) == ["opened", "took-in"]
    assert kept.events.last().note == "Q-000001 Something. one card"  # type: ignore[union-attr]


def test_what_is_found_of_the_merged_cause_goes_to_the_survivor() -> None:
    gone, kept = merged()
    assert find("gone") == []
    assert kinds(gone) == ["opened", "merged", "found-again"]
    told = kept.events.last()
    assert told is not None
    assert (told.kind, told.note) == ("found-again", "By what was merged into it: gone again")
    assert Issue.objects.count() == 2


def test_the_same_facts_again_are_no_news_to_the_survivor() -> None:
    _, kept = merged()
    find("gone")
    find("gone")
    assert kinds(kept) == ["opened", "took-in", "found-again"]
    assert fresh(kept).found_at == LATER


def test_the_survivor_is_clear_once_neither_is_found() -> None:
    gone, kept = merged()
    assert lose(kept) == []
    assert fresh(kept).cleared_at is None
    assert lose(gone) == [kept]
    assert fresh(kept).cleared_at == LATER
    assert fresh(kept).state == IssueState.OPEN


def test_what_is_found_again_makes_the_survivor_unclear() -> None:
    gone, kept = merged()
    lose(kept)
    lose(gone)
    find("gone", revision="")
    assert fresh(kept).cleared_at is None
    assert not fresh(kept).is_found


def test_a_merged_cause_still_stands_for_its_detector() -> None:
    gone, kept = merged()
    assert set(standing_issues(rule())) == {gone, kept}
    lose(gone)
    assert list(standing_issues(rule())) == [kept]


def test_recurrence_after_the_survivor_was_closed_is_one_issue_behind_it() -> None:
    _, kept = merged()
    resolve_issue(issue=kept, actor=person(), note="new card")
    (back,) = find("gone")
    assert (back.cause_key, back.previous, back.is_found) == ("kept", kept, False)
    assert find("kept", revision="newer") == []
    assert fresh(back).is_found
    assert Issue.objects.count() == 3


def test_a_recurrence_that_clears_resolves_itself_and_opens_again() -> None:
    gone, kept = merged()
    resolve_issue(issue=kept, actor=person(), note="new card")
    (back,) = find("gone")
    assert lose(gone) == [back]
    assert fresh(back).state == IssueState.RESOLVED
    assert find("gone", revision="third") == [back]
    assert fresh(back).state == IssueState.OPEN


def test_known_facts_do_not_wake_what_a_person_closed() -> None:
    _, kept = merged()
    dismiss_issue(issue=kept, actor=person(), reason="noise")
    assert find("gone", revision="") == []


def test_a_recurrence_merged_elsewhere_takes_all_along() -> None:
    gone, kept = merged()
    resolve_issue(issue=kept, actor=person(), note="new card")
    (back,) = find("gone")
    third = raised("third")
    merge_issue(issue=back, into=third, actor=person("other"), reason="same")
    assert find("gone", revision="4") == []
    assert kinds(third)[-1] == "found-again"
    assert lose(third) == []
    assert lose(gone) == [third]


def test_a_circle_of_causes_comes_to_an_end() -> None:
    old = raised("gone")
    resolve_issue(issue=old, actor=person("first"), note="done")
    (newer,) = find("gone")
    kept = raised("kept")
    merge_issue(issue=newer, into=kept, actor=person("second"), reason="one")
    resolve_issue(issue=kept, actor=person("third"), note="done")
    (back,) = find("kept")
    Issue.objects.filter(pk=old.pk).update(state=IssueState.OPEN, closed_at=None, closed_by=None)
    merge_issue(issue=back, into=old, actor=person("fourth"), reason="one")
    resolve_issue(issue=fresh(old), actor=person("fifth"), note="done")
    (last,) = find("gone", revision="5")
    assert last.previous in {newer, back}


def test_separated_it_stands_for_its_own_cause_again() -> None:
    gone, kept = merged()
    separate_issue(issue=gone, actor=person(), reason="two cards")
    assert (fresh(gone).state, fresh(gone).merged_into) == (IssueState.OPEN, None)
    assert kinds(kept)[-1] == "gave-back"
    find("gone")
    assert kinds(gone)[-2:] == ["separated", "found-again"]


def test_separating_leaves_a_survivor_clear_that_nothing_finds() -> None:
    gone, kept = merged()
    lose(kept)
    separate_issue(issue=gone, actor=person(), reason="two cards", at=LATER)
    assert fresh(kept).cleared_at == LATER


def test_the_survivor_is_as_severe_as_the_worse() -> None:
    gone, kept = raised("gone", severity=Severity.CRITICAL), raised("kept")
    merge_issue(issue=gone, into=kept, actor=person(), reason="one")
    assert fresh(kept).severity == Severity.CRITICAL
    assert "Was major, is critical now." in kept.events.latest("pk").note


def test_merging_is_refused_where_it_would_hide_something() -> None:
    gone, kept = merged()
    third, closed = raised("third"), raised("closed")
    dismiss_issue(issue=closed, actor=person(), reason="noise")
    actor = person("other")
    with pytest.raises(RefusedError, match="into itself"):
        merge_issue(issue=third, into=third, actor=actor, reason="x")
    with pytest.raises(RefusedError, match="Name an issue that is open"):
        merge_issue(issue=third, into=gone, actor=actor, reason="x")
    with pytest.raises(RefusedError, match=r"Q-000001 was merged into Q-000002"):
        merge_issue(issue=kept, into=third, actor=actor, reason="x")
    with pytest.raises(IssueMoveError):
        merge_issue(issue=closed, into=third, actor=actor, reason="x")
    with pytest.raises(MalformedError):
        merge_issue(issue=third, into=kept, actor=actor, reason=" ")
    with pytest.raises(RefusedError, match="is not merged"):
        separate_issue(issue=third, actor=actor, reason="x")


@pytest.mark.parametrize("name", ["closed", "own", "chained", "moved"])
def test_the_database_keeps_merges_flat(name: str) -> None:
    gone, kept = merged()
    third, closed = raised("third"), raised("closed")
    dismiss_issue(issue=closed, actor=person(), reason="noise")
    row, target = {
        "closed": (third, closed), "own": (third, third), "chained": (kept, third),
        "moved": (gone, third),
    }[name]  # fmt: skip
    changes = {"state": IssueState.MERGED, "merged_into": target, "closed_at": NOW}
    with pytest.raises(IntegrityError, match="merge"), transaction.atomic():
        Issue.objects.filter(pk=row.pk).update(**changes)


def test_no_issue_begins_as_merged() -> None:
    kept = raised("kept")
    kept.pk, kept.number, kept.cause_key = None, "Q-9", "other"
    kept.state, kept.merged_into_id, kept.closed_at = IssueState.MERGED, raised("x").pk, NOW
    with pytest.raises(IntegrityError, match="merged"), transaction.atomic():
        kept.save(force_insert=True)


def test_a_cause_of_the_survivor_explains_the_merged_lot_too() -> None:
    lot, other = bare_lot("A-1"), bare_lot("A-2")
    lot_step = Figures(passed=100).of(lot)
    gone = raised("gone", lot_id=lot.pk, step_id=lot.step_id)
    kept = raised("kept", lot_id=other.pk, step_id=other.step_id)
    merge_issue(issue=gone, into=kept, actor=person("one"), reason="same")
    assert list(open_issues(lot)) == [kept]
    key = SeriesKey(lot.product_id, lot.step.code)
    assert explained_lot_steps(key) == []
    resolve_issue(issue=kept, actor=person(), cause="probe card", note="new card")
    assert explained_lot_steps(key) == [lot_step.pk]


def test_a_merged_issue_shares_the_lot_of_the_survivor_in_hit_rates() -> None:
    _, kept = merged()
    own = [rate for rate in hit_rates(None) if rate.rule == rule()]
    assert (own[0].raised, own[0].open) == (2, 2)
    dismiss_issue(issue=kept, actor=person(), reason="noise")
    own = [rate for rate in hit_rates(None) if rate.rule == rule()]
    assert (own[0].dismissed, own[0].open, own[0].confirmed) == (2, 0, 0)
