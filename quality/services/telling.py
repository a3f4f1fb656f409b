"""What is told of issues to those who subscribe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from notices.domain.announcements import Announcement
from notices.domain.words import NoticeKind, Severity
from notices.selectors import told_keys
from notices.services import announce
from quality.models import Disposition, Issue, IssueEvent

RIGHT = "quality.view_issue"


def tell_found(issue: Issue, event: IssueEvent, kind: NoticeKind) -> None:
    """It is there, or there again: once for each time that it came."""
    announce([_news(issue, event, kind, issue.title)])


def tell_for_information(comings: Iterable[tuple[IssueEvent, NoticeKind]]) -> None:
    """The same of what is not sure: only to those who want to know everything.

    What was told as sure before is passed over.
    """
    news = [_news(event.issue, event, kind, event.issue.title) for event, kind in comings]
    told = told_keys([one.key for one in news])
    announce([_for_information(one) for one in news if one.key not in told])


def _for_information(news: Announcement) -> Announcement:
    key = f"{news.key}:{Severity.INFORMATION}"
    return replace(news, key=key, severity=Severity.INFORMATION)


def tell_assigned(issue: Issue, event: IssueEvent) -> None:
    """To its new owner, unless they took it themselves."""
    if issue.owner_id is not None and issue.owner_id != event.actor_id:
        subject = f"Assigned to you: {issue.title}"
        news = _news(issue, event, NoticeKind.ISSUE_ASSIGNED, subject, issue.owner_id)
        announce([news])


def tell_proposed(issue: Issue, event: IssueEvent, disposition: Disposition) -> None:
    """A decision waits for signatures."""
    subject = f"To sign: {disposition.kind} of lot {disposition.lot.code}, {issue.title}"
    announce([_news(issue, event, NoticeKind.DISPOSITION_PROPOSED, subject)])


def _news(
    issue: Issue,
    event: IssueEvent,
    kind: NoticeKind,
    subject: str,
    recipient_id: int | None = None,
) -> Announcement:
    lot = issue.lot
    return Announcement(
        kind=kind,
        key=f"{kind}:{issue.number}:{event.pk}",
        cause=issue.cause_key,
        severity=Severity(issue.severity),
        subject=f"{issue.number} {subject}",
        address=f"/issues/{issue.number}",
        right=RIGHT,
        occurred_at=event.at,
        product_id=lot.product_id if lot else None,
        supplier_id=lot.custodian_id if lot else None,
        recipient_id=recipient_id,
        facts={
            "issue": issue.number,
            "rule": issue.rule.code,
            "state": issue.state,
            "lot": lot.code if lot else None,
        },
    )
