"""Reading issues: the queue, one issue, and what a rule is set to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Prefetch, Q, QuerySet, Value, When

from lots.models import Lot
from notices.domain.words import Severity
from quality.domain.issue_life import is_issue_number
from quality.domain.words import DEALT_WITH, OPEN_STATES, IssueState
from quality.models import Issue, IssueEvent, Rule, Sighting
from quality.selectors.sightings import standing_in, with_found_lots
from supplychain.base.errors import MissingError

RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def issues() -> QuerySet[Issue]:
    """All issues with what a row shows, newest first."""
    return Issue.objects.select_related(
        "rule",
        "owner",
        "lot",
        "step",
        "wafer",
        "unit",
        "closed_by",
        "previous",
        "merged_into",
        "weighing",
    )  # fmt: skip.order_by("-id")


def open_issues(lot: Lot | None = None) -> QuerySet[Issue]:
    """Issues that still need somebody, worst first, then oldest; of one lot or of all."""
    rows = issues().filter(state__in=OPEN_STATES)
    if lot is not None:
        rows = rows.filter(about_lots([lot.pk]))
    return rows.annotate(rank=_rank()).order_by("-rank", "opened_at", "pk")


def about_lots(lot_ids: Iterable[int]) -> Q:
    """Issues opened on these lots or found in them now, by themselves or by what was merged in."""
    seen = Sighting.objects.filter(lot__in=lot_ids)  # few, before each is looked at
    found = Q(standing_in(lot__in=lot_ids), cause_key__in=seen.values("cause_key"))
    own = Q(lot__in=lot_ids) | found
    merged = Issue.objects.filter(own, state=IssueState.MERGED)
    return own | Q(pk__in=merged.values("merged_into"))


def explained() -> Q:
    """Issues that a person resolved with a cause, or merged into one that was."""
    own = Q(state__in=DEALT_WITH) & ~Q(cause="")
    return own | (Q(merged_into__state__in=DEALT_WITH) & ~Q(merged_into__cause=""))


def awake(now: datetime) -> Q:
    """Issues that nobody put off until later."""
    return Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)


def issue_with_history(number: str) -> Issue:
    """The issue people call by this number, its history loaded. MissingError when there is none."""
    events = Prefetch("events", IssueEvent.objects.select_related("actor"))
    rows = with_found_lots(issues()).prefetch_related(events)
    issue = rows.filter(number=number).first() if is_issue_number(number) else None
    if issue is None:
        raise MissingError(f"There is no issue {number}. Numbers look like Q-000123.")
    return issue


def standing_issues(rule: Rule) -> QuerySet[Issue]:
    """Issues of a rule whose very cause its detector still found somewhere last time.

    Open, or merged into another, which then stands for it.
    """
    standing = OPEN_STATES | {IssueState.MERGED}
    return Issue.objects.filter(rule=rule, state__in=standing, is_found=True)


def rule_parameters(detector: str) -> dict[str, Any]:
    """Thresholds of a detector's rule; empty without one."""
    rule = Rule.objects.filter(detector=detector).first()
    return dict(rule.parameters) if rule else {}


def _rank() -> Case:
    ranks = [When(severity=severity, then=Value(rank)) for severity, rank in RANKS.items()]
    return Case(*ranks, default=Value(0), output_field=IntegerField())
