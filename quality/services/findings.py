"""From findings to issues: one open issue for each cause, whoever finds it and however often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from lots.services import locked_lots
from notices.domain.words import NoticeKind, Severity
from quality.domain.findings import Finding
from quality.domain.issue_life import issue_number
from quality.domain.stakes import severity_at
from quality.domain.words import FOUND_KINDS, IssueEventKind, IssueState
from quality.models import Issue, IssueCounter, IssueEvent, Rule, Sighting
from quality.selectors.dispositions import undecided
from quality.services.escalating import escalate, flagged_lot_ids
from quality.services.history import Act, write_act
from quality.services.holding import hold_found_lot
from quality.services.sightings import keep_sightings, standing_ids
from quality.services.stakes import raising_of, stake_of
from quality.services.standing import Causes, is_any_found, locked_causes, locked_counter
from quality.services.telling import tell_found

TITLE_CHARACTERS_MAX = 200


@transaction.atomic
def raise_findings(*, rule: Rule, findings: Sequence[Finding], now: datetime) -> list[Issue]:
    """Issues that are new or open again; a cause with an open issue only adds to it.

    Where each cause is found is kept, a row a place.

    What goes by chance alone is told and held for by the budget behind it, `services.budget`.

    A cause closed by a person stays closed until its revision changes; one that had cleared by
    itself opens again under its old number. What was merged into another issue adds to that one.
    The counter row makes raisers wait for each other. It is locked before lots, lots before issues,
    wherever more than one of these is.
    """
    if not findings:
        return []
    counter = locked_counter()
    _lock_lots(rule, findings)
    causes = locked_causes(finding.cause_key for finding in findings)
    known = _known_facts(finding.cause_key for finding in findings)
    raised: list[Issue] = []
    seen: list[Issue] = []
    for finding in findings:
        own, facts = causes.own.get(finding.cause_key), known[finding.cause_key, finding.revision]
        if facts and own is not None and own.pk not in facts:
            continue  # a person closed an issue of before on these facts
        sight = Sight(rule, finding, now, is_news=not facts)
        issue = _raise(sight, causes, counter, seen)
        raised += [issue] if issue is not None else []
        if (own := causes.own.get(finding.cause_key)) is not None:
            facts.add(own.pk)
    _see(seen, now)
    counter.save()
    keep_sightings(rule=rule, findings=findings)
    return raised


def _lock_lots(rule: Rule, findings: Sequence[Finding]) -> None:
    """Those that may be held: what is found by fact may escalate what chance alone flagged.

    What then stands may be of another rule, which holds where this one does not.
    """
    own = {one.lot_id for one in findings if rule.holds_lot and one.lot_id is not None}
    facts = {one.cause_key for one in findings if not one.is_weighed}
    locked_lots(own | flagged_lot_ids(facts))


@dataclass(frozen=True, slots=True)
class Sight:
    """One finding of one run. is_news: no issue of its cause knows these facts yet."""

    rule: Rule
    finding: Finding
    now: datetime
    is_news: bool


def _raise(sight: Sight, causes: Causes, counter: IssueCounter, seen: list[Issue]) -> Issue | None:
    """The issue that is new or open again because of it; None when there is none.

    seen: takes those of which nothing is news.
    """
    own = causes.own.get(sight.finding.cause_key)
    head = causes.head(sight.finding.cause_key)
    if own is not None and own.merged_into_id is not None:
        sight = _seen_through(sight, own)
    if head is not None and not head.is_open and _comes_back(head):
        return _find_again(head, sight, IssueEventKind.REOPENED)
    if head is not None and head.is_open:
        if sight.is_news or head.cleared_at is not None:
            _find_again(head, sight, IssueEventKind.FOUND_AGAIN)
        else:
            head.is_found = head.is_found or head.cause_key == sight.finding.cause_key
            seen.append(head)
        return None
    if not sight.is_news:
        return None
    issue = _open(sight, head, counter)
    causes.own[issue.cause_key] = issue
    return issue


def _seen_through(sight: Sight, own: Issue) -> Sight:
    """A merged issue keeps the facts of its cause; what stands for it is told of them.

    Facts are told apart by cause, so those that it hands on have no revision there.
    """
    is_news = sight.is_news or not own.is_found
    own.is_found, own.found_at = True, sight.now
    if is_news:
        facts = sight.finding.evidence.as_json()
        act = Act(IssueEventKind.FOUND_AGAIN, sight.now, evidence=facts)
        write_act(own, replace(act, revision=sight.finding.revision))
    else:
        own.save(update_fields=["is_found", "found_at"])
    return replace(sight, is_news=is_news)


@transaction.atomic
def clear_causes(*, rule: Rule, issues: Iterable[Issue], now: datetime) -> list[Issue]:
    """The detector no longer finds these anywhere; what follows is as in `clear_places`."""
    keys = {issue.cause_key for issue in issues}
    return clear_places(
        rule=rule, places=list(Sighting.objects.filter(rule=rule, cause_key__in=keys)), now=now
    )


@transaction.atomic
def clear_places(*, rule: Rule, places: Sequence[Sighting], now: datetime) -> list[Issue]:
    """The detector no longer finds the causes at these places.

    What it finds nowhere any more is clear: it is said on all, and resolves those issues that
    nobody has taken up. An issue with others merged into it is clear once none of them is found.
    """
    if not places:
        return []
    causes = locked_causes(place.cause_key for place in places)
    Sighting.objects.filter(pk__in=[place.pk for place in places]).delete()
    wanted = {place.cause_key for place in places}
    found = [
        own
        for key, own in causes.own.items()
        if key in wanted and own.rule_id == rule.pk and own.is_found and _is_standing(own)
    ]
    standing = standing_ids(found)
    gone = [own for own in found if own.pk not in standing]
    for own in gone:
        own.is_found = False
        own.save(update_fields=["is_found"])
        if own.merged_into_id is not None:
            write_act(own, Act(IssueEventKind.CLEARED, now, note="No longer found."))
    heads = [causes.head(own.cause_key) for own in gone]
    return [head for head in _once(heads) if head.is_open and _clear(head, now)]


def _is_standing(issue: Issue) -> bool:
    return issue.is_open or issue.merged_into_id is not None


def _once(heads: Iterable[Issue | None]) -> list[Issue]:
    return list({head.pk: head for head in heads if head is not None}.values())


def _clear(head: Issue, now: datetime) -> bool:
    """Whether it is clear now, and was not before."""
    if head.cleared_at is not None or is_any_found(head):
        return False
    head.cleared_at = now
    write_act(head, Act(IssueEventKind.CLEARED, now, note="No longer found."))
    if _is_left_alone(head):
        head.resolution = "The facts changed: no longer found, and nobody had taken it up."
        write_act(head, Act(IssueEventKind.RESOLVED, now, note=head.resolution))
    return True


def _is_left_alone(issue: Issue) -> bool:
    """Nobody has taken it up, merged others into it, or decided on its material.

    An owner it was opened with has not yet taken it up.
    """
    is_untouched = issue.state == IssueState.OPEN and (
        issue.owner_id is None or not issue.events.filter(actor__isnull=False).exists()
    )
    return is_untouched and not (undecided(issue).exists() or issue.merged.exists())


def _known_facts(keys: Iterable[str]) -> dict[tuple[str, str], set[int]]:
    """(cause_key, revision) → the issues of these causes that have been found on it before."""
    rows = IssueEvent.objects.filter(issue__cause_key__in=set(keys), kind__in=FOUND_KINDS)
    known: dict[tuple[str, str], set[int]] = defaultdict(set)
    for issue_id, key, revision in rows.values_list("issue_id", "issue__cause_key", "revision"):
        known[key, revision].add(issue_id)
    return known


def _comes_back(issue: Issue) -> bool:
    """Closed by itself, not by a person."""
    return issue.cleared_at is not None and issue.closed_by_id is None


def _open(sight: Sight, previous: Issue | None, counter: IssueCounter) -> Issue:
    """previous: what stood for the cause before; of the same cause, whatever found it now."""
    counter.count += 1
    finding, now = sight.finding, sight.now
    evidence = {"rule": sight.rule.code, **finding.evidence.as_json()}
    severity, stake = finding.severity or Severity(sight.rule.severity), stake_of(finding.lot_id)
    issue = Issue.objects.create(
        number=issue_number(counter.count),
        rule=previous.rule if previous else sight.rule,
        cause_key=previous.cause_key if previous else finding.cause_key,
        title=finding.title[:TITLE_CHARACTERS_MAX],
        severity=severity_at(severity, stake, raising_of(sight.rule)),
        units_at_risk=stake.units if stake else None,
        amount_at_risk=stake.amount if stake else None,
        currency=stake.currency if stake else "",
        lot_id=finding.lot_id,
        step_id=finding.step_id,
        wafer_id=finding.wafer_id,
        unit_id=finding.unit_id,
        owner_id=finding.owner_id,
        evidence=evidence,
        previous=previous,
        opened_at=now,
        found_at=now,
        is_found=previous is None or previous.cause_key == finding.cause_key,
        is_escalated=not finding.is_weighed,
    )
    event = IssueEvent.objects.create(
        issue=issue,
        at=now,
        kind=IssueEventKind.OPENED,
        state_to=issue.state,
        evidence=evidence,
        revision=finding.revision if issue.is_found else "",
    )
    if issue.is_escalated:
        tell_found(issue, event, NoticeKind.ISSUE_OPENED)
        hold_found_lot(rule=sight.rule, issue=issue, event=event, finding=finding)
    return issue


def _see(seen: Sequence[Issue], now: datetime) -> None:
    """The same facts again only move found_at; of all at once, as most of what stands is so."""
    for is_found in (True, False):
        ids = [issue.pk for issue in seen if issue.is_found is is_found]
        if ids:
            Issue.objects.filter(pk__in=ids).update(found_at=now, is_found=is_found)


def _find_again(issue: Issue, sight: Sight, kind: IssueEventKind) -> Issue:
    finding = sight.finding
    is_own = issue.cause_key == finding.cause_key
    issue.found_at, issue.cleared_at, issue.resolution = sight.now, None, ""
    issue.is_found = issue.is_found or is_own
    act = Act(
        kind,
        sight.now,
        note="" if is_own else f"By what was merged into it: {finding.title}",
        evidence=finding.evidence.as_json(),
        revision=finding.revision if is_own else "",
    )
    if kind is IssueEventKind.REOPENED:
        issue.is_escalated = not finding.is_weighed
    event = write_act(issue, act)
    if not (issue.is_escalated or finding.is_weighed):
        _escalate_by_fact(issue, sight.now)
    elif issue.is_escalated and kind is IssueEventKind.REOPENED:
        tell_found(issue, event, NoticeKind.ISSUE_REOPENED)
    if issue.is_escalated:
        hold_found_lot(rule=sight.rule, issue=issue, event=event, finding=finding)
    return issue


def _escalate_by_fact(issue: Issue, now: datetime) -> None:
    """It was found by chance alone before."""
    issue.is_escalated, issue.weighing = True, None
    issue.save(update_fields=["is_escalated", "weighing"])
    escalate(issue, now, "Found without chance.")
