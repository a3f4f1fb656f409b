"""Lots of one product at one step in order of time: what a lot is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Collate

from lots.domain.words import LotPurpose
from quality.domain.words import YieldScope
from quality.models import ExplainedLot, Issue, YieldFigure
from quality.selectors.issues import explained
from testing.models import LotStep

WINDOW_LOTS = 20
JUDGED_BY_LOTS = 100
SERIES_LOTS_MAX = 5000
IN_TIME = ("started_at", Collate("lot_step__lot__code", "C"), "lot_step_id")
"""Lots that began at one instant stand in order of their codes, not of when their results came."""


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """One product at one step, in every version of its route. Engineering lots are never in it."""

    product_id: int
    step_code: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure to be judged and the earlier ones it is judged by, oldest first."""

    figure: YieldFigure
    earlier: tuple[YieldFigure, ...]

    @property
    def baseline(self) -> tuple[str, ...]:
        """Codes of the earlier lots."""
        return tuple(figure.lot_step.lot.code for figure in self.earlier)


def lot_figures() -> QuerySet[YieldFigure]:
    """Current figures of whole lots that may be compared, with lot, product and step."""
    return (
        YieldFigure.objects.filter(scope=YieldScope.LOT, is_current=True, tested__gt=0)
        .exclude(lot_step__lot__purpose=LotPurpose.ENGINEERING)
        .select_related("lot_step__lot__product", "lot_step__step")
    )


def judged_figures(
    lot_ids: Sequence[int], window: int = WINDOW_LOTS, units_min: int = 1
) -> list[Judged]:
    """Every figure of these lots, each with up to `window` earlier lots of its series.

    units_min: smaller lots are neither judged nor judged by. A lot that an issue with a
    recorded cause was found in at the step is left out of the baselines: it is known not to be
    ordinary.
    """
    wanted: dict[SeriesKey, list[YieldFigure]] = {}
    figures = lot_figures().filter(lot_step__lot__in=lot_ids, tested__gte=units_min)
    for figure in figures.order_by(*IN_TIME):
        wanted.setdefault(key_of(figure), []).append(figure)
    return [
        judged
        for key, members in wanted.items()
        for judged in _with_earlier(key, members, window, units_min)
    ]


def judged_figure(lot_step: LotStep, window: int) -> Judged | None:
    """The same of a lot at one step; None where it has no figure that may be compared."""
    figure = lot_figures().filter(lot_step=lot_step).first()
    if figure is None:
        return None
    (judged,) = _with_earlier(key_of(figure), [figure], window, 1)
    return judged


def place_of(figure: YieldFigure) -> tuple[datetime, str, int]:
    """Where it stands in its series, as IN_TIME orders it."""
    return figure.started_at, figure.lot_step.lot.code, figure.lot_step_id


def key_of(figure: YieldFigure) -> SeriesKey:
    """The series a lot figure stands in."""
    return SeriesKey(figure.lot_step.lot.product_id, figure.lot_step.step.code)


def _with_earlier(
    key: SeriesKey, members: list[YieldFigure], window: int, units_min: int
) -> list[Judged]:
    usable = (
        series_figures(key)
        .filter(tested__gte=units_min)
        .exclude(lot_step__in=explained_lot_steps(key))
    )
    return _within(usable, members, window)


def _within(usable: QuerySet[YieldFigure], members: list[YieldFigure], window: int) -> list[Judged]:
    """Each with its window; those that lie too far apart to be read at once, half by half."""
    first, last = members[0].started_at, members[-1].started_at
    rows = usable.filter(started_at__gte=_window_start(usable, first, window), started_at__lte=last)
    ordered = list(rows.order_by(*IN_TIME)[: SERIES_LOTS_MAX + 1])
    middle = len(members) // 2
    if len(ordered) > SERIES_LOTS_MAX and middle:
        halves = members[:middle], members[middle:]
        return [judged for half in halves for judged in _within(usable, half, window)]
    return [Judged(figure, _earlier(ordered, figure, window)) for figure in members]


def _earlier(
    ordered: list[YieldFigure], figure: YieldFigure, window: int
) -> tuple[YieldFigure, ...]:
    place = place_of(figure)
    before = [row for row in ordered if place_of(row) < place]
    return tuple(before[-window:])


def _window_start(usable: QuerySet[YieldFigure], first: datetime, window: int) -> datetime:
    before = usable.filter(started_at__lt=first).order_by("-started_at")
    instants = list(before.values_list("started_at", flat=True)[:window])
    return instants[-1] if instants else first


def series_figures(key: SeriesKey) -> QuerySet[YieldFigure]:
    """Current figures of every lot of the series."""
    return lot_figures().filter(
        lot_step__lot__product=key.product_id, lot_step__step__code=key.step_code
    )


def explained_lot_steps(key: SeriesKey) -> list[int]:
    """Lot steps of the series that an issue stood on when a person resolved it with a cause."""
    pairs = set(explained_lots(key).values_list("lot_id", "step_id"))
    if not pairs:
        return []
    rows = LotStep.objects.filter(lot__in={lot_id for lot_id, _ in pairs})
    return [
        pk
        for pk, lot_id, step_id in rows.values_list("pk", "lot_id", "step_id")
        if (lot_id, step_id) in pairs
    ]


def explained_lots(key: SeriesKey) -> QuerySet[ExplainedLot]:
    """Lots of the series with an issue that explains them, in order of the issues."""
    issues = Issue.objects.filter(explained())
    rows = ExplainedLot.objects.filter(lot__product=key.product_id, step__code=key.step_code)
    return rows.filter(issue__in=issues).order_by("issue", "pk")
