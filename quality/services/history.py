"""One way to write down what happens to an issue."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction

from quality.domain.findings import Json
from quality.domain.issue_life import state_after
from quality.domain.words import CLOSED_STATES, IssueEventKind, IssueState
from quality.models import Issue, IssueEvent
from supplychain.base.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to an issue. actor_id None: by a detector, then revision names its facts."""

    kind: IssueEventKind
    at: datetime
    actor_id: int | None = None
    note: str = ""
    evidence: dict[str, Json] = field(default_factory=dict)
    revision: str = ""


def write_act(issue: Issue, act: Act) -> IssueEvent:
    """Move the locked issue on and add the act to its history. The caller saves other columns."""
    before = IssueState(issue.state)
    issue.state = state_after(act.kind, before)
    if issue.state not in CLOSED_STATES:
        issue.closed_at = issue.closed_by_id = None
    elif before not in CLOSED_STATES:
        issue.closed_at, issue.closed_by_id = act.at, act.actor_id
    _save(issue)
    return IssueEvent.objects.create(
        issue=issue,
        at=act.at,
        actor_id=act.actor_id,
        kind=act.kind,
        state_from=before,
        state_to=issue.state,
        note=act.note,
        evidence=act.evidence,
        revision=act.revision,
    )


def _save(issue: Issue) -> None:
    try:
        with transaction.atomic():
            issue.save()
    except IntegrityError as error:
        if "quality_issue_one_open" not in str(error):
            raise
        raise RefusedError(
            "Another issue with the same cause is open; work on that one.", cause=issue.cause_key
        ) from error


def locked(issue: Issue) -> Issue:
    """The issue as it stands now, locked until the transaction ends."""
    return Issue.objects.select_for_update(of=("self",)).get(pk=issue.pk)
