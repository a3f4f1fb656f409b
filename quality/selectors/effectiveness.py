"""What came since an issue was resolved: the ground to say whether the corrective action helped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from quality.domain.words import DEALT_WITH, FOUND_KINDS, IssueState
from quality.models import Issue, IssueEvent, Sighting, YieldFigure
from quality.selectors.series import SeriesKey, series_figures

LOTS_SHOWN = 20
FOUND_SHOWN = 20


@dataclass(frozen=True, slots=True)
class LotSince:
    """A lot first tested at the step since then. found: issues of the same rule that were opened on
    it there, or are found on it there now.
    """

    code: str
    started_at: datetime
    tested: int
    passed: int
    found: tuple[str, ...]

    @property
    def ratio(self) -> float:
        """Final yield, 0 to 1."""
        return self.passed / self.tested


@dataclass(frozen=True, slots=True)
class Effectiveness:
    """since: None of an issue that is not resolved, of which nothing else is told.

    Counted are all lots of the product at the step; lots: the newest LOTS_SHOWN of them. found:
    issues of the very cause, and of the same rule on those lots, newest first. has_series: whether
    the issue is about a lot at a step, so that lots can be counted.
    """

    since: datetime | None = None
    has_series: bool = False
    lot_count: int = 0
    tested: int = 0
    passed: int = 0
    lots: Sequence[LotSince] = ()
    found: Sequence[Issue] = ()

    @property
    def ratio(self) -> float | None:
        """Final yield of all of them, 0 to 1; None before the first."""
        return self.passed / self.tested if self.tested else None

    @property
    def found_numbers(self) -> list[str]:
        """Of the issues found since."""
        return [issue.number for issue in self.found]


def found_again(issue: Issue, since: datetime) -> QuerySet[Issue]:
    """Issues opened on its very cause since then, but for those dismissed as no cause at all."""
    rows = Issue.objects.filter(cause_key=issue.cause_key, opened_at__gt=since)
    return rows.exclude(pk=issue.pk).exclude(state=IssueState.DISMISSED)


def effectiveness_of(issue: Issue) -> Effectiveness:
    """Of an issue that was resolved, verified or not. Three queries; none for any other."""
    since = issue.closed_at
    if issue.state not in DEALT_WITH or since is None:
        return Effectiveness()
    figures = _figures_since(issue, since)
    again = Q(pk__in=found_again(issue, since).values("pk"))
    if figures is None:
        return Effectiveness(since, found=_listed(Issue.objects.filter(again)))
    newest = figures.order_by("-started_at", "-lot_step_id")[:LOTS_SHOWN]
    alike = _alike(issue, figures.values("lot_step__lot"))
    rows = Issue.objects.filter(again | alike)
    shown = _sightings(issue).filter(lot__in=newest.values("lot_step__lot"))
    found = _listed(rows.annotate(seen_on=ArraySubquery(shown.values("lot").distinct())))
    totals = figures.aggregate(lots=Count("pk"), tested=Sum("tested"), passed=Sum("final_passed"))
    return Effectiveness(
        since=since,
        has_series=True,
        lot_count=totals["lots"],
        tested=totals["tested"] or 0,
        passed=totals["passed"] or 0,
        lots=[_lot(figure, _by_lot(found)) for figure in newest],
        found=found,
    )


def _figures_since(issue: Issue, since: datetime) -> QuerySet[YieldFigure] | None:
    """Of the product at the step, but for its own lot; None where it is about no lot at a step."""
    if issue.lot is None or issue.step is None:
        return None
    key = SeriesKey(issue.lot.product_id, issue.step.code)
    return series_figures(key).filter(started_at__gt=since).exclude(lot_step__lot=issue.lot_id)


def _alike(issue: Issue, lots: QuerySet[YieldFigure, Any]) -> Q:
    """Others of its rule that were opened on these lots at its step, or are found there now."""
    code = issue.step.code if issue.step else ""
    there = Q(step__code=code, lot__in=lots) | Q(Exists(_sightings(issue).filter(lot__in=lots)))
    kept = ~Q(state=IssueState.DISMISSED) & ~Q(pk=issue.pk)
    return Q(rule=issue.rule_id) & kept & there


def _sightings(issue: Issue) -> QuerySet[Sighting]:
    """At the step of this issue, of one asked for around them: on facts that its history knows."""
    known = IssueEvent.objects.filter(issue=OuterRef(OuterRef("pk")), kind__in=FOUND_KINDS)
    rows = Sighting.objects.filter(rule=issue.rule_id, cause_key=OuterRef("cause_key"))
    code = issue.step.code if issue.step else ""
    return rows.filter(step__code=code, revision__in=known.values("revision")).order_by()


def _listed(rows: QuerySet[Issue]) -> list[Issue]:
    return list(rows.select_related("lot").order_by("-pk")[:FOUND_SHOWN])


def _by_lot(found: Sequence[Issue]) -> Mapping[int | None, tuple[str, ...]]:
    """Lot → numbers, newest first. found: with the lots that each is seen on."""
    numbers: dict[int | None, list[str]] = defaultdict(list)
    for issue in found:
        for lot in {issue.lot_id, *vars(issue)["seen_on"]}:
            numbers[lot].append(issue.number)
    return {lot: tuple(those) for lot, those in numbers.items()}


def _lot(figure: YieldFigure, found: Mapping[int | None, tuple[str, ...]]) -> LotSince:
    lot = figure.lot_step.lot
    return LotSince(
        lot.code, figure.started_at, figure.tested, figure.final_passed, found.get(lot.pk, ())
    )
