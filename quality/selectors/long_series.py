"""A series from its first lots: what slow changes are seen against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quality.models import Issue, YieldFigure
from quality.selectors.issues import explained
from quality.selectors.series import (
    SeriesKey,
    explained_lot_steps,
    key_of,
    lot_figures,
    series_figures,
)


@dataclass(frozen=True, slots=True)
class LongSeries:
    """first: the lots that say what is usual. recent: the newest after them, up to the last lot
    that is judged. Both oldest first; a short series has no recent lots. judged: lot steps.
    """

    key: SeriesKey
    first: tuple[YieldFigure, ...]
    recent: tuple[YieldFigure, ...]
    judged: frozenset[int]


@dataclass(frozen=True, slots=True)
class Span:
    """How many lots are read, however long the series is. units_min: smaller lots are left out."""

    first: int
    recent: int
    units_min: int


def cause_of(detector: str, key: SeriesKey, product_code: str) -> str:
    """The cause of an issue about a series as a whole."""
    return f"{detector}:{product_code}:{key.step_code}"


def long_series(lot_ids: Sequence[int], span: Span, detector: str) -> list[LongSeries]:
    """Every series that one of these lots stands in.

    A series begins anew behind the lot of an issue of this detector that was resolved with a cause:
    the new level is then the usual one.
    """
    wanted: dict[SeriesKey, list[YieldFigure]] = {}
    figures = lot_figures().filter(lot_step__lot__in=lot_ids, tested__gte=span.units_min)
    for figure in figures.order_by("started_at", "lot_step_id"):
        wanted.setdefault(key_of(figure), []).append(figure)
    return [_long(key, members, span, detector) for key, members in wanted.items()]


def _long(key: SeriesKey, members: Sequence[YieldFigure], span: Span, detector: str) -> LongSeries:
    last = members[-1]
    rows = series_figures(key).filter(tested__gte=span.units_min, started_at__lte=last.started_at)
    rows = rows.exclude(lot_step__in=explained_lot_steps(key))
    cause = cause_of(detector, key, last.lot_step.lot.product.code)
    if (begins_after := _restarted_at(cause)) is not None:
        rows = rows.filter(started_at__gt=begins_after)
    first = list(rows.order_by("started_at", "lot_step_id")[: span.first])
    known = {figure.pk for figure in first}
    newest = rows.order_by("-started_at", "-lot_step_id")[: span.recent]
    recent = [figure for figure in newest if figure.pk not in known]
    judged = frozenset(figure.lot_step_id for figure in members)
    return LongSeries(key, tuple(first), tuple(reversed(recent)), judged)


def _restarted_at(cause: str) -> datetime | None:
    issue = Issue.objects.filter(explained(), cause_key=cause).order_by("-pk").first()
    if issue is None:
        return None
    figure = lot_figures().filter(lot_step__lot=issue.lot_id, lot_step__step=issue.step_id).first()
    return figure.started_at if figure else None
