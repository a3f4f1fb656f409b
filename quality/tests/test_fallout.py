from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps

from quality.detectors.fallout import BurnInFallout
from quality.models import Rule
from quality.tests.building import NOW
from quality.tests.test_fact_detectors import chip_lot
from testing.domain.records import BurnInRecord
from testing.domain.words import Outcome
from testing.models import BurnInRequirement
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
    (picture,) = found.evidence.pictures
    assert [(point.name, point.value) for point in picture.points] == [("AS-1", 2 / 3)]
    assert picture.high == 1 / 3


def test_lots_before_stand_in_the_picture(line: Line) -> None:
    early = ("E1", "E2")
    lot = chip_lot("Q-1", quantity=2, serials=early)
    record_burn_in(oven_load(line, *early, lot_id=lot.pk, start_hour=-20, source_sha256="e" * 64))
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C1", "C3"))
    (found,) = BurnInFallout().judge([line.chip_lot.pk], {}, NOW)
    (picture,) = found.evidence.pictures
    shown = [(point.name, point.value, point.is_flagged) for point in picture.points]
    assert shown == [("Q-1", 0.0, False), ("AS-1", 2 / 3, True)]


def test_one_unit_is_always_allowed(line: Line) -> None:
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C1"))
    assert BurnInFallout().judge([line.chip_lot.pk], {}, NOW) == []


def test_a_product_may_lose_more(line: Line) -> None:
    BurnInRequirement.objects.update(failed_ratio_max=0.7)
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C1", "C3"))
    assert BurnInFallout().judge([line.chip_lot.pk], {}, NOW) == []


def test_what_the_rule_allowed_every_product_is_carried_over(rules: None) -> None:
    rule = Rule.objects.get(detector="burn-in-fallout")
    Rule.objects.filter(pk=rule.pk).update(parameters={"ratio_max": 0.08})
    import_module("quality.migrations.0013_allowances_of_products").move_to_requirements(apps, None)
    rule.refresh_from_db()
    allowed = BurnInRequirement.objects.values_list("failed_ratio_max", flat=True).distinct()
    assert (rule.parameters, *allowed) == ({}, 0.08)


def test_a_unit_that_passed_since_is_no_loss(line: Line) -> None:
    record_burn_in(failing(oven_load(line, "C1", "C2", "C3"), "C1", "C3"))
    again = oven_load(line, "C1", start_hour=10, source_sha256="d" * 64)
    record_burn_in(again)
    assert BurnInFallout().judge([line.chip_lot.pk], {}, NOW) == []
