"""Limit versions as people see them: where each stands, its history, and what it would hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from operations.domain.control_drawing import ControlDrawing, ControlPoint, draw_control, figure
from quality.domain.limit_sets import PART_KINDS, TEST_KINDS, LimitAsked, Proposal, state_at
from quality.domain.words import LimitKind, LimitState
from quality.models import LimitVersion
from quality.selectors.limit_history import SimulatedLot, simulated
from quality.selectors.limit_versions import limit_versions

VERSIONS_MAX = 500
KIND_WORDS = {
    LimitKind.SYL: "Yield of a lot, low (SYL)",
    LimitKind.SBL: "Share of a hard bin, high (SBL)",
    LimitKind.STATIC_PAT: "Values of a test, from history (static PAT)",
    LimitKind.DYNAMIC_PAT: "Values of a test, from each lot itself (dynamic PAT)",
    LimitKind.GDBN: "Good dies in a bad neighbourhood (GDBN)",
    LimitKind.NNR: "Values beside those of neighbours (NNR)",
    LimitKind.SPEC: "Yield of a lot, typed in (spec)",
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
    """The last lots under a limit. held: those it would have held, newest first."""

    lots: Sequence[SimulatedLot]
    held: Sequence[SimulatedLot]
    drawing: ControlDrawing
    is_ratio: bool


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
            low=level(row.kind, row.low),
            high=level(row.kind, row.high),
        )
        for row in rows
    ]


def level(kind: str, value: float | None) -> str:
    """A limit as people write it: percent for lots and bins, base units for tests."""
    return "—" if value is None else figure(value, as_percent=LimitKind(kind) not in TEST_KINDS)


def trial(asked: LimitAsked, limits: Proposal) -> Trial:
    """What the limit would have held of the last lots."""
    lots = simulated(asked, limits)
    is_ratio = asked.kind not in PART_KINDS
    low = limits.low if is_ratio else None
    high = limits.high if is_ratio else float(asked.count_min)
    points = [
        ControlPoint(
            name=one.lot.lot_code,
            address=reverse("operations:lot-detail", args=[one.lot.lot_code]),
            value=one.value,
            low=low,
            high=high,
            signal="would be held" if one.is_held else "",
        )
        for one in lots
    ]
    middle = limits.middle if is_ratio else None
    held = [one for one in reversed(lots) if one.is_held]
    return Trial(lots, held, draw_control(points, middle, as_percent=is_ratio), is_ratio)
