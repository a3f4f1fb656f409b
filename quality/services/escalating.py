"""What follows once an issue counts that stood for information: people are told, lots are held."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from lots.services import locked_lots
from notices.domain.words import NoticeKind
from quality.domain.findings import Evidence, Finding
from quality.domain.words import FOUND_KINDS, IssueEventKind
from quality.models import Flag, Issue, IssueEvent
from quality.services.history import Act, write_act
from quality.services.holding import hold_found_lot
from quality.services.telling import tell_for_information, tell_found

COMINGS = {
    IssueEventKind.OPENED: NoticeKind.ISSUE_OPENED,
    IssueEventKind.REOPENED: NoticeKind.ISSUE_REOPENED,
}


def mention(issue_ids: Collection[int]) -> None:
    """Tell of issues that are not sure enough to act on, once for each time that they came.

    Long ago, too: who weighs after raising may have been lost, and another weighs in its place.
    """
    comings = IssueEvent.objects.filter(issue__in=issue_ids, kind__in=COMINGS)
    last = comings.order_by("issue_id", "-pk").distinct("issue_id")
    rows = last.select_related("issue__lot", "issue__rule")
    tell_for_information([(event, COMINGS[IssueEventKind(event.kind)]) for event in rows])


def escalate(issue: Issue, now: datetime, note: str) -> None:
    """Tell of the issue once for each time that it came, and hold the lots it was found on.

    note: why only now; its history says so, unless it came with this very look.
    """
    coming = event = issue.events.filter(kind__in=COMINGS).latest("pk")
    if coming.at != now:
        event = write_act(issue, Act(IssueEventKind.ESCALATED, now, note=note))
    tell_found(issue, coming, COMINGS[IssueEventKind(coming.kind)])
    if issue.rule.holds_lot:
        _hold(issue, event)


def flagged_lot_ids(cause_keys: Collection[str]) -> set[int]:
    """Lots that are held if issues of these causes escalate; to be locked before the issues."""
    if not cause_keys:
        return set()
    merged = Issue.objects.filter(cause_key__in=cause_keys, merged_into__isnull=False)
    own = Q(cause_key__in=cause_keys) | Q(cause_key__in=merged.values("merged_into__cause_key"))
    holding = Issue.objects.filter(own, rule__holds_lot=True)
    flags = Flag.objects.filter(cause_key__in=holding.values("cause_key"))
    return set(flags.values_list("weighing__lot_step__lot", flat=True))


def _hold(issue: Issue, event: IssueEvent) -> None:
    """Every lot that chance flagged for it, on the facts that its history knows."""
    known = issue.events.filter(kind__in=FOUND_KINDS).values("revision")
    flags = Flag.objects.filter(cause_key=issue.cause_key, revision__in=known).order_by("pk")
    rows = list(flags.values_list("weighing__lot_step__lot", "revision"))
    locked_lots(lot_id for lot_id, _ in rows)
    for lot_id, revision in rows:
        finding = Finding(
            issue.cause_key, issue.title, Evidence(""), lot_id=lot_id, revision=revision
        )
        hold_found_lot(rule=issue.rule, issue=issue, event=event, finding=finding)
