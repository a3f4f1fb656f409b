"""Patterns found on lots as they are recorded."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from lots.domain.words import LotPurpose
from lots.models import Lot, Product
from lots.tests.making import step, wafer_lot
from quality.detectors.signatures import WaferSignature
from quality.domain.findings import Finding
from quality.domain.signatures import Pattern
from quality.services import summarise_owed
from quality.tests.building import NOW
from quality.tests.patterned import Wafer
from testing.domain.words import Outcome
from testing.services import record_run
from testing.tests.builders import Part, Session

pytestmark = pytest.mark.usefixtures("rules")

WAFERS = 5
GRID = Wafer(26, 33)
PARAMETERS = {"window_lots": 10}


def sorted_lot(number: int, pattern: Pattern = Pattern.NONE, high: float = 0.8) -> Lot:
    """A lot through CP1: dies fail at 20 %, in one pattern on every wafer at `high`."""
    lot = wafer_lot(f"P{number}", step="CP1", wafers=WAFERS)
    random = np.random.default_rng(number)
    ratios = np.where(GRID.shape(random, pattern), high, 0.2)
    parts = [
        Part(
            part_id=f"{wafer}-{die}",
            place=(wafer, GRID.x[die] + 10, GRID.y[die] + 10),
            outcome=Outcome.FAIL if random.random() < ratios[die] else Outcome.PASS,
        )
        for wafer in range(WAFERS)
        for die in range(len(GRID.x))
    ]
    session = Session(
        lot_id=lot.pk,
        step_id=step("A", "CP1").pk,
        product_id=Product.objects.get(code="TRN3-DIE").pk,
        parts=parts,
        sha256=f"{number:064d}",
        hours=24 * number,
        wafer_ids=tuple(lot.wafers.order_by("number").values_list("pk", flat=True)),
    )
    record_run(session.record())
    return lot


def judged(lot: Lot) -> list[Finding]:
    summarise_owed(now=NOW)
    return WaferSignature().judge([lot.pk], PARAMETERS, NOW)


def ordinary(count: int = 6) -> None:
    for number in range(count):
        sorted_lot(number)


def test_ring_on_every_wafer_of_a_lot_is_one_finding_that_names_it() -> None:
    ordinary()
    lot = sorted_lot(7, Pattern.EDGE_RING)
    found = judged(lot)
    assert [one.evidence.value for one in found] == [Pattern.EDGE_RING]
    assert found[0].cause_key == "wafer-signature:P7:CP1"
    assert len(found[0].evidence.baseline) == 6


def test_finding_shows_the_places_and_the_wafers_to_look_at() -> None:
    ordinary()
    found = judged(sorted_lot(7, Pattern.CENTER))
    facts = found[0].evidence.as_json()["facts"]
    assert isinstance(facts, dict)
    assert len(facts["wafers"]) == WAFERS
    assert all(5 <= x <= 20 for x, _ in facts["shape"])


def test_ordinary_lot_shows_nothing() -> None:
    ordinary()
    assert judged(sorted_lot(8)) == []


def test_below_six_earlier_lots_nothing_is_said() -> None:
    ordinary(5)
    assert judged(sorted_lot(7, Pattern.EDGE_RING)) == []


def test_lot_that_fails_everywhere_has_no_pattern() -> None:
    ordinary()
    assert judged(sorted_lot(7, Pattern.EDGE_LOC, high=0.2)) == []


def test_engineering_lots_are_not_judged() -> None:
    ordinary()
    lot = sorted_lot(7, Pattern.EDGE_RING)
    Lot.objects.filter(pk=lot.pk).update(purpose=LotPurpose.ENGINEERING)
    assert judged(lot) == []


def test_two_patterns_are_looked_up_with_as_many_queries_as_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    ordinary()
    lots = [sorted_lot(number) for number in (7, 8, 9)]
    summarise_owed(now=NOW)
    with django_assert_max_num_queries(9):
        WaferSignature().judge([lot.pk for lot in lots], PARAMETERS, NOW)
