"""Lots of a series with what a figure counts or measures of them, whatever rows it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery

from lots.domain.words import LotPurpose, Verb
from lots.models import Event
from quality.domain.control import CHART_KINDS
from quality.domain.figures import figure_of
from quality.domain.limit_sets import LimitAsked
from quality.domain.measures import Part, Sample, middle_median, pooled_mean
from quality.domain.words import LimitKind, Statistic, YieldScope
from quality.models import YieldFigure
from quality.selectors.series import SeriesKey, series_figures
from testing.models import LotStep, Parameter, ReadingSummary
from testing.selectors import burn_in_fallout, same_test_ids, that_count


@dataclass(frozen=True, slots=True)
class HistoryLot:
    """passed of tested: units that passed, or were in the bin; of another figure its counted of
    size. value: of a figure that measures; None where it counts. left_out: why; empty: it counts.

    lot_step_id: None for figures of steps without results.
    """

    lot_id: int
    lot_step_id: int | None
    lot_code: str
    started_at: datetime
    passed: int
    tested: int
    left_out: str = ""
    value: float | None = None

    @property
    def ratio(self) -> float:
        """The figure: 0 to 1 of shares, else in its own unit."""
        return self.passed / self.tested if self.value is None else self.value

    @property
    def sample(self) -> Sample:
        """As charts take it."""
        return Sample(self.ratio, self.passed, self.tested)


@dataclass(frozen=True, slots=True)
class Span:
    """The newest lots, so many at most; since: none that began before."""

    lots_max: int
    since: datetime | None = None


Counter = Callable[[YieldFigure], int]
Reader = Callable[[LimitAsked, Span], list[HistoryLot]]


def figure_lots(asked: LimitAsked, span: Span) -> list[HistoryLot]:
    """Oldest first; engineering lots are never among them.

    Three queries at most, four for a test, however many lots there are.
    """
    if asked.kind not in CHART_KINDS:
        return _yields(asked, span)[::-1]
    return READERS[figure_of(asked.subject).code](asked, span)[::-1]


def _yields(asked: LimitAsked, span: Span) -> list[HistoryLot]:
    count = _of_bin(asked.subject)
    if asked.kind is not LimitKind.SBL:
        is_first = asked.subject == Statistic.FIRST_YIELD
        count = _first_passed if is_first else _final_passed
    return _counted(asked, span, "tested", count)


def _counted(asked: LimitAsked, span: Span, size: str, count: Counter) -> list[HistoryLot]:
    """From yield figures. size: their field that counts in how many."""
    rows = _rows(asked).filter(**{f"{size}__gte": max(asked.units_min, 1)})
    return [_lot(row, count(row), getattr(row, size)) for row in _newest(rows, span)]


def _first_passed(figure: YieldFigure) -> int:
    return figure.first_passed


def _final_passed(figure: YieldFigure) -> int:
    return figure.final_passed


def _of_bin(number: str) -> Counter:
    return lambda figure: int(figure.fail_bins.get(number, 0))


def _bins(asked: LimitAsked, span: Span) -> list[HistoryLot]:
    return _counted(asked, span, "tested", _of_bin(asked.subject))


def _wafers(asked: LimitAsked, span: Span) -> list[HistoryLot]:
    """Of lots with results by wafer; units_min: wafers, of which no more are looked at in lots that
    are not taken."""
    counted = YieldFigure.objects.filter(
        lot_step=OuterRef("lot_step"), scope=YieldScope.WAFER, is_current=True
    ).order_by()
    before = max(asked.units_min, 1) - 1
    count = counted.values("lot_step").annotate(count=Count("pk")).values("count")
    rows = _rows(asked).filter(Exists(counted[before : before + 1]))
    found = _newest(rows.annotate(wafers=Subquery(count)), span)
    return [_lot(row, row.tested - row.final_passed, vars(row)["wafers"]) for row in found]


def _tests(middle: Callable[[Sequence[Part]], float]) -> Reader:
    """From the summaries of every insertion that counts, retests too; by run, head and site."""

    def read(asked: LimitAsked, span: Span) -> list[HistoryLot]:
        assert asked.parameter_id is not None, "a figure of a test names it"
        test = Parameter.objects.select_related("revision__program").get(pk=asked.parameter_id)
        summed = ReadingSummary.objects.filter(
            that_count("run"), parameter__in=same_test_ids(test), count__gt=0
        )
        has_values = Exists(summed.filter(run__lot_step=OuterRef("lot_step")))
        rows = list(_newest(_rows(asked).filter(has_values), span))
        parts = _parts(summed.filter(run__lot_step__in=[row.lot_step_id for row in rows]))
        return [
            _lot(row, size, size, middle(found))
            for row in rows
            for found in [parts.get(row.lot_step_id, [])]
            for size in [sum(part.count for part in found)]
            if size >= max(asked.units_min, 1)
        ]

    return read


def _parts(rows: QuerySet[ReadingSummary]) -> Mapping[int, list[Part]]:
    """Lot step → its summaries."""
    found: dict[int, list[Part]] = defaultdict(list)
    columns = rows.order_by("pk").values_list("run__lot_step", "count", "mean", "median")
    for lot_step, count, mean, median in columns:
        if mean is not None and median is not None:
            found[lot_step].append(Part(count, mean, median))
    return found


def _burn_in(asked: LimitAsked, span: Span) -> list[HistoryLot]:
    """Units by their last load: one that passed since in another socket is no loss."""
    rows = LotStep.objects.filter(
        lot__product=asked.product_id, step__code=asked.step_code, burn_in_runs__isnull=False
    )
    rows = rows.exclude(lot__purpose=LotPurpose.ENGINEERING).select_related("lot")
    rows = rows.annotate(loaded_at=Min("burn_in_runs__started_at"))
    if span.since is not None:
        rows = rows.filter(loaded_at__gte=span.since)
    steps = list(rows.order_by("-loaded_at", "-pk")[: span.lots_max])
    fallout = burn_in_fallout([one.pk for one in steps])
    return [
        HistoryLot(
            one.lot_id, one.pk, one.lot.code, vars(one)["loaded_at"],
            judged.failed, judged.submitted,
        )
        for one in steps
        if one.pk in fallout
        for judged in [fallout[one.pk].judged]
        if judged.submitted >= max(asked.units_min, 1)
    ]  # fmt: skip


def _hours(asked: LimitAsked, span: Span) -> list[HistoryLot]:
    """From coming to the step to leaving it, holds too: the last stay that is over.

    In order of leaving. A lot that was split off at the step never came to it.
    """
    is_here, told = Q(step_from__code=asked.step_code), _told(asked)
    left = told.filter(is_here, step_to__isnull=False).exclude(step_to__code=asked.step_code)
    if span.since is not None:
        left = left.filter(occurred_at__gte=span.since)
    ends = left.order_by().values("lot", "lot__code").annotate(left_at=Max("occurred_at"))
    newest = list(ends.order_by("-left_at", "-lot")[: span.lots_max])
    came = told.filter(step_to__code=asked.step_code, lot__in=[one["lot"] for one in newest])
    entries: dict[int, list[datetime]] = defaultdict(list)
    for lot_id, at in came.exclude(is_here).values_list("lot", "occurred_at"):
        entries[lot_id].append(at)
    return [_stay(one, came_at) for one in newest for came_at in _last(one, entries)]


def _told(asked: LimitAsked) -> QuerySet[Event]:
    """What stands of the lots of the product; corrected events are not told."""
    rows = Event.objects.filter(lot__product=asked.product_id)
    rows = rows.exclude(lot__purpose=LotPurpose.ENGINEERING)
    return rows.exclude(verb=Verb.CORRECT).exclude(corrections__verb=Verb.CORRECT)


def _last(end: Mapping[str, Any], entries: Mapping[int, list[datetime]]) -> list[datetime]:
    """The last coming before the end, or none."""
    before = [at for at in entries.get(end["lot"], ()) if at < end["left_at"]]
    return [max(before)] if before else []


def _stay(end: Mapping[str, Any], came_at: datetime) -> HistoryLot:
    hours = (end["left_at"] - came_at) / timedelta(hours=1)
    return HistoryLot(end["lot"], None, end["lot__code"], end["left_at"], 1, 1, value=hours)


def _rows(asked: LimitAsked) -> QuerySet[YieldFigure]:
    return series_figures(SeriesKey(asked.product_id, asked.step_code))


def _newest(rows: QuerySet[YieldFigure], span: Span) -> QuerySet[YieldFigure]:
    if span.since is not None:
        rows = rows.filter(started_at__gte=span.since)
    return rows.order_by("-started_at", "-lot_step_id")[: span.lots_max]


def _lot(figure: YieldFigure, count: int, size: int, value: float | None = None) -> HistoryLot:
    return HistoryLot(
        lot_id=figure.lot_step.lot_id,
        lot_step_id=figure.lot_step_id,
        lot_code=figure.lot_step.lot.code,
        started_at=figure.started_at,
        passed=count,
        tested=size,
        value=value,
    )


READERS: Mapping[str, Reader] = {
    "final-yield": lambda asked, span: _counted(asked, span, "tested", _final_passed),
    "first-yield": lambda asked, span: _counted(asked, span, "tested", _first_passed),
    "bin": _bins,
    "fails-per-wafer": _wafers,
    "burn-in-fallout": _burn_in,
    "retest-share": lambda asked, span: _counted(asked, span, "tested", lambda row: row.retested),
    "recovered-share": lambda asked, span: _counted(
        asked, span, "retested", lambda row: row.recovered
    ),
    "test-mean": _tests(pooled_mean),
    "test-median": _tests(middle_median),
    "step-hours": _hours,
}
"""One for each of `domain.figures`."""
