"""What a person can do with issues, one or several: a table of acts over quality's services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from quality.domain.words import IssueState
from quality.models import Issue, IssueEvent
from quality.services import (
    acknowledge_issue,
    assign_issue,
    comment_issue,
    dismiss_issue,
    investigate_issue,
    plan_issue,
    reopen_issue,
    resolve_issue,
    snooze_issue,
    verify_issue,
)


@dataclass(frozen=True, slots=True)
class IssueAct:
    """One act. form: which questions it asks; needs: `open`, `closed`, `resolved` or any state."""

    name: str
    title: str
    icon: str
    right: str
    form: str
    needs: str
    run: Callable[..., IssueEvent]

    def fits(self, issue: Issue) -> bool:
        if self.needs == "resolved":
            return issue.state == IssueState.RESOLVED
        return not self.needs or issue.is_open == (self.needs == "open")


def _take(*, issue: Issue, actor: User, note: str = "") -> IssueEvent:
    return assign_issue(issue=issue, owner=actor, actor=actor, note=note)


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
