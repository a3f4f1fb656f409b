"""A rule that holds stops the lot in which its detector found something, in the issue's name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from lots.domain.commands import Command, HoldOrder
from lots.domain.words import HoldClass, Source
from lots.models import Lot
from lots.services import hold_lot
from quality.domain.findings import Finding
from quality.domain.words import FOUND_KINDS, IssueEventKind
from quality.models import Issue, IssueEvent, Rule
from quality.selectors.dispositions import holds_for_issue
from quality.services.history import Act, write_act
from supplychain.base.errors import SupplychainError


def hold_found_lot(*, rule: Rule, issue: Issue, event: IssueEvent, finding: Finding) -> None:
    """Hold the finding's lot for the issue, unless it is held for it, or was let go on these facts.

    event: what the issue's history says of the finding; at most one hold follows from it. The
    caller has locked the lot.
    """
    if not rule.holds_lot or finding.lot_id is None:
        return
    lot = Lot.objects.get(pk=finding.lot_id)
    holds = holds_for_issue(issue).filter(lot=lot)
    if holds.filter(released_at=None).exists():
        return
    if not _was_let_go(finding, holds.values_list("released_by__recorded_at", flat=True)):
        _hold(lot, issue, event)


def _was_let_go(finding: Finding, released: Iterable[datetime]) -> bool:
    """Whether a hold was lifted while these very facts stood.

    Lifted once they were gone it was because of that, and does not count when they come back.
    """
    told = Q(kind__in=FOUND_KINDS, revision=finding.revision)
    history = IssueEvent.objects.filter(
        told | Q(kind=IssueEventKind.CLEARED), issue__cause_key=finding.cause_key
    )
    acts = list(history.order_by("id").values_list("kind", "recorded_at"))
    before = [[kind for kind, at in acts if at <= instant] for instant in released]
    return any(kinds and kinds[-1] != IssueEventKind.CLEARED for kinds in before)


def _hold(lot: Lot, issue: Issue, event: IssueEvent) -> None:
    """A refusal is written down and does not lose the issue."""
    command = Command(
        op_key=f"quality:{issue.number}:hold:{lot.pk}:{event.pk}",
        occurred_at=event.at,
        source=Source.RULE,
        source_reference=issue.rule.code,
    )
    order = HoldOrder(hold_class=HoldClass.QUALITY, reason=f"{issue.number} {issue.title}"[:200])
    try:
        with transaction.atomic():
            hold_lot(lot=lot, order=order, command=command)
    except SupplychainError as error:
        write_act(issue, Act(IssueEventKind.HOLD_REFUSED, event.at, note=error.detail))
    else:
        write_act(issue, Act(IssueEventKind.HELD, event.at, note=f"Lot {lot.code} is on hold."))
