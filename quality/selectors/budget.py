"""Tests and flags of the detectors that go by chance, and what the budget for them is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from quality.domain.discovery import believed
from quality.domain.words import FOUND_KINDS
from quality.models import Flag, Issue, IssueEvent, Rule, WeighedWeek, Weighing
from supplychain.base.errors import MalformedError

BUDGET = "false-discovery"
"""Detector of the rule that holds the budget; nothing is found under it."""

BUDGET_RATIO = 0.05
WEEKS_MAX = 104


def budget_rule() -> Rule | None:
    """The rule that holds the budget; None where it was never loaded."""
    return Rule.objects.filter(detector=BUDGET).first()


def budget_ratio(rule: Rule | None) -> float:
    """Share of the flags acted on that may be false, 0 to 1; 1 when the rule is switched off."""
    if rule is None:
        return BUDGET_RATIO
    ratio = float(rule.parameters.get("q", BUDGET_RATIO)) if rule.is_enabled else 1.0
    if not 0 < ratio <= 1:
        raise MalformedError("The false-discovery budget q is above 0 and at most 1.", q=ratio)
    return ratio


def weighings_of(judged: Mapping[str, Sequence[int]]) -> dict[tuple[int, str], Weighing]:
    """Tests by lot step and detector. judged: detector → lots."""
    lot_ids = {lot_id for lots in judged.values() for lot_id in lots}
    rows = Weighing.objects.filter(lot_step__lot__in=lot_ids, detector__in=list(judged))
    wanted = {code: set(lots) for code, lots in judged.items()}
    return {
        (row.lot_step_id, row.detector): row
        for row in rows.select_related("lot_step")
        if row.lot_step.lot_id in wanted[row.detector]
    }


def tests_of_weeks(weeks: Collection[date]) -> Counter[date]:
    """Week → number of tests; 0 for a week without any."""
    rows = Weighing.objects.filter(week_on__in=weeks).order_by()
    return Counter(dict(rows.values_list("week_on").annotate(tests=Count("id"))))


def flagged_weighings(weeks: Collection[date]) -> QuerySet[Weighing]:
    """Tests of these weeks that flagged something, in an order that facts decide."""
    rows = Weighing.objects.filter(week_on__in=weeks, p_value__isnull=False)
    return rows.order_by("week_on", "p_value", "lot_step_id", "detector")


def surest_weighings(issues: Sequence[Issue]) -> dict[int, Weighing]:
    """Issue → the test with the least q that flagged the facts it was found on; three queries.

    Facts that an earlier issue of the cause was found on are left to that one.
    """
    known: dict[int, set[str]] = defaultdict(set)
    events = IssueEvent.objects.filter(issue__in=issues, kind__in=FOUND_KINDS)
    for issue_id, revision in events.values_list("issue_id", "revision"):
        known[issue_id].add(revision)
    flags = Flag.objects.filter(
        cause_key__in={issue.cause_key for issue in issues}, weighing__q_value__isnull=False
    ).select_related("weighing")
    by_cause: dict[str, list[Flag]] = defaultdict(list)
    for flag in flags:
        by_cause[flag.cause_key].append(flag)
    found = {}
    for issue in issues:
        own = [one for one in by_cause[issue.cause_key] if one.revision in known[issue.pk]]
        if own:
            found[issue.pk] = min((one.weighing for one in own), key=_sureness)
    return found


def _sureness(weighing: Weighing) -> tuple[float, date, int]:
    assert weighing.q_value is not None, "only flagged tests are asked"
    return weighing.q_value, weighing.week_on, weighing.lot_step_id


@dataclass(frozen=True, slots=True)
class SpentWeek:
    """A week and what it must keep to beside all before it. threshold: of its p-value, LORD++."""

    week: WeighedWeek
    threshold: float
    is_believed: bool


def spent_weeks(budget: float) -> list[SpentWeek]:
    """The last weeks, newest first, each judged after those before it; one query."""
    weeks = list(WeighedWeek.objects.order_by("-starts_on")[:WEEKS_MAX])[::-1]
    verdicts = believed([week.p_value for week in weeks], budget)
    found = [SpentWeek(week, *verdict) for week, verdict in zip(weeks, verdicts, strict=True)]
    return found[::-1]
