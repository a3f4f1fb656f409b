"""Control charts of a series: lots beside frozen limits, and what is known of those that signal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Min
from django.db.models.functions import Coalesce

from quality.domain.control import CHART_KINDS, Panel, Point, control_panels
from quality.domain.figures import Figure, figure_of
from quality.domain.limit_sets import LimitAsked, Proposal
from quality.domain.measures import Measure
from quality.domain.run_rules import Rule
from quality.domain.words import RuleSet
from quality.models import Issue, LimitVersion
from quality.selectors.figure_lots import HistoryLot, Span, figure_lots
from quality.selectors.limit_history import history_lots, proposal, test_of
from quality.selectors.limit_versions import approved_limits, asked_by, limits_of
from quality.selectors.series import SeriesKey

CHART_LOTS_MAX = 500
LOT = Coalesce("lot", "lot_step__lot")
BEGAN = Coalesce("started_at", "lot_step__first_started_at")
"""Of versions from before lots of every figure were kept, the lot step says both."""


@dataclass(frozen=True, slots=True)
class ChartLot:
    """A lot on each picture; no points: it was left out. is_history: of the first phase.

    issues: of the lot at the step, newest first; asked only of lots that signal.
    """

    lot: HistoryLot
    points: tuple[Point | None, ...]
    is_history: bool
    issues: tuple[Issue, ...] = ()

    @property
    def rules(self) -> list[Rule]:
        """Every rule it breaks on any picture."""
        return [rule for point in self.points if point for rule in point.rules]


@dataclass(frozen=True, slots=True)
class ControlChart:
    """version: None for trial limits, computed now and released by nobody.

    panels: pictures whose points are those of the lots that were not left out.
    """

    asked: LimitAsked
    version: LimitVersion | None
    limits: Proposal
    panels: tuple[Panel, ...]
    lots: tuple[ChartLot, ...]

    @property
    def figure(self) -> Figure:
        """What is charted."""
        return figure_of(self.asked.subject)

    @property
    def is_share(self) -> bool:
        """Whether its figure is a ratio, 0 to 1."""
        return self.figure.measure is Measure.SHARE

    @property
    def signals(self) -> list[ChartLot]:
        """Lots that break a rule, newest first."""
        return [lot for lot in reversed(self.lots) if lot.rules]


def control_chart(asked: LimitAsked, chosen: RuleSet, at: datetime) -> ControlChart | None:
    """By the version that counts then, else by trial limits of the newest lots.

    None where there is no version and the lots give no limits.
    """
    assert asked.kind in CHART_KINDS
    key = SeriesKey(asked.product_id, asked.step_code)
    version = approved_limits({key}, {asked.kind}).at(key, asked.kind, asked.subject, at)
    if version is not None:
        return version_chart(version, chosen)
    lots = history_lots(asked, {})
    limits = proposal(asked, lots)
    return None if limits is None else chart_of(asked, limits, lots, chosen)


def version_chart(version: LimitVersion, chosen: RuleSet) -> ControlChart:
    """From the first lot of its history to the newest; CHART_LOTS_MAX at most."""
    asked = asked_by(version)
    kept = dict(version.lots.values_list(LOT, "left_out"))
    lots = _lots_since(version, asked, kept)
    return chart_of(asked, limits_of(version), lots, chosen, version, kept)


def _lots_since(
    version: LimitVersion, asked: LimitAsked, reasons: dict[int, str]
) -> list[HistoryLot]:
    first = version.lots.aggregate(first=Min(BEGAN))["first"]
    return [
        replace(lot, left_out=reasons.get(lot.lot_id, ""))
        for lot in figure_lots(asked, Span(CHART_LOTS_MAX, first))
    ]


def chart_of(
    asked: LimitAsked,
    limits: Proposal,
    lots: Sequence[HistoryLot],
    chosen: RuleSet,
    version: LimitVersion | None = None,
    history: Iterable[int] | None = None,
) -> ControlChart:
    """Lots beside limits. history: ids of lots of the first phase; None: all of them."""
    judged = [lot for lot in lots if not lot.left_out]
    samples = [lot.sample for lot in judged]
    measure = figure_of(asked.subject).measure
    panels = control_panels(asked.kind, limits, samples, asked.sigmas, chosen, measure)
    by_lot = zip(*(panel.points for panel in panels), strict=True)
    points = dict(zip(judged, by_lot, strict=True))
    signalling = [lot.lot_code for lot in judged if _rules(points[lot])]
    issues = _issues(signalling, asked.step_code)
    first_phase = {lot.lot_id for lot in lots} if history is None else set(history)
    placed = tuple(
        ChartLot(
            lot=lot,
            points=points.get(lot, ()),
            is_history=lot.lot_id in first_phase,
            issues=tuple(issues[lot.lot_code]),
        )
        for lot in lots
    )
    return ControlChart(asked, version, limits, panels, placed)


def unit_of(asked: LimitAsked) -> str:
    """Of a chart's figure; a test's own, empty where its program states none."""
    return test_of(asked).units if asked.parameter_id else figure_of(asked.subject).unit


def _rules(points: Iterable[Point | None]) -> bool:
    return any(point.rules for point in points if point is not None)


def _issues(lot_codes: Sequence[str], step_code: str) -> dict[str, list[Issue]]:
    """Lot code → its issues at the step, newest first."""
    found: dict[str, list[Issue]] = defaultdict(list)
    if lot_codes:
        rows = Issue.objects.filter(lot__code__in=lot_codes, step__code=step_code)
        for issue in rows.select_related("lot", "rule").order_by("-pk"):
            assert issue.lot is not None, "asked for by its lot"
            found[issue.lot.code].append(issue)
    return found
