"""Repeaters of the reticle found on lots as they are recorded."""

from __future__ import annotations

from unittest.mock import Mock

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from lots.models import Lot, Product
from lots.tests.making import step, wafer_lot
from quality.detectors import repeaters
from quality.detectors.repeaters import ReticleRepeater
from quality.domain.findings import Finding
from quality.selectors.die_maps import sited_dies
from quality.services import summarise_owed
from quality.tests.building import NOW
from quality.tests.patterned import Wafer
from testing.domain.words import Outcome
from testing.services import record_run
from testing.tests.builders import Part, Session

pytestmark = pytest.mark.usefixtures("rules")

WAFERS = 6
GRID = Wafer(26, 33)
X, Y = np.array(GRID.x) + 10, np.array(GRID.y) + 10


def sorted_lot(number: int, high: float = 0.95, site_count: int = 1) -> Lot:
    """A lot through CP1: dies fail at 10 %, in the second column of two, first row of two, at
    `high`. Sites lie side by side."""
    lot = wafer_lot(f"R{number}", step="CP1", wafers=WAFERS)
    random = np.random.default_rng(number)
    ratios = np.where((X % 2 == 1) & (Y % 2 == 0), high, 0.1)
    parts = [
        Part(
            part_id=f"{wafer}-{die}",
            place=(wafer, int(X[die]), int(Y[die])),
            site=int(X[die]) % site_count + 1,
            outcome=Outcome.FAIL if random.random() < ratios[die] else Outcome.PASS,
        )
        for wafer in range(WAFERS)
        for die in range(len(X))
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


def judged(*lots: Lot) -> list[Finding]:
    summarise_owed(now=NOW)
    return ReticleRepeater().judge([lot.pk for lot in lots], {}, NOW)


@pytest.fixture(autouse=True)
def _four_dies_a_field(rules: None) -> None:
    Product.objects.filter(code="TRN3-DIE").update(die_width_mm=13, die_height_mm=16.5)


def test_bad_position_is_one_finding_that_names_it_on_the_first_lot() -> None:
    found = judged(sorted_lot(1))
    assert [one.cause_key for one in found] == ["reticle-repeater:TRN3-DIE:CP1:2x2:1,0"]
    assert "column 2 of 2, row 1 of 2" in found[0].title
    assert found[0].is_weighed


def test_lots_that_follow_are_of_the_same_cause() -> None:
    found = judged(sorted_lot(1), sorted_lot(2), sorted_lot(3, high=0.1))
    assert len({one.cause_key for one in found}) == 1
    assert [one.revision.split()[0] for one in found] == ["R1", "R2"]


def test_finding_shows_every_position_and_where_the_bad_one_lies() -> None:
    facts = judged(sorted_lot(1))[0].evidence.as_json()["facts"]
    assert isinstance(facts, dict)
    assert [(row["column"], row["row"]) for row in facts["positions"]] == [
        (1, 1), (2, 1), (1, 2), (2, 2),
    ]  # fmt: skip
    assert facts["positions"][1]["fail_ratio"] > 0.9
    assert all(x % 2 == 1 and y % 2 == 0 for x, y in facts["shape"])
    assert sum(dies for _, _, dies, _ in facts["map"]) == WAFERS * len(X)


def test_a_map_of_very_many_dies_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeaters, "MAP_DIES_MAX", len(X) - 1)
    facts = judged(sorted_lot(1))[0].evidence.facts
    assert facts["positions"]
    assert {"map", "shape"} & facts.keys() == set()


def test_lots_of_many_dies_are_read_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    lots = [sorted_lot(number) for number in (1, 2, 3)]
    together = judged(*lots)
    reads = Mock(wraps=sited_dies)
    monkeypatch.setattr(repeaters, "DIES_AT_ONCE", 2 * WAFERS * len(X))
    monkeypatch.setattr(repeaters, "sited_dies", reads)
    assert judged(*lots) == together
    assert [len(call.args[0]) for call in reads.call_args_list] == [2, 1]


def test_picture_marks_the_bad_position_beside_the_others() -> None:
    (picture,) = judged(sorted_lot(1))[0].evidence.pictures
    assert [point.name for point in picture.points] == ["1, 1", "1, 2", "2, 1", "2, 2"]
    assert [point.name for point in picture.points if point.is_flagged] == ["2, 1"]


def test_ordinary_lot_shows_nothing() -> None:
    assert judged(sorted_lot(4, high=0.1)) == []


def test_position_is_told_from_a_site() -> None:
    assert len(judged(sorted_lot(1, site_count=2))) == 1


def test_die_as_large_as_the_field_repeats_nothing() -> None:
    Product.objects.filter(code="TRN3-DIE").update(die_width_mm=26, die_height_mm=33)
    assert judged(sorted_lot(1)) == []


def test_many_lots_are_looked_up_with_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    lots = [sorted_lot(number) for number in (1, 2, 3)]
    summarise_owed(now=NOW)
    with django_assert_max_num_queries(3):
        ReticleRepeater().judge([lot.pk for lot in lots], {}, NOW)
