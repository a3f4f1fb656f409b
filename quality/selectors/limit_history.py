"""The lots a limit is computed from, what they propose, and what it would have held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lots.models import Event
from quality.domain.control import CHART_KINDS, chart_proposal
from quality.domain.dispersion import Count
from quality.domain.limit_sets import (
    PART_KINDS,
    TEST_KINDS,
    LimitAsked,
    Proposal,
    lot_proposal,
    part_proposal,
    without_history,
)
from quality.domain.limits import Side
from quality.domain.words import LimitKind, Statistic
from quality.models import Issue, YieldFigure
from quality.selectors.issues import explained
from quality.selectors.part_values import (
    NO_PARTS,
    PART_LOTS_MAX,
    PartValue,
    judged_parts,
    quartiles,
    residuals,
    test_values,
)
from quality.selectors.series import SeriesKey, explained_lot_steps, series_figures
from testing.models import Parameter

SIMULATED_LOTS = 120
UNITS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class HistoryLot:
    """passed of tested: units that passed, or were in the bin. left_out: why; empty: it counts."""

    lot_step_id: int
    lot_code: str
    started_at: datetime
    passed: int
    tested: int
    left_out: str

    @property
    def ratio(self) -> float:
        """0 to 1."""
        return self.passed / self.tested


@dataclass(frozen=True, slots=True)
class SimulatedLot:
    """value: ratio 0 to 1, or how many units are outliers. units: the first of those."""

    lot: HistoryLot
    value: float
    is_held: bool
    units: tuple[PartValue, ...] = ()


def last_seq() -> int:
    """The newest event; 0 for none."""
    newest = Event.objects.order_by("-seq").values_list("seq", flat=True).first()
    return newest or 0


def history_lots(
    asked: LimitAsked, left_out: Mapping[str, str], lots_max: int | None = None
) -> list[HistoryLot]:
    """The newest lots of the series, oldest first. left_out: lot code → why.

    A lot whose issue at the step was resolved with a cause is left out by itself.
    """
    key = SeriesKey(asked.product_id, asked.step_code)
    rows = series_figures(key).filter(tested__gte=asked.units_min)
    newest = rows.order_by("-started_at", "-lot_step_id")[: lots_max or _lots_max(asked)]
    explained = _explained(key)
    return [
        history_lot(
            row,
            asked,
            left_out.get(row.lot_step.lot.code) or explained.get(row.lot_step_id, ""),
        )
        for row in reversed(newest)
    ]


def history_lot(figure: YieldFigure, asked: LimitAsked, left_out: str = "") -> HistoryLot:
    """A lot as a limit counts it."""
    return HistoryLot(
        lot_step_id=figure.lot_step_id,
        lot_code=figure.lot_step.lot.code,
        started_at=figure.started_at,
        passed=counted(figure, asked).passed,
        tested=figure.tested,
        left_out=left_out,
    )


def _lots_max(asked: LimitAsked) -> int:
    return min(asked.lots_max, PART_LOTS_MAX) if asked.kind in PART_KINDS else asked.lots_max


def _explained(key: SeriesKey) -> dict[int, str]:
    """Lot step → number and cause of the issue that explains it."""
    ids = explained_lot_steps(key)
    if not ids:
        return {}
    issues = Issue.objects.filter(
        explained(), lot__product=key.product_id, step__code=key.step_code
    )
    words = {
        (issue.lot_id, issue.step_id): f"{told.number}: {told.cause}"
        for issue in issues.select_related("merged_into").order_by("pk")
        for told in [issue.merged_into or issue]
    }
    figures = series_figures(key).filter(lot_step__in=ids)
    return {row.lot_step_id: words[row.lot_step.lot_id, row.lot_step.step_id] for row in figures}


def counted(figure: YieldFigure, asked: LimitAsked) -> Count:
    """What the limit judges of a lot: units in the bin, or that passed."""
    is_chart_of_bin = asked.kind in CHART_KINDS and asked.subject.isdigit()
    if asked.kind is LimitKind.SBL or is_chart_of_bin:
        return Count(int(figure.fail_bins.get(asked.subject, 0)), figure.tested)
    is_first = asked.subject == Statistic.FIRST_YIELD
    return Count(figure.first_passed if is_first else figure.final_passed, figure.tested)


def proposal(asked: LimitAsked, lots: Sequence[HistoryLot]) -> Proposal | None:
    """What the lots that count propose; None where they are too few or have no spread."""
    fixed = without_history(asked)
    if fixed is not None:
        return fixed
    kept = [lot for lot in lots if not lot.left_out]
    counts = [Count(lot.passed, lot.tested) for lot in kept]
    if asked.kind in CHART_KINDS:
        return chart_proposal(asked.kind, counts, asked.sigmas)
    if asked.kind not in TEST_KINDS:
        side = Side.HIGH if asked.kind is LimitKind.SBL else Side.LOW
        return lot_proposal(counts, asked.sigmas, side)
    parameter = test_of(asked)
    values = test_values([lot.lot_step_id for lot in kept], parameter)
    parts = [
        part
        for members in values.values()
        for part in (residuals(members) if asked.kind is LimitKind.NNR else members)
    ]
    found = quartiles(parts, len(values))
    if found is None:
        return None
    if asked.kind is LimitKind.NNR:
        return part_proposal(found, asked.sigmas)
    return part_proposal(found, asked.sigmas, parameter.limit_low, parameter.limit_high)


def test_of(asked: LimitAsked) -> Parameter:
    """The test a limit is on."""
    assert asked.parameter_id is not None, "a limit on a test names it"
    return Parameter.objects.select_related("revision__program").get(pk=asked.parameter_id)


def simulated(asked: LimitAsked, limits: Proposal) -> list[SimulatedLot]:
    """The last SIMULATED_LOTS of the series as a limit that holds would have judged them, oldest
    first. Single values or dies are read of PART_LOTS_MAX lots at a time."""
    lots = history_lots(asked, {}, SIMULATED_LOTS)
    if asked.kind not in PART_KINDS:
        return [SimulatedLot(lot, lot.ratio, is_beyond(limits, lot.ratio)) for lot in lots]
    parameter = test_of(asked) if asked.kind in TEST_KINDS else None
    return [
        SimulatedLot(lot, len(units), len(units) >= asked.count_min, tuple(units[:UNITS_SHOWN]))
        for begin in range(0, len(lots), PART_LOTS_MAX)
        for few in [lots[begin : begin + PART_LOTS_MAX]]
        for found in [judged_parts(asked, limits, parameter, [lot.lot_step_id for lot in few])]
        for lot in few
        for units in [found.get(lot.lot_step_id, NO_PARTS).beyond]
    ]


def is_beyond(limits: Proposal, ratio: float) -> bool:
    """Strictly beyond; a lot on its limit passes."""
    is_low = limits.low is not None and ratio < limits.low
    return is_low or (limits.high is not None and ratio > limits.high)
