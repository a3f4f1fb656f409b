"""Passing units of lots with their values of one test, and those that are outliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from quality.domain.limit_sets import (
    PARTS_PER_LOT_MIN,
    LimitAsked,
    Proposal,
    Quartiles,
    band_of,
    part_proposal,
)
from quality.domain.limits import Band
from quality.domain.wafer_maps import Place, bad_neighbourhood, neighbour_residuals
from quality.domain.words import LimitKind
from testing.domain.words import Outcome
from testing.models import Parameter, Run, UnitResult
from testing.selectors import Insertions, readings_of_test, same_test_ids, that_count

PART_LOTS_MAX = 30
"""Lots whose single values or dies are read at once."""


@dataclass(frozen=True, slots=True)
class PartValue:
    """A unit that passed by its deciding insertion. value: base units; NNR: less its neighbours.

    wafer, place: empty and None off any wafer. GDBN has no value: nan.
    """

    unit: str
    wafer: str
    place: Place | None
    value: float


def test_values(lot_step_ids: Sequence[int], parameter: Parameter) -> dict[int, list[PartValue]]:
    """Lot step → measured values of its passing units. RefusedError for too many readings."""
    runs = Run.objects.filter(that_count(), lot_step__in=lot_step_ids)
    run_ids = list(runs.order_by("pk").values_list("pk", flat=True))
    table = readings_of_test(run_ids, same_test_ids(parameter), Insertions.FINAL)
    columns = (table.column(name).to_pylist() for name in ("run_id", "part_index", "value"))
    measured = {
        (run_id, part): value
        for run_id, part, value in zip(*columns, strict=True)
        if value is not None and np.isfinite(value)
    }
    rows = UnitResult.objects.filter(run__in=run_ids, is_final=True, outcome=Outcome.PASS).order_by(
        "pk"
    )
    found: dict[int, list[PartValue]] = defaultdict(list)
    for lot_step, run, part, unit, wafer, x, y in rows.values_list(
        "lot_step_id", "run_id", "part_index", "unit_key", "wafer__code", "x", "y"
    ):
        if (run, part) in measured:
            place = (x, y) if x is not None and y is not None else None
            found[lot_step].append(PartValue(unit, wafer or "", place, measured[run, part]))
    return dict(found)


def residuals(parts: Sequence[PartValue]) -> list[PartValue]:
    """Each value less the median of its neighbours on the wafer; units with few are left out."""
    wafers: dict[str, dict[Place, PartValue]] = defaultdict(dict)
    for part in parts:
        if part.place is not None:
            wafers[part.wafer][part.place] = part
    return [
        PartValue(members[place].unit, wafer, place, residual)
        for wafer, members in wafers.items()
        for place, residual in neighbour_residuals(
            {place: part.value for place, part in members.items()}
        ).items()
    ]


def quartiles(parts: Sequence[PartValue], lots: int) -> Quartiles | None:
    """Of the values; None for none."""
    if not parts:
        return None
    low, middle, high = np.percentile([part.value for part in parts], [25, 50, 75])
    return Quartiles(float(low), float(middle), float(high), len(parts), lots)


@dataclass(frozen=True, slots=True)
class PartsJudged:
    """Units of a lot step beside a limit. beyond: strictly, those that passed all the same.

    parts, band: all that were judged, and by what; none and None for GDBN, which goes by `dies`:
    wafer → place → whether the die failed.
    """

    beyond: Sequence[PartValue]
    parts: Sequence[PartValue] = ()
    band: Band | None = None
    dies: Mapping[str, Mapping[Place, bool]] = field(default_factory=dict)


NO_PARTS = PartsJudged(())


def judged_parts(
    asked: LimitAsked, limits: Proposal, parameter: Parameter | None, lot_step_ids: Sequence[int]
) -> dict[int, PartsJudged]:
    """Lot step → its units beside the limits; lot steps without any may be absent."""
    if asked.kind is LimitKind.GDBN:
        return _in_bad_company(lot_step_ids, asked.share_min)
    assert parameter is not None, "a limit on a test names it"
    values = test_values(lot_step_ids, parameter)
    return {pk: _beside(asked, limits, parameter, parts) for pk, parts in values.items()}


def _beside(
    asked: LimitAsked, limits: Proposal, parameter: Parameter, parts: Sequence[PartValue]
) -> PartsJudged:
    if asked.kind is LimitKind.NNR:
        parts = residuals(parts)
    band = band_of(limits)
    if asked.kind is LimitKind.DYNAMIC_PAT:
        band = _own_band(asked, parameter, parts)
    if band is None:
        return PartsJudged(())
    beyond = [part for part in parts if not band.low <= part.value <= band.high]
    return PartsJudged(beyond, parts, band)


def _own_band(asked: LimitAsked, parameter: Parameter, parts: Sequence[PartValue]) -> Band | None:
    """From the lot's own values; None below PARTS_PER_LOT_MIN of them."""
    found = quartiles(parts, 1)
    if found is None or found.parts < PARTS_PER_LOT_MIN:
        return None
    own = part_proposal(found, asked.sigmas, parameter.limit_low, parameter.limit_high)
    return band_of(own) if own else None


def _in_bad_company(lot_step_ids: Sequence[int], share_min: float) -> dict[int, PartsJudged]:
    rows = UnitResult.objects.filter(
        lot_step__in=lot_step_ids,
        is_final=True,
        wafer__isnull=False,
        x__isnull=False,
        y__isnull=False,
    ).order_by("pk")
    maps: dict[tuple[int, str], dict[Place, tuple[str, bool]]] = defaultdict(dict)
    for lot_step, wafer, x, y, unit, outcome in rows.values_list(
        "lot_step_id", "wafer__code", "x", "y", "unit_key", "outcome"
    ).iterator():
        if x is not None and y is not None:
            maps[lot_step, wafer or ""][x, y] = unit, outcome != Outcome.PASS
    fails: dict[int, dict[str, dict[Place, bool]]] = defaultdict(dict)
    beyond: dict[int, list[PartValue]] = defaultdict(list)
    for (lot_step, wafer), dies in maps.items():
        is_bad = {place: bad for place, (_, bad) in dies.items()}
        fails[lot_step][wafer] = is_bad
        beyond[lot_step] += [
            PartValue(dies[place][0], wafer, place, float("nan"))
            for place in sorted(bad_neighbourhood(is_bad, share_min))
        ]
    return {pk: PartsJudged(beyond[pk], dies=wafers) for pk, wafers in fails.items()}
