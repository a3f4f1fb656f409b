"""What came since an issue was resolved: the ground to say whether the corrective action helped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from quality.domain.words import DEALT_WITH, IssueState
from quality.models import Issue, YieldFigure
from quality.selectors.series import SeriesKey, series_figures

LOTS_SHOWN = 20
FOUND_SHOWN = 20


@dataclass(frozen=True, slots=True)
class LotSince:
    """A lot first tested at the step since then. found: issues of the same rule on it there."""

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
        return Effectiveness(since, found=_listed(again))
    code = issue.step.code if issue.step else ""
    alike = Q(rule=issue.rule_id, step__code=code, lot__in=figures.values("lot_step__lot"))
    found = _listed(again | (alike & ~Q(state=IssueState.DISMISSED)))
    totals = figures.aggregate(lots=Count("pk"), tested=Sum("tested"), passed=Sum("final_passed"))
    newest = figures.order_by("-started_at", "-lot_step_id")[:LOTS_SHOWN]
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


def _listed(wanted: Q) -> list[Issue]:
    rows = Issue.objects.filter(wanted).select_related("lot").order_by("-pk")
    return list(rows[:FOUND_SHOWN])


def _by_lot(found: Sequence[Issue]) -> Mapping[int | None, tuple[str, ...]]:
    lots = {issue.lot_id for issue in found}
    return {lot: tuple(one.number for one in found if one.lot_id == lot) for lot in lots}


def _lot(figure: YieldFigure, found: Mapping[int | None, tuple[str, ...]]) -> LotSince:
    lot = figure.lot_step.lot
    return LotSince(
        lot.code, figure.started_at, figure.tested, figure.final_passed, found.get(lot.pk, ())
    )
