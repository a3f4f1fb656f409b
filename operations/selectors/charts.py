"""Control charts as people see them: pictures, signals with what may lie behind, and a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from operations.domain.control_drawing import ControlDrawing, ControlPoint, draw_control, figure
from operations.domain.measures import Scaled, figures, scaled
from quality.domain.control import CHART_KINDS, RATIO_KINDS, Panel, Point
from quality.domain.figures import figure_of
from quality.domain.limit_sets import LimitAsked
from quality.domain.run_rules import Rule
from quality.domain.words import LimitKind
from quality.models import Issue, LimitVersion
from quality.selectors.control_charts import ChartLot, ControlChart
from quality.selectors.figure_lots import HistoryLot
from quality.selectors.limit_history import test_of

SHOWN_LOTS = 120
VALUE_WORDS = {"share": "Share", "rate": "Rate", "value": "Value", "duration": "Time"}
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
    """A lot of the table that says what the pictures say. value: of the figure; levels: one a
    picture."""

    lot: HistoryLot
    value: str
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


def value_head(subject: str, unit: str) -> str:
    """Over a column of values of a chart's figure, without their sign: `Share, %`, `Time, h`."""
    word = figure_of(subject).measure.value
    return f"{VALUE_WORDS[word]}, {unit}" if unit else VALUE_WORDS[word]


def panel_titles(chart: ControlChart, unit: str) -> list[str]:
    """With their unit where the numbers do not say it."""
    return [
        f"{panel.title}, {unit}"
        if panel.is_in_unit and not panel.is_ratio and unit
        else panel.title
        for panel in chart.panels
    ]


def pictures(chart: ControlChart, unit: str) -> list[Picture]:
    """One for each panel, of the last lots."""
    lots = chart.lots[-SHOWN_LOTS:]
    first_phase = sum(lot.is_history for lot in lots) if chart.version else 0
    return [
        Picture(
            title,
            draw_control(
                [_drawn(chart, lot, index) for lot in lots],
                panel.middle,
                as_percent=panel.is_ratio,
                first_phase=first_phase,
            ),
        )
        for index, (panel, title) in enumerate(
            zip(chart.panels, panel_titles(chart, unit), strict=True)
        )
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
            value=figure(lot.lot.ratio, as_percent=True)
            if chart.is_share
            else figures(lot.lot.ratio),
            levels=[
                _level(panel, lot.points[index] if lot.points else None)
                for index, panel in enumerate(chart.panels)
            ],
            is_history=lot.is_history,
            rules=lot.rules,
        )
        for lot in reversed(chart.lots[-SHOWN_LOTS:])
    ]


def scale_of(asked: LimitAsked) -> Scaled:
    """How values of the figure are shown: those of a test as its file asks."""
    if asked.parameter_id is None:
        return Scaled(1.0, figure_of(asked.subject).unit)
    test = test_of(asked)
    return scaled(test.units, test.scale)


def rescaled(chart: ControlChart, factor: float) -> ControlChart:
    """The chart with all that is in the figure's unit times the factor."""
    if math.isclose(factor, 1.0):
        return chart
    factors = [factor if panel.is_in_unit else 1.0 for panel in chart.panels]
    return replace(
        chart,
        panels=tuple(
            replace(panel, middle=_times(panel.middle, one))
            for panel, one in zip(chart.panels, factors, strict=True)
        ),
        lots=tuple(
            replace(
                lot,
                lot=replace(lot.lot, value=lot.lot.ratio * factor),
                points=tuple(
                    _rescaled(point, one)
                    for point, one in zip(lot.points, factors[: len(lot.points)], strict=True)
                ),
            )
            for lot in chart.lots
        ),
    )


def _rescaled(point: Point | None, factor: float) -> Point | None:
    if point is None:
        return None
    low, high = _times(point.low, factor), _times(point.high, factor)
    return replace(point, value=point.value * factor, low=low, high=high)


def _times(level: float | None, factor: float) -> float | None:
    return None if level is None else level * factor


def _level(panel: Panel, point: Point | None) -> Level:
    return Level(*(_written(panel, one) for one in _levels(point)))


def _written(panel: Panel, level: float | None) -> str:
    if level is None:
        return "—"
    return (
        figures(level)
        if panel.is_in_unit and not panel.is_ratio
        else figure(level, as_percent=panel.is_ratio)
    )


def chart_cells(chart: ControlChart, unit: str) -> Iterator[list[object]]:
    """The whole chart as rows of a sheet, oldest lot first; ratios 0 to 1."""
    titles = panel_titles(chart, unit)
    levels = [f"{title}{what}" for title in titles for what in ("", ", low", ", high")]
    names = ("lot", "at", "counted", "size", "value", "unit")
    yield [*names, *levels, "is_first_phase", "rules", "left_out"]
    for one in chart.lots:
        points = one.points or (None,) * len(titles)
        lot = one.lot
        yield [
            lot.lot_code, lot.started_at.isoformat(), lot.passed, lot.tested, lot.ratio,
            "ratio" if chart.is_share else unit,
            *(level for point in points for level in _levels(point)),
            str(one.is_history).lower(),
            "; ".join(f"{rule.number}: {rule.words}" for rule in one.rules), lot.left_out,
        ]  # fmt: skip


def _levels(point: Point | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if point is None else (point.value, point.low, point.high)
