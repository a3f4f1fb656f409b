"""How the parts of a lot lie on its wafers, and the bounds of its figures that follow."""

from __future__ import annotations

import numpy as np
import pytest

from lots.models import Lot, Product
from lots.tests.making import step, wafer_lot
from quality.domain.clustering import WaferLikeness, cluster_sums
from quality.domain.intervals import WILSON, wilson
from quality.domain.lot_parts import LotWafers, PartSize, units_by_tester, units_on_one_wafer
from quality.domain.words import YieldScope, YieldSlice
from quality.models import YieldFigure
from quality.services import summarise_owed
from quality.tests.building import NOW
from testing.domain.words import Outcome
from testing.services import record_run
from testing.tests.builders import Part, Session

WAFERS = LotWafers(cluster_sums([50] * 10, [60] * 10), WaferLikeness(0.05, 60, 9))
SITES = [PartSize(YieldSlice.SITE, f"{key}", 150) for key in ("T1/1/1", "T1/1/2", "T2/1/1")]


@pytest.mark.parametrize(
    ("part", "units"),
    [
        (PartSize(YieldSlice.WHOLE, "", 600), 60),
        (PartSize(YieldSlice.WAFER, "W-01", 58), 58),
        (PartSize(YieldSlice.ZONE, "edge", 200), 20),
        (PartSize(YieldSlice.SITE, "T1/1/1", 150), 30),
        (PartSize(YieldSlice.SITE, "T2/1/1", 150), 60),
        (PartSize(YieldSlice.CARD, "PC-1", 300), 60),
        (PartSize(YieldSlice.TESTER, "T1", 12), 12),
    ],
)
def test_units_of_a_part_on_one_wafer(part: PartSize, units: float) -> None:
    assert units_on_one_wafer(part, WAFERS, units_by_tester(SITES)) == pytest.approx(units)


def test_only_sites_are_added_up_by_tester() -> None:
    others = [PartSize(YieldSlice.ZONE, "edge", 9), PartSize(YieldSlice.PROGRAM, "7", 9)]
    assert units_by_tester([*SITES, *others]) == {"T1": 300, "T2": 150}


def sorted_lot(wafers: int) -> Lot:
    """A lot through CP1 whose wafers pass 90 % and 50 % of 40 dies in turn."""
    lot = wafer_lot("B1", step="CP1", wafers=wafers)
    random = np.random.default_rng(1)
    parts = [
        Part(
            part_id=f"{wafer}-{die}",
            place=(wafer, die % 8, die // 8),
            outcome=Outcome.PASS if random.random() < 0.5 + 0.4 * (wafer % 2) else Outcome.FAIL,
        )
        for wafer in range(wafers)
        for die in range(40)
    ]
    session = Session(
        lot_id=lot.pk,
        step_id=step("A", "CP1").pk,
        product_id=Product.objects.get(code="TRN3-DIE").pk,
        parts=parts,
        wafer_ids=tuple(lot.wafers.order_by("number").values_list("pk", flat=True)),
    )
    record_run(session.record())
    summarise_owed(now=NOW)
    return lot


def figure(lot: Lot, scope: YieldScope) -> YieldFigure:
    return YieldFigure.objects.filter(lot_step__lot=lot, scope=scope).earliest("pk")


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("scope", [YieldScope.LOT, YieldScope.WAFER, YieldScope.SITE])
def test_stored_bounds_allow_for_wafers_that_differ(scope: YieldScope) -> None:
    found = figure(sorted_lot(8), scope)
    plain = wilson(found.final_passed, found.tested)
    assert plain is not None
    assert found.interval_method == "wilson-by-wafer-v1"
    assert found.final_low is not None
    assert found.final_high is not None
    assert found.final_high - found.final_low > 1.5 * (plain.high - plain.low)


@pytest.mark.usefixtures("rules")
def test_lot_of_few_wafers_has_plain_bounds_and_says_so() -> None:
    found = figure(sorted_lot(5), YieldScope.LOT)
    plain = wilson(found.final_passed, found.tested)
    assert plain is not None
    assert (found.final_low, found.final_high) == (plain.low, plain.high)
    assert found.interval_method == WILSON
