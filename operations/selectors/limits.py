"""Limit versions as people see them: where each stands, its history, and what it would hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from operations.domain.control_drawing import ControlPoint, draw_control, figure
from operations.domain.measures import figures
from operations.selectors.charts import Picture, lot_address, pictures, rescaled, scale_of
from quality.domain.control import CHART_KINDS
from quality.domain.figures import figure_of
from quality.domain.limit_sets import PART_KINDS, TEST_KINDS, LimitAsked, Proposal, state_at
from quality.domain.measures import Measure
from quality.domain.words import OPEN_STATES, LimitKind, LimitState, RuleSet
from quality.models import Issue, LimitVersion
from quality.selectors.control_charts import chart_of
from quality.selectors.limit_history import (
    SIMULATED_LOTS,
    SimulatedLot,
    history_lots,
    simulated,
)
from quality.selectors.limit_versions import limit_versions

VERSIONS_MAX = 500
CHART_WORDS = {
    LimitKind.CHART_LANEY: "Laney's chart: shares or rates that differ beyond chance",
    LimitKind.CHART_P: "p chart: shares",
    LimitKind.CHART_U: "u chart: counts for each unit or wafer",
    LimitKind.CHART_IMR: "I-MR chart: single lots and moving ranges",
    LimitKind.CHART_EWMA: "EWMA chart: weighted means of lots",
    LimitKind.CHART_CUSUM: "CUSUM chart: sums of falls and of rises",
}
KIND_WORDS = {
    LimitKind.SYL: "Yield of a lot, low (SYL)",
    LimitKind.SBL: "Share of a hard bin, high (SBL)",
    LimitKind.STATIC_PAT: "Values of a test, from history (static PAT)",
    LimitKind.DYNAMIC_PAT: "Values of a test, from each lot itself (dynamic PAT)",
    LimitKind.GDBN: "Good dies in a bad neighbourhood (GDBN)",
    LimitKind.NNR: "Values beside those of neighbours (NNR)",
    LimitKind.SPEC: "Yield of a lot, typed in (spec)",
    **CHART_WORDS,
}


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A version in a list. low, high: with their unit; a dash for none."""

    version: LimitVersion
    state: LimitState
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Trial:
    """The last lots under a limit. held: those it would have held, newest first.

    is_chart: nothing is held by it; those lots would have signalled.
    """

    lots: Sequence[SimulatedLot]
    held: Sequence[SimulatedLot]
    pictures: Sequence[Picture]
    is_ratio: bool
    is_chart: bool


def limit_lines(at: datetime, versions: Sequence[LimitVersion] | None = None) -> list[LimitLine]:
    """Every version, or these, where each stands then."""
    rows = list(limit_versions()[:VERSIONS_MAX]) if versions is None else versions
    limits: dict[tuple[int, str, str, str], list[LimitVersion]] = defaultdict(list)
    for row in rows:
        limits[row.product_id, row.step_code, row.kind, row.subject].append(row)
    return [
        LimitLine(
            version=row,
            state=state_at(row, limits[row.product_id, row.step_code, row.kind, row.subject], at),
            low=level(row.kind, row.subject, row.low),
            high=level(row.kind, row.subject, row.high),
        )
        for row in rows
    ]


def level(kind: str, subject: str, value: float | None) -> str:
    """A limit as people write it: percent for shares, with the unit of rates and times, base units
    for tests."""
    if value is None:
        return "—"
    charted = figure_of(subject) if LimitKind(kind) in CHART_KINDS else None
    if charted is None or charted.measure is Measure.SHARE:
        return figure(value, as_percent=LimitKind(kind) not in TEST_KINDS)
    return f"{figures(value)} {charted.unit}".strip()


def trial(asked: LimitAsked, limits: Proposal) -> Trial:
    """What the limit would have held of the last lots."""
    if asked.kind in CHART_KINDS:
        return _chart_trial(asked, limits)
    lots = simulated(asked, limits)
    is_ratio = asked.kind not in PART_KINDS
    low = limits.low if is_ratio else None
    high = limits.high if is_ratio else float(asked.count_min)
    points = [
        ControlPoint(
            name=one.lot.lot_code,
            address=lot_address(one.lot),
            value=one.value,
            low=low,
            high=high,
            signal="would be held" if one.is_held else "",
        )
        for one in lots
    ]
    middle = limits.middle if is_ratio else None
    held = [one for one in reversed(lots) if one.is_held]
    drawing = draw_control(points, middle, as_percent=is_ratio)
    return Trial(lots, held, [Picture("", drawing)], is_ratio, is_chart=False)


def _chart_trial(asked: LimitAsked, limits: Proposal) -> Trial:
    lots = history_lots(asked, {}, SIMULATED_LOTS)
    chart = chart_of(asked, limits, [replace(lot, left_out="") for lot in lots], RuleSet.LIMIT)
    judged = [SimulatedLot(one.lot, one.lot.ratio, bool(one.rules)) for one in chart.lots]
    held = [one for one in reversed(judged) if one.is_held]
    scale = scale_of(asked)
    shown = pictures(rescaled(chart, scale.factor), scale.unit)
    return Trial(judged, held, shown, is_ratio=chart.is_share, is_chart=True)


def issues_open_on(asked: LimitAsked, codes: Sequence[str]) -> dict[str, list[str]]:
    """Lot → numbers of the open issues on it at the step. One query."""
    rows = Issue.objects.filter(
        state__in=OPEN_STATES, lot__code__in=codes, step__code=asked.step_code
    )
    found: dict[str, list[str]] = {}
    for code, number in rows.order_by("id").values_list("lot__code", "number"):
        found.setdefault(code, []).append(number)
    return found
