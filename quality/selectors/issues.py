"""Reading issues: the queue, one issue, and what a rule is set to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from lots.models import Lot
from quality.domain.words import OPEN_STATES, Severity
from quality.models import Issue, Rule
from supplychain.base.errors import MissingError

RANKS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class IssueFilter:
    """What the queue is narrowed to; empty fields narrow nothing.

    is_open: whether it still needs somebody. text: start of a number or lot, or part of a title.
    """

    is_open: bool | None = None
    state: str = ""
    severity: str = ""
    rule: str = ""
    lot: str = ""
    step: str = ""
    owner: str = ""
    text: str = ""


def issues() -> QuerySet[Issue]:
    """All issues with what a row shows, newest first."""
    return Issue.objects.select_related(
        "rule", "owner", "lot__product", "step", "wafer", "unit", "closed_by"
    ).order_by("-id")


def open_issues(lot: Lot | None = None) -> QuerySet[Issue]:
    """Issues that still need somebody, worst first, then oldest; of one lot or of all."""
    rows = issues().filter(state__in=OPEN_STATES)
    if lot is not None:
        rows = rows.filter(lot=lot)
    return rows.annotate(rank=_rank()).order_by("-rank", "opened_at", "pk")


def issue_queue(wanted: IssueFilter) -> QuerySet[Issue]:
    """Issues under a filter, newest first. An unknown lot, owner or number finds nothing."""
    rows = issues()
    if wanted.is_open is not None:
        is_open = Q(state__in=OPEN_STATES)
        rows = rows.filter(is_open if wanted.is_open else ~is_open)
    exact = {
        "state": wanted.state,
        "severity": wanted.severity,
        "rule__code": wanted.rule,
        "lot__code": wanted.lot,
        "step__code": wanted.step,
        "owner__username": wanted.owner,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.text:
        rows = rows.filter(
            Q(number__istartswith=wanted.text)
            | Q(lot__code__startswith=wanted.text)
            | Q(title__icontains=wanted.text)
        )
    return rows


def issue_by_number(number: str) -> Issue:
    """The issue people call by this number; MissingError when there is none."""
    issue = issues().filter(number=number.strip().upper()).first()
    if issue is None:
        raise MissingError(f"There is no issue {number}. Check the number.", number=number)
    return issue


def open_issue_counts() -> dict[str, int]:
    """Severity → open issues, worst first; severities without one are 0."""
    counts = dict.fromkeys([str(severity) for severity in reversed(Severity)], 0)
    rows = Issue.objects.filter(state__in=OPEN_STATES).order_by().values_list("severity")
    return counts | dict(rows.annotate(count=Count("pk")))


def standing_issues(rule: Rule, lot_ids: Sequence[int] | None) -> QuerySet[Issue]:
    """Open issues of a rule that its detector still found last time; of some lots or of all."""
    rows = Issue.objects.filter(rule=rule, state__in=OPEN_STATES, cleared_at=None)
    return rows if lot_ids is None else rows.filter(lot__in=lot_ids)


def rule_parameters(detector: str) -> dict[str, Any]:
    """Thresholds of a detector's rule; empty without one."""
    rule = Rule.objects.filter(detector=detector).first()
    return dict(rule.parameters) if rule else {}


def _rank() -> Case:
    ranks = [When(severity=severity, then=Value(rank)) for severity, rank in RANKS.items()]
    return Case(*ranks, default=Value(0), output_field=IntegerField())
