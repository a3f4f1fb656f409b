"""What needs a person now, over all rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models import Count as CountRows
from django.urls import reverse

from lots.domain.words import LotState
from lots.models import Hold, Lot
from lots.selectors import StepWip, wip_by_step
from notices.domain.words import Severity
from operations.domain.trend_drawing import TrendDrawing, TrendPoint, draw_trend
from quality.domain.dispersion import Count
from quality.domain.limits import Side, predicted
from quality.domain.words import OPEN_STATES, Statistic
from quality.models import Issue, LedgerCursor, YieldFigure
from quality.selectors.issues import awake
from quality.selectors.limits import fixed_limits
from quality.selectors.series import WINDOW_LOTS, SeriesKey, lot_figures
from quality.selectors.yields import trend_alpha

ROWS_MAX = 8
TREND_LOTS_MAX = 20
TREND_DAYS = 365
TRENDS_MAX = 9
TREND_ROWS_MAX = 600


@dataclass(frozen=True, slots=True)
class WipBar:
    """Work at one step of a route. part: of the fullest step, 0 to 100; held: of this bar."""

    wip: StepWip
    part: float
    held: float


@dataclass(frozen=True, slots=True)
class WipRoute:
    """A route's steps that hold work."""

    code: str
    bars: tuple[WipBar, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Final yield of the latest lots of a product at a step, engineering lots left out."""

    product: str
    sequence: int
    step: str
    step_name: str
    last_ratio: float
    lot_count: int
    drawing: TrendDrawing

    @property
    def is_below(self) -> bool:
        """Whether the newest lot is below its limit."""
        return self.drawing.marks[-1].is_below


@dataclass(frozen=True, slots=True)
class IssueCounts:
    """Open issues, in all and by severity, worst first. is_watched: there is what to look at."""

    total: int
    unowned: int
    is_watched: bool
    by_severity: tuple[tuple[str, int], ...]


def issue_counts(now: datetime) -> IssueCounts:
    """Open issues that nobody put off, in one query."""
    severities = [severity.value for severity in reversed(Severity)]
    columns = {name: CountRows("id", filter=Q(severity=name)) for name in severities}
    row = Issue.objects.filter(awake(now), state__in=OPEN_STATES).aggregate(
        total=CountRows("id"), unowned=CountRows("id", filter=Q(owner__isnull=True)), **columns
    )
    return IssueCounts(
        total=row["total"],
        unowned=row["unowned"],
        is_watched=row["total"] > 0 or _has_been_looked_at(),
        by_severity=tuple((name, row[name]) for name in severities),
    )


def _has_been_looked_at() -> bool:
    """Whether the detectors have read anything of the ledger."""
    return LedgerCursor.objects.filter(seq__gt=0).exists()


def by_urgency(issues: QuerySet[Issue], *before: str) -> QuerySet[Issue]:
    """Those that count before those for information, worst first, then newest.

    before: columns that go before all that.
    """
    ranks = {severity.value: rank for rank, severity in enumerate(Severity)}
    whens = [When(severity=name, then=Value(rank)) for name, rank in ranks.items()]
    return (
        issues.select_related("rule", "lot", "step", "owner", "unit", "wafer")
        .annotate(rank=Case(*whens, default=Value(0), output_field=IntegerField()))
        .order_by(*before, "-is_escalated", "-rank", "-id")
    )


def open_hold_rows() -> QuerySet[Hold]:
    """Open holds, oldest first."""
    holds = Hold.objects.filter(released_at__isnull=True)
    return holds.select_related("lot__product", "lot__step", "owner").order_by("placed_at", "id")


def count_of(rows: QuerySet[Any], shown: Sequence[Any]) -> int:
    """How many rows there are; shown: the first ROWS_MAX of them, all where fewer."""
    return len(shown) if len(shown) < ROWS_MAX else rows.count()


def late_lots(today: date) -> QuerySet[Lot]:
    """Active lots past their due day, longest first."""
    lots = Lot.objects.filter(state=LotState.ACTIVE, due_on__lt=today)
    return lots.select_related("product", "step", "custodian").order_by("due_on", "id")


def wip_bars() -> list[WipRoute]:
    """Work in process as bars, one group a route. Steps that end a route are stock, not work."""
    rows = [row for row in wip_by_step() if row.lot_count]
    most = max((row.lot_count for row in rows), default=1)
    routes: dict[str, list[WipBar]] = {}
    for row in rows:
        part = round(row.lot_count / most * 100, 1)
        held = round(row.held_count / most * 100, 1)
        routes.setdefault(row.route_code, []).append(WipBar(row, part, held))
    return [WipRoute(code, tuple(bars)) for code, bars in routes.items()]


def yield_trends(now: datetime) -> list[Trend]:
    """Trends of the products and steps last tested, newest first."""
    since = now - timedelta(days=TREND_DAYS)
    figures = lot_figures().filter(started_at__gte=since)
    groups: dict[SeriesKey, list[YieldFigure]] = {}
    for figure in figures.order_by("-started_at", "-lot_step_id")[:TREND_ROWS_MAX]:
        lot_step = figure.lot_step
        key = SeriesKey(lot_step.lot.product_id, lot_step.step.code)
        groups.setdefault(key, []).append(figure)
    shown = dict(list(groups.items())[:TRENDS_MAX])
    fixed, alpha = fixed_limits(shown), trend_alpha()
    trends = [
        _trend(newest[::-1], fixed.get((key, Statistic.FINAL_YIELD)), alpha)
        for key, newest in shown.items()
    ]
    first = {trend.product: trend.sequence for trend in sorted(trends, key=_late_first)}
    return sorted(trends, key=lambda one: (first[one.product], one.product, one.sequence))


def _late_first(trend: Trend) -> int:
    return -trend.sequence


def _trend(oldest_first: Sequence[YieldFigure], fixed: float | None, alpha: float) -> Trend:
    counts = [Count(row.final_passed, row.tested) for row in oldest_first]
    points = [
        TrendPoint(
            name=figure.lot_step.lot.code,
            address=reverse("operations:lot-detail", args=[figure.lot_step.lot.code]),
            ratio=figure.final_ratio or 0.0,
            limit=_limit(counts[place], counts[max(place - WINDOW_LOTS, 0) : place], fixed, alpha),
        )
        for place, figure in enumerate(oldest_first)
    ][-TREND_LOTS_MAX:]
    step = oldest_first[-1].lot_step.step
    return Trend(
        product=oldest_first[-1].lot_step.lot.product.code,
        sequence=step.sequence,
        step=step.code,
        step_name=step.name,
        last_ratio=points[-1].ratio,
        lot_count=len(points),
        drawing=draw_trend(points),
    )


def _limit(
    count: Count, earlier: Sequence[Count], fixed: float | None, alpha: float
) -> float | None:
    """The stricter of the fixed limit and what the lots before predict, once they are enough."""
    verdict = predicted(count, earlier, alpha=alpha, side=Side.LOW)
    limits = [] if fixed is None else [fixed]
    if verdict is not None and not verdict.is_provisional:
        limits.append(verdict.limit)
    return max(limits, default=None)
