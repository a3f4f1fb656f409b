"""What a person can do with issues, one or several: a table of acts over quality's services."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from quality.domain.words import CLOSED_STATES, OPEN_STATES, IssueState
from quality.models import Issue, IssueEvent
from quality.selectors import issue_with_history
from quality.services import (
    acknowledge_issue,
    assign_issue,
    comment_issue,
    dismiss_issue,
    investigate_issue,
    merge_issue,
    plan_issue,
    reopen_issue,
    resolve_issue,
    separate_issue,
    snooze_issue,
    verify_issue,
)

FITS: dict[str, Collection[IssueState]] = {
    "": frozenset(IssueState),
    "open": OPEN_STATES,
    "closed": CLOSED_STATES - {IssueState.MERGED},
    "resolved": {IssueState.RESOLVED},
    "merged": {IssueState.MERGED},
}


@dataclass(frozen=True, slots=True)
class IssueAct:
    """One act. form: which questions it asks. needs: the states it is offered in, see FITS."""

    name: str
    title: str
    icon: str
    right: str
    form: str
    needs: str
    run: Callable[..., IssueEvent]

    def fits(self, issue: Issue) -> bool:
        return IssueState(issue.state) in FITS[self.needs]


def _take(*, issue: Issue, actor: User, note: str = "") -> IssueEvent:
    return assign_issue(issue=issue, owner=actor, actor=actor, due_on=issue.due_on, note=note)


def _merge(*, issue: Issue, actor: User, into: str, reason: str) -> IssueEvent:
    target = issue_with_history(into.strip())
    return merge_issue(issue=issue, into=target, actor=actor, reason=reason)


ACTS = {
    act.name: act
    for act in (
        IssueAct(
            "take", "Assign to me", "person_add", "quality.assign_issue", "none", "open", _take
        ),
        IssueAct(
            "acknowledge",
            "Acknowledge",
            "visibility",
            "quality.acknowledge_issue",
            "note",
            "open",
            acknowledge_issue,
        ),
        IssueAct(
            "investigate",
            "Investigate",
            "search",
            "quality.acknowledge_issue",
            "note",
            "open",
            investigate_issue,
        ),
        IssueAct(
            "assign",
            "Assign",
            "assignment_ind",
            "quality.assign_issue",
            "assign",
            "open",
            assign_issue,
        ),
        IssueAct(
            "comment", "Comment", "chat", "quality.comment_issue", "comment", "", comment_issue
        ),
        IssueAct("plan", "Plan", "assignment_add", "quality.resolve_issue", "plan", "", plan_issue),
        IssueAct(
            "snooze", "Snooze", "snooze", "quality.resolve_issue", "snooze", "open", snooze_issue
        ),
        IssueAct(
            "resolve",
            "Resolve",
            "check_circle",
            "quality.resolve_issue",
            "resolve",
            "open",
            resolve_issue,
        ),
        IssueAct(
            "dismiss",
            "Dismiss",
            "do_not_disturb_on",
            "quality.dismiss_issue",
            "reason",
            "open",
            dismiss_issue,
        ),
        IssueAct(
            "verify",
            "Verify",
            "verified",
            "quality.verify_issue",
            "comment",
            "resolved",
            verify_issue,
        ),
        IssueAct(
            "reopen", "Reopen", "undo", "quality.reopen_issue", "reason", "closed", reopen_issue
        ),
        IssueAct("merge", "Merge", "call_merge", "quality.merge_issue", "merge", "open", _merge),
        IssueAct(
            "separate",
            "Separate",
            "call_split",
            "quality.merge_issue",
            "reason",
            "merged",
            separate_issue,
        ),
    )
}


def act_on_issues(
    *, act: IssueAct, issues: Sequence[Issue], actor: User, answers: Mapping[str, Any]
) -> int:
    """Do it to all of them or to none; how many. Refusals come from quality's services."""
    with transaction.atomic():
        for issue in sorted(issues, key=lambda one: one.pk):
            act.run(issue=issue, actor=actor, **answers)
    return len(issues)
