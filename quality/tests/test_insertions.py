"""Lots tested at another temperature than usual, or where they never were."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from lots.domain.words import LotPurpose
from lots.models import Lot
from quality.detectors.insertions import WrongInsertion, WrongTemperature
from quality.domain.findings import Finding
from quality.tests.building import NOW
from quality.tests.test_fact_detectors import CHIPS, chip_lot, moved
from testing.services import record_run
from testing.tests.conftest import Line

pytestmark = pytest.mark.usefixtures("rules")


def ran(line: Line, number: int, celsius: float | None, lot: Lot | None = None) -> None:
    """One run, an hour after the last."""
    session = line.tested(*CHIPS, sha256=f"{number:064x}", hours=number)
    record = replace(session.record(), temperature_celsius=celsius)
    record_run(record if lot is None else replace(record, lot_id=lot.pk))


def unlike(line: Line) -> list[Finding]:
    return WrongTemperature().judge([line.chip_lot.pk], {}, NOW)


def test_a_run_at_another_temperature_is_found(line: Line) -> None:
    for number in range(6):
        ran(line, number, 105.0 + number % 2)
    ran(line, 6, 25.0)
    (found,) = unlike(line)
    assert found.title == "AS-1 was tested at 25 °C at FT-HOT, usual are 105.5"
    assert (found.evidence.n, found.evidence.facts["tester"]) == (6, "T1")
    assert unlike(line)[0].revision == found.revision


def test_the_worst_run_of_a_lot_is_told(line: Line) -> None:
    for number, celsius in enumerate([105.0] * 6 + [90.0, 25.0, 95.0]):
        ran(line, number, celsius)
    (found,) = unlike(line)
    assert (found.evidence.value, found.evidence.n) == (25.0, 7)


def test_a_run_within_what_is_allowed_is_not_found(line: Line) -> None:
    for number, celsius in enumerate([105.0] * 6 + [110.0, 100.0]):
        ran(line, number, celsius)
    assert unlike(line) == []


def test_few_runs_before_are_no_measure(line: Line) -> None:
    for number, celsius in enumerate([105.0] * 5 + [25.0]):
        ran(line, number, celsius)
    assert unlike(line) == []


def test_a_file_that_states_no_temperature_says_nothing(line: Line) -> None:
    for number, celsius in enumerate([105.0] * 6 + [None]):
        ran(line, number, celsius)
    assert unlike(line) == []


def test_earlier_lots_of_the_product_are_the_measure(line: Line) -> None:
    other = chip_lot("Q-1", quantity=3)
    for number in range(6):
        ran(line, number, 105.0, other)
    ran(line, 6, 25.0)
    assert len(unlike(line)) == 1


def test_who_is_asked_together_changes_nothing(line: Line) -> None:
    other = chip_lot("Q-1", quantity=3)
    for number, celsius in enumerate([105.0, 25.0, 105.0, 25.0, 25.0, 25.0]):
        ran(line, number, celsius, other if number % 2 else None)
    ran(line, 6, 25.0, other)
    ran(line, 7, 105.0)
    alone = unlike(line)
    together = WrongTemperature().judge([other.pk, line.chip_lot.pk], {}, NOW)
    assert [one.title for one in alone] == [
        "AS-1 was tested at 105 °C at FT-HOT, usual are 25"
    ]  # fmt: skip
    assert [one for one in together if one.lot_id == line.chip_lot.pk] == alone


def test_engineering_lots_may_be_tested_at_any_temperature(line: Line) -> None:
    for number, celsius in enumerate([105.0] * 6 + [25.0]):
        ran(line, number, celsius)
    Lot.objects.filter(pk=line.chip_lot.pk).update(purpose=LotPurpose.ENGINEERING)
    assert unlike(line) == []


def ahead(line: Line) -> list[Finding]:
    return WrongInsertion().judge([line.chip_lot.pk], {}, NOW)


def test_results_of_a_step_that_the_lot_never_came_to_are_found(line: Line) -> None:
    ran(line, 0, 105.0)
    (found,) = ahead(line)
    assert found.title == "AS-1 has results of FT-HOT and has come no farther than START"
    changed_at = line.chip_lot.lot_steps.get().changed_at
    assert found.not_before == changed_at + timedelta(hours=72)


def test_results_of_the_step_where_the_lot_stands_are_not_found(line: Line) -> None:
    ran(line, 0, 105.0)
    moved(line.chip_lot, "FT-HOT", 30)
    assert ahead(line) == []


def test_a_lot_that_was_sent_back_has_been_there(line: Line) -> None:
    ran(line, 0, 105.0)
    moved(moved(line.chip_lot, "FT-HOT", 30), "COWOS", 31, reason="mistake")
    assert ahead(line) == []


def test_an_engineering_lot_is_tested_where_it_likes(line: Line) -> None:
    ran(line, 0, 105.0)
    Lot.objects.filter(pk=line.chip_lot.pk).update(purpose=LotPurpose.ENGINEERING)
    assert ahead(line) == []
