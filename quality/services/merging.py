"""Two issues of one cause become one: the merged one keeps its evidence and points to the other."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from notices.domain.words import Severity
from quality.domain.words import IssueEventKind
from quality.models import Issue, IssueEvent
from quality.services.history import Act, write_act
from quality.services.issues import refuse_undecided, required_text
from quality.services.standing import is_any_found
from supplychain.base.errors import RefusedError


@transaction.atomic
def merge_issue(
    *, issue: Issue, into: Issue, actor: User, reason: str, at: datetime | None = None
) -> IssueEvent:
    """Let another open issue stand for this one, whatever is found of its cause from now on.

    The survivor is as severe as the worse of the two. RefusedError for a closed one of them, for
    one that others were merged into, and while a disposition of this one is not carried out.
    """
    row, target = _locked_pair(issue.pk, into.pk)
    _refuse_unfit(row, target)
    refuse_undecided(row)
    reason, at = required_text("reason", reason), at or timezone.now()
    row.merged_into, row.resolution, row.snoozed_until = target, reason, None
    words = f"into {target.number} {target.title}. {reason}"
    event = write_act(row, Act(IssueEventKind.MERGED, at, actor.pk, words))
    if row.cleared_at is None:
        target.cleared_at = None
    words = f"{row.number} {row.title}. {reason}"
    if Severity(row.severity).rank > Severity(target.severity).rank:
        words += f" Was {target.severity}, is {row.severity} now."
        target.severity = row.severity
    target.is_escalated = target.is_escalated or row.is_escalated
    write_act(target, Act(IssueEventKind.TOOK_IN, at, actor.pk, words))
    return event


@transaction.atomic
def separate_issue(
    *, issue: Issue, actor: User, reason: str, at: datetime | None = None
) -> IssueEvent:
    """Undo a merge: the issue is open again and stands for its own cause.

    What was found in between stays in both histories. RefusedError when it is not merged.
    """
    if issue.merged_into_id is None:
        raise RefusedError(f"{issue.number} is not merged into another.", state=issue.state)
    row, target = _locked_pair(issue.pk, issue.merged_into_id)
    reason, at = required_text("reason", reason), at or timezone.now()
    row.merged_into, row.resolution = None, ""
    words = f"from {target.number} {target.title}. {reason}"
    event = write_act(row, Act(IssueEventKind.SEPARATED, at, actor.pk, words))
    if target.cleared_at is None and not is_any_found(target):
        target.cleared_at = at
    words = f"{row.number} {row.title}. {reason}"
    write_act(target, Act(IssueEventKind.GAVE_BACK, at, actor.pk, words))
    return event


def _locked_pair(first: int, second: int) -> tuple[Issue, Issue]:
    """Both, locked in order of their ids."""
    rows = Issue.objects.select_for_update(of=("self",)).filter(pk__in={first, second})
    found = {row.pk: row for row in rows.order_by("pk")}
    return found[first], found[second]


def _refuse_unfit(row: Issue, target: Issue) -> None:
    if row.pk == target.pk:
        raise RefusedError(f"{row.number} cannot be merged into itself.")
    if not target.is_open:
        raise RefusedError(
            f"{target.number} is {target.state}. Name an issue that is open.", state=target.state
        )
    children = list(row.merged.order_by("pk").values_list("number", flat=True))
    if children:
        raise RefusedError(
            f"{', '.join(children)} {'was' if len(children) == 1 else 'were'} merged into "
            f"{row.number}. Merge {target.number} into {row.number} instead.",
            merged=children,
        )
