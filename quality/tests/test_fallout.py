from __future__ import annotations

from dataclasses import replace

import pytest

from quality.detectors.fallout import BurnInFallout
from quality.tests.building import NOW
from testing.domain.records import BurnInRecord
from testing.domain.words import Outcome
from testing.services import record_burn_in
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

pytestmark = pytest.mark.usefixtures("rules")


def failing(load: BurnInRecord, *serials: str) -> BurnInRecord:
    units = tuple(
        replace(unit, outcome=Outcome.FAIL) if unit.serial in serials else unit
        for unit in load.units
    )
    return replace(load, units=units)


def test_a_lot_that_lost_more_than_it_may_is_found(line: Line) -> None:
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C1", "C3"))
    (found,) = BurnInFallout().judge([line.chip_lot.pk], {}, NOW)
    assert found.title == "2 of 3 units of AS-1 failed BI; 1 may"
    assert found.evidence.facts["serials"] == ["C1", "C3"]


def test_one_unit_is_always_allowed(line: Line) -> None:
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C1"))
    assert BurnInFallout().judge([line.chip_lot.pk], {}, NOW) == []


def test_the_rule_may_allow_more(line: Line) -> None:
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C1", "C3"))
    assert BurnInFallout().judge([line.chip_lot.pk], {"ratio_max": 0.7}, NOW) == []


def test_a_unit_that_passed_since_is_no_loss(line: Line) -> None:
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C1", "C3"))
    again = oven_load(line, "C1", start_hour=10, source_sha256="d" * 64)
    record_burn_in(again)
    assert BurnInFallout().judge([line.chip_lot.pk], {}, NOW) == []
