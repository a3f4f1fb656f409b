"""Yields as people look at them: one lot, one wafer, and the trend of a product at a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from lots.models import Lot, Product
from quality.domain.dispersion import Count
from quality.domain.limits import YIELD_ALPHA, Side, predicted
from quality.domain.words import Statistic, YieldScope
from quality.domain.yields import rolled_ratio
from quality.models import YieldFigure
from quality.selectors.issues import rule_parameters
from quality.selectors.limits import fixed_limits
from quality.selectors.series import WINDOW_LOTS, SeriesKey, lot_figures

TREND_RULE = "yield-below-limit"


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One lot of a trend. Ratios 0 to 1. limit_low: from the lots before it; None below two."""

    lot_code: str
    started_at: datetime
    tested: int
    first_ratio: float | None
    final_ratio: float | None
    final_low: float | None
    final_high: float | None
    limit_low: float | None
    is_provisional: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """Final yield of a product at a step, oldest lot first, and its fixed limit if it has one."""

    product_code: str
    step_code: str
    points: tuple[TrendPoint, ...]
    limit_fixed: float | None


def yields_of_lot(lot: Lot) -> QuerySet[YieldFigure]:
    """Current figures of the whole lot at each step, in order of the route."""
    return (
        YieldFigure.objects.filter(lot_step__lot=lot, scope=YieldScope.LOT, is_current=True)
        .select_related("lot_step__step")
        .order_by("lot_step__step__sequence", "pk")
    )


def rolled_yield(lot: Lot) -> float | None:
    """Product of the first-pass yields of the steps tested so far; None before the first."""
    return rolled_ratio(figure.first_ratio for figure in yields_of_lot(lot))


def yield_trend(product: Product, step_code: str, lot_count: int = WINDOW_LOTS) -> Trend:
    """The last lots of a series, each with the limit that the lots before it gave."""
    key = SeriesKey(product.pk, step_code)
    rows = lot_figures().filter(lot_step__lot__product=product, lot_step__step__code=step_code)
    newest = list(rows.order_by("-started_at", "-lot_step_id")[: lot_count + WINDOW_LOTS])
    ordered = newest[::-1]
    first = max(len(ordered) - lot_count, 0)
    alpha = trend_alpha()
    return Trend(
        product_code=product.code,
        step_code=step_code,
        points=tuple(_point(ordered, place, alpha) for place in range(first, len(ordered))),
        limit_fixed=fixed_limits([key]).get((key, Statistic.FINAL_YIELD)),
    )


def trend_alpha() -> float:
    """One-sided chance of a false alarm of a trend's limits: that of the rule that flags yields."""
    return float(rule_parameters(TREND_RULE).get("alpha", YIELD_ALPHA))


def _point(ordered: list[YieldFigure], place: int, alpha: float) -> TrendPoint:
    figure = ordered[place]
    earlier = [
        Count(row.final_passed, row.tested) for row in ordered[max(place - WINDOW_LOTS, 0) : place]
    ]
    count = Count(figure.final_passed, figure.tested)
    verdict = predicted(count, earlier, alpha=alpha, side=Side.LOW)
    return TrendPoint(
        lot_code=figure.lot_step.lot.code,
        started_at=figure.started_at,
        tested=figure.tested,
        first_ratio=figure.first_ratio,
        final_ratio=figure.final_ratio,
        final_low=figure.final_low,
        final_high=figure.final_high,
        limit_low=verdict.limit if verdict else None,
        is_provisional=verdict is None or verdict.is_provisional,
    )
