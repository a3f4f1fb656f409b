"""From findings to issues: one open issue for each cause, whoever finds it and however often."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from lots.domain.commands import Command, HoldOrder
from lots.domain.words import HoldClass, Source
from lots.services import hold_lot, locked_lots
from notices.domain.words import NoticeKind
from quality.domain.findings import Finding
from quality.domain.issue_life import issue_number
from quality.domain.words import OPEN_STATES, IssueEventKind, IssueState
from quality.models import Issue, IssueCounter, IssueEvent, Rule
from quality.selectors.dispositions import undecided
from quality.services.history import Act, write_act
from quality.services.telling import tell_found
from supplychain.base.errors import SupplychainError

TITLE_CHARACTERS_MAX = 200
FOUND_KINDS = [IssueEventKind.OPENED, IssueEventKind.FOUND_AGAIN, IssueEventKind.REOPENED]


@transaction.atomic
def raise_findings(*, rule: Rule, findings: Sequence[Finding], now: datetime) -> list[Issue]:
    """Issues that are new or open again; a cause with an open issue only adds to it.

    A cause closed by a person stays closed until its revision changes; one that had cleared by
    itself opens again under its old number. The counter row makes raisers wait for each other.
    """
    if not findings:
        return []
    if rule.holds_lot:
        locked_lots(finding.lot_id for finding in findings if finding.lot_id is not None)
    IssueCounter.objects.get_or_create(name="issue")
    counter = IssueCounter.objects.select_for_update().get(name="issue")
    last = _last_issues(finding.cause_key for finding in findings)
    known = _known_facts(last)
    raised = []
    for finding in findings:
        is_news = (finding.cause_key, finding.revision) not in known
        standing = last.get(finding.cause_key)
        if standing is not None and not standing.is_open and _comes_back(standing):
            raised.append(_find_again(standing, finding, now, IssueEventKind.REOPENED))
        elif standing is not None and standing.is_open:
            _see_again(standing, finding, now, is_news=is_news)
        elif is_news:
            last[finding.cause_key] = _open(rule, finding, standing, counter, now)
            raised.append(last[finding.cause_key])
        known.add((finding.cause_key, finding.revision))
    counter.save()
    return raised


@transaction.atomic
def clear_causes(*, rule: Rule, issues: Iterable[Issue], now: datetime) -> list[Issue]:
    """The detector no longer finds these. Says so on all; resolves those nobody has taken up."""
    wanted = [issue.pk for issue in issues]
    rows = Issue.objects.select_for_update(of=("self",)).filter(
        pk__in=wanted, rule=rule, state__in=OPEN_STATES, cleared_at=None
    )
    cleared = list(rows.order_by("pk"))
    for issue in cleared:
        issue.cleared_at = now
        write_act(issue, Act(IssueEventKind.CLEARED, now, note="No longer found."))
        if _is_left_alone(issue):
            issue.resolution = "The facts changed: no longer found, and nobody had taken it up."
            write_act(issue, Act(IssueEventKind.RESOLVED, now, note=issue.resolution))
    return cleared


def _is_left_alone(issue: Issue) -> bool:
    """Nobody has taken it up, or decided on its material; an owner it was opened with may not."""
    is_untouched = issue.state == IssueState.OPEN and (
        issue.owner_id is None or not issue.events.filter(actor__isnull=False).exists()
    )
    return is_untouched and not undecided(issue).exists()


def _last_issues(keys: Iterable[str]) -> dict[str, Issue]:
    """The newest issue of each cause, locked."""
    rows = Issue.objects.select_for_update(of=("self",)).filter(cause_key__in=set(keys))
    return {issue.cause_key: issue for issue in rows.order_by("pk")}


def _known_facts(keys: Iterable[str]) -> set[tuple[str, str]]:
    """(cause_key, revision) that an issue of these causes has been found on before."""
    rows = IssueEvent.objects.filter(issue__cause_key__in=set(keys), kind__in=FOUND_KINDS)
    return set(rows.values_list("issue__cause_key", "revision"))


def _comes_back(issue: Issue) -> bool:
    """Closed by itself, not by a person."""
    return issue.cleared_at is not None and issue.closed_by_id is None


def _open(
    rule: Rule, finding: Finding, previous: Issue | None, counter: IssueCounter, now: datetime
) -> Issue:
    counter.count += 1
    evidence = {"rule": rule.code, **finding.evidence.as_json()}
    issue = Issue.objects.create(
        number=issue_number(counter.count),
        rule=rule,
        cause_key=finding.cause_key,
        title=finding.title[:TITLE_CHARACTERS_MAX],
        severity=finding.severity or rule.severity,
        lot_id=finding.lot_id,
        step_id=finding.step_id,
        wafer_id=finding.wafer_id,
        unit_id=finding.unit_id,
        owner_id=finding.owner_id,
        evidence=evidence,
        previous=previous,
        opened_at=now,
        found_at=now,
    )
    event = IssueEvent.objects.create(
        issue=issue,
        at=now,
        kind=IssueEventKind.OPENED,
        state_to=issue.state,
        evidence=evidence,
        revision=finding.revision,
    )
    tell_found(issue, event, NoticeKind.ISSUE_OPENED)
    if rule.holds_lot and finding.lot_id is not None:
        _hold(issue, now)
    return issue


def _see_again(issue: Issue, finding: Finding, now: datetime, *, is_news: bool) -> None:
    """New facts are remembered; the same facts again only move found_at."""
    if is_news or issue.cleared_at is not None:
        _find_again(issue, finding, now, IssueEventKind.FOUND_AGAIN)
    else:
        issue.found_at = now
        issue.save(update_fields=["found_at"])


def _find_again(issue: Issue, finding: Finding, now: datetime, kind: IssueEventKind) -> Issue:
    issue.found_at, issue.cleared_at, issue.resolution = now, None, ""
    act = Act(kind, now, evidence=finding.evidence.as_json(), revision=finding.revision)
    event = write_act(issue, act)
    if kind is IssueEventKind.REOPENED:
        tell_found(issue, event, NoticeKind.ISSUE_REOPENED)
    return issue


def _hold(issue: Issue, now: datetime) -> None:
    """Hold the lot once for this issue; a refusal is written down and does not lose the issue."""
    lot = issue.lot
    assert lot is not None
    reason = f"{issue.number} {issue.title}"[:200]
    command = Command(
        op_key=f"quality:{issue.number}:hold",
        occurred_at=now,
        source=Source.RULE,
        source_reference=issue.rule.code,
    )
    try:
        with transaction.atomic():
            hold_lot(
                lot=lot,
                order=HoldOrder(hold_class=HoldClass.QUALITY, reason=reason),
                command=command,
            )
    except SupplychainError as error:
        write_act(issue, Act(IssueEventKind.HOLD_REFUSED, now, note=error.detail))
    else:
        write_act(issue, Act(IssueEventKind.HELD, now, note=f"Lot {lot.code} is on hold."))
