"""Control charts as people see them: pictures, signals with what may lie behind, and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from operations.domain.control_drawing import ControlDrawing, ControlPoint, draw_control, figure
from quality.domain.control import CHART_KINDS, RATIO_KINDS, Panel, Point
from quality.domain.run_rules import Rule
from quality.domain.words import LimitKind
from quality.models import Issue, LimitVersion
from quality.selectors.control_charts import ChartLot, ControlChart
from quality.selectors.limit_history import HistoryLot

SHOWN_LOTS = 120
LOT_SHARES = RATIO_KINDS | {LimitKind.CHART_IMR}
"""Charts whose first picture shows each lot by itself, also one that was left out."""


@dataclass(frozen=True, slots=True)
class Picture:
    """title: what its points are; empty where that is said beside it."""

    title: str
    drawing: ControlDrawing


@dataclass(frozen=True, slots=True)
class Level:
    """A point as people write it; a dash for none."""

    value: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One rule that one lot breaks on one picture."""

    lot: HistoryLot
    picture: str
    rule: Rule
    level: Level
    issues: Sequence[Issue]


@dataclass(frozen=True, slots=True)
class PointRow:
    """A lot of the table that says what the pictures say. levels: one a picture."""

    lot: HistoryLot
    levels: Sequence[Level]
    is_history: bool
    rules: Sequence[Rule]


def lot_address(lot: HistoryLot) -> str:
    """Where the lot's own page is."""
    return reverse("operations:lot-detail", args=[lot.lot_code])


def chart_words(product: str, step_code: str, kind: str, subject: str) -> dict[str, str]:
    """What a form or an address says of a chart."""
    return {"product": product, "step_code": step_code, "kind": kind, "subject": subject}


def chart_address(version: LimitVersion) -> str:
    """The chart that a version is of, by the limits alone; empty for other kinds of limits."""
    if version.kind not in CHART_KINDS:
        return ""
    product = version.product.code
    words = chart_words(product, version.step_code, version.kind, version.subject)
    return f"{reverse('operations:chart')}?{urlencode(words)}"


def pictures(chart: ControlChart) -> list[Picture]:
    """One for each panel, of the last lots."""
    lots = chart.lots[-SHOWN_LOTS:]
    first_phase = sum(lot.is_history for lot in lots) if chart.version else 0
    return [
        Picture(
            panel.title,
            draw_control(
                [_drawn(chart, lot, index) for lot in lots],
                panel.middle,
                as_percent=panel.is_ratio,
                first_phase=first_phase,
            ),
        )
        for index, panel in enumerate(chart.panels)
    ]


def _drawn(chart: ControlChart, lot: ChartLot, index: int) -> ControlPoint:
    point = lot.points[index] if lot.points else None
    name, address = lot.lot.lot_code, lot_address(lot.lot)
    if point is not None:
        words = "; ".join(rule.words for rule in point.rules)
        return ControlPoint(name, address, point.value, point.low, point.high, words)
    is_ring = bool(lot.lot.left_out) and index == 0 and chart.asked.kind in LOT_SHARES
    return ControlPoint(
        name,
        address,
        lot.lot.ratio if is_ring else None,
        signal=f"left out: {lot.lot.left_out}",
        is_left_out=True,
    )


def signal_rows(chart: ControlChart) -> list[SignalRow]:
    """Of the lots shown, newest first."""
    return [
        SignalRow(
            lot.lot, chart.panels[index].title, rule, _level(chart.panels[index], point), lot.issues
        )
        for lot in reversed(chart.lots[-SHOWN_LOTS:])
        for index, point in enumerate(lot.points)
        if point is not None
        for rule in point.rules
    ]


def point_rows(chart: ControlChart) -> list[PointRow]:
    """The lots shown, newest first."""
    return [
        PointRow(
            lot=lot.lot,
            levels=[
                _level(panel, lot.points[index] if lot.points else None)
                for index, panel in enumerate(chart.panels)
            ],
            is_history=lot.is_history,
            rules=lot.rules,
        )
        for lot in reversed(chart.lots[-SHOWN_LOTS:])
    ]


def _level(panel: Panel, point: Point | None) -> Level:
    if point is None:
        return Level("—", "—", "—")
    return Level(*(_written(panel, one) for one in (point.value, point.low, point.high)))


def _written(panel: Panel, level: float | None) -> str:
    return "—" if level is None else figure(level, as_percent=panel.is_ratio)
