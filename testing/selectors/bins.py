"""Bins of the units that a lot has now, as the app below asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lots.domain.bins import BinResult
from lots.domain.words import BinKind
from lots.models import Lot, Unit
from testing.models import UnitResult
from testing.selectors.counting import that_count

BINS = {BinKind.HARD: "hard_bin", BinKind.SOFT: "soft_bin"}


def bins_of(lot: Lot, kind: BinKind) -> list[BinResult]:
    """The newest deciding result of each unit at each step, under whatever lot it was taken.

    Dies that were sorted before they had serials are found by their place on the wafer.
    """
    found: dict[tuple[int, str], BinResult] = {}
    for result in (*_by_unit(lot, kind), *_by_place(lot, kind)):
        known = found.get((result.unit_id, result.step_code))
        if known is None or known.tested_at <= result.tested_at:
            found[result.unit_id, result.step_code] = result
    return list(found.values())


def _by_unit(lot: Lot, kind: BinKind) -> Iterator[BinResult]:
    rows = UnitResult.objects.filter(that_count("run"), unit__lot=lot, is_final=True)
    for unit_id, step, number, at in rows.order_by("run__started_at", "id").values_list(
        "unit_id", "lot_step__step__code", BINS[kind], "run__started_at"
    ):
        assert unit_id is not None, "the filter asks for units"
        yield BinResult(unit_id, step, number, at)


def _by_place(lot: Lot, kind: BinKind) -> Iterator[BinResult]:
    dies = Unit.objects.filter(lot=lot, wafer__isnull=False)
    unit_at = {
        (wafer_id, x, y): pk for pk, wafer_id, x, y in dies.values_list("id", "wafer_id", "x", "y")
    }
    rows = UnitResult.objects.filter(
        that_count("run"),
        wafer__in={wafer_id for wafer_id, _, _ in unit_at},
        unit__isnull=True,
        is_final=True,
    )
    at: datetime
    for wafer_id, x, y, step, number, at in rows.order_by("run__started_at", "id").values_list(
        "wafer_id", "x", "y", "lot_step__step__code", BINS[kind], "run__started_at"
    ):
        unit_id = unit_at.get((wafer_id, x, y))
        if unit_id is not None:
            yield BinResult(unit_id, step, number, at)
