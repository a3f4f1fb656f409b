"""The lots a limit is computed from, what they propose, and what it would have held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lots.models import Event
from quality.domain.control import CHART_KINDS, chart_proposal
from quality.domain.dispersion import Count
from quality.domain.figures import figure_of
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
from quality.domain.words import LimitKind
from quality.selectors.figure_lots import HistoryLot, Span, figure_lots
from quality.selectors.part_values import (
    NO_PARTS,
    PART_LOTS_MAX,
    PartValue,
    judged_parts,
    quartiles,
    residuals,
    test_values,
)
from quality.selectors.series import SeriesKey, explained_lots
from testing.models import Parameter

SIMULATED_LOTS = 120
UNITS_SHOWN = 20


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

    A lot in which an issue resolved with a cause was found at the step is left out by itself.
    """
    explained = _explained(asked)
    return [
        replace(lot, left_out=left_out.get(lot.lot_code) or explained.get(lot.lot_id, ""))
        for lot in figure_lots(asked, Span(lots_max or _lots_max(asked)))
    ]


def _lots_max(asked: LimitAsked) -> int:
    return min(asked.lots_max, PART_LOTS_MAX) if asked.kind in PART_KINDS else asked.lots_max


def _explained(asked: LimitAsked) -> dict[int, str]:
    """Lot → number and cause of the issue that explains it at the step."""
    rows = explained_lots(SeriesKey(asked.product_id, asked.step_code))
    return {
        row.lot_id: f"{told.number}: {told.cause}"
        for row in rows.select_related("issue__merged_into")
        for told in [row.issue.merged_into or row.issue]
    }


def proposal(asked: LimitAsked, lots: Sequence[HistoryLot]) -> Proposal | None:
    """What the lots that count propose; None where they are too few or have no spread."""
    fixed = without_history(asked)
    if fixed is not None:
        return fixed
    kept = [lot for lot in lots if not lot.left_out]
    if asked.kind in CHART_KINDS:
        samples = [lot.sample for lot in kept]
        measure = figure_of(asked.subject).measure
        return chart_proposal(asked.kind, samples, asked.sigmas, measure)
    if asked.kind not in TEST_KINDS:
        counts = [Count(lot.passed, lot.tested) for lot in kept]
        side = Side.HIGH if asked.kind is LimitKind.SBL else Side.LOW
        return lot_proposal(counts, asked.sigmas, side)
    parameter = test_of(asked)
    values = test_values(lot_steps_of(kept), parameter)
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
        for found in [judged_parts(asked, limits, parameter, lot_steps_of(few))]
        for lot, lot_step_id in zip(few, lot_steps_of(few), strict=True)
        for units in [found.get(lot_step_id, NO_PARTS).beyond]
    ]


def lot_steps_of(lots: Sequence[HistoryLot]) -> list[int]:
    """Of figures that come from results: every lot has one."""
    return [lot.lot_step_id for lot in lots if lot.lot_step_id is not None]


def is_beyond(limits: Proposal, ratio: float) -> bool:
    """Strictly beyond; a lot on its limit passes."""
    is_low = limits.low is not None and ratio < limits.low
    return is_low or (limits.high is not None and ratio > limits.high)
