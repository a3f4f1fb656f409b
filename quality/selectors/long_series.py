"""A series from its first lots: what slow changes are seen against."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Collate

from quality.models import Issue, YieldFigure
from quality.selectors.issues import explained
from quality.selectors.series import (
    IN_TIME,
    SeriesKey,
    explained_lot_steps,
    key_of,
    lot_figures,
    place_of,
    series_figures,
)


@dataclass(frozen=True, slots=True)
class LongSeries:
    """first: the lots that say what is usual. recent: the newest after them, up to the lot that is
    judged. Both oldest first; a short series has no recent lots. judged: its lot step.
    """

    key: SeriesKey
    first: tuple[YieldFigure, ...]
    recent: tuple[YieldFigure, ...]
    judged: int


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
    """For each of these lots, oldest first, every series that it stands in, up to it: so that what
    is found of a lot is the same whoever is judged with it.

    A series begins anew behind the lot of an issue of this detector that was resolved with a cause:
    the new level is then the usual one. Lots that showed it are no part of it, as in any baseline.
    """
    wanted: dict[SeriesKey, list[YieldFigure]] = {}
    figures = lot_figures().filter(lot_step__lot__in=lot_ids, tested__gte=span.units_min)
    for figure in figures.order_by(*IN_TIME):
        wanted.setdefault(key_of(figure), []).append(figure)
    return [
        series for key, members in wanted.items() for series in _long(key, members, span, detector)
    ]


def _long(
    key: SeriesKey, members: Sequence[YieldFigure], span: Span, detector: str
) -> list[LongSeries]:
    rows = series_figures(key).filter(tested__gte=span.units_min)
    rows = rows.exclude(lot_step__in=explained_lot_steps(key))
    cause = cause_of(detector, key, members[-1].lot_step.lot.product.code)
    if (begins_after := _restarted_at(cause)) is not None:
        rows = rows.filter(started_at__gt=begins_after)
    first = tuple(rows.order_by(*IN_TIME)[: span.first])
    found: list[LongSeries] = []
    left = list(members)
    while left:
        stretch, is_whole = _up_to(left[-1], rows, 2 * span.recent)
        shortest = 0 if is_whole else span.recent
        while left and (place := _place_of(left[-1], stretch)) >= shortest:
            last = left.pop()
            begun = [figure for figure in first if place_of(figure) <= place_of(last)]
            known = {figure.pk for figure in begun}
            window = stretch[max(place - span.recent, 0) : place]
            recent = tuple(figure for figure in window if figure.pk not in known)
            found.append(LongSeries(key, tuple(begun), recent, last.lot_step_id))
    return found[::-1]


def _up_to(
    last: YieldFigure, rows: QuerySet[YieldFigure], count: int
) -> tuple[list[YieldFigure], bool]:
    """So many figures up to this one, oldest first, and whether there are no earlier ones."""
    at, code = last.started_at, last.lot_step.lot.code
    told = rows.annotate(lot_code=Collate("lot_step__lot__code", "C"))
    upto = told.filter(Q(started_at__lt=at) | Q(started_at=at, lot_code__lte=code))
    newest: list[YieldFigure] = [*upto.order_by(*IN_TIME).reverse()[: count + 1]]
    return newest[::-1], len(newest) <= count


def _place_of(figure: YieldFigure, stretch: Sequence[YieldFigure]) -> int:
    """How many of the stretch are not behind the figure."""
    return bisect_right(stretch, place_of(figure), key=place_of)


def _restarted_at(cause: str) -> datetime | None:
    issue = Issue.objects.filter(explained(), cause_key=cause).order_by("-pk").first()
    if issue is None:
        return None
    figure = lot_figures().filter(lot_step__lot=issue.lot_id, lot_step__step=issue.step_id).first()
    return figure.started_at if figure else None
