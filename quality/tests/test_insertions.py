"""Lots tested at another temperature than usual, or where they never were."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps

from lots.domain.words import LotPurpose
from lots.models import Lot
from quality.detectors.insertions import WrongInsertion, WrongTemperature
from quality.domain.findings import Finding
from quality.domain.partial import Partial
from quality.models import Issue, Rule
from quality.selectors import insertions
from quality.services import clear_causes, dismiss_issue, raise_findings
from quality.tests.building import NOW, person, rule
from quality.tests.test_fact_detectors import CHIPS, chip_lot, moved
from testing.services import record_run
from testing.tests.conftest import Line

pytestmark = pytest.mark.usefixtures("rules")


def ran(line: Line, number: int, celsius: float | None, lot: Lot | None = None) -> None:
    """One run, an hour after the last."""
    session = line.tested(*CHIPS, sha256=f"{number:064x}", hours=number)
    record = replace(session.record(), temperature_celsius=celsius)
    record_run(record if lot is None else replace(record, lot_id=lot.pk))


def lots_before(line: Line, *celsius: float) -> list[Lot]:
    """One lot of one run for each temperature, hour by hour."""
    lots = [chip_lot(f"Q-{number}", quantity=3) for number in range(len(celsius))]
    for number, (lot, degrees) in enumerate(zip(lots, celsius, strict=True)):
        ran(line, number, degrees, lot)
    return lots


def unlike(lot: Lot) -> list[Finding]:
    return WrongTemperature().judge([lot.pk], {}, NOW)


def flagged(lot: Lot) -> Issue:
    raise_findings(rule=rule("wrong-temperature"), findings=unlike(lot), now=NOW)
    return Issue.objects.get(lot=lot)


def test_a_run_at_another_temperature_is_found(line: Line) -> None:
    lots_before(line, *[105.0, 106.0] * 3)
    ran(line, 6, 25.0)
    (found,) = unlike(line.chip_lot)
    assert found.title == "AS-1 was tested at 25 °C at FT-HOT, usual are 105.5"
    assert (found.evidence.n, found.evidence.facts["tester"]) == (6, "T1")
    assert found.evidence.baseline == ("Q-0", "Q-1", "Q-2", "Q-3", "Q-4", "Q-5")
    (picture,) = found.evidence.pictures
    assert [point.value for point in picture.points] == [105.0, 106.0] * 3 + [25.0]
    assert (picture.low, picture.middle, picture.high) == (100.5, 105.5, 110.5)
    assert unlike(line.chip_lot)[0].revision == found.revision


def test_lots_that_began_at_one_instant_stand_in_order_of_codes(line: Line) -> None:
    """Not of when their results came."""
    for number, code in enumerate(("T-5", "T-3", "T-6", "T-1", "T-4", "T-2")):
        session = line.tested(*CHIPS, sha256=f"{number:064x}")
        lot = chip_lot(code, quantity=3)
        record_run(replace(session.record(), lot_id=lot.pk, temperature_celsius=105.0))
    ran(line, 6, 25.0)
    (found,) = unlike(line.chip_lot)
    assert found.evidence.baseline == ("T-1", "T-2", "T-3", "T-4", "T-5", "T-6")


def test_the_worst_run_of_a_lot_is_told(line: Line) -> None:
    lots_before(line, *[105.0] * 6)
    for number, celsius in enumerate([105.0, 90.0, 25.0, 95.0], 6):
        ran(line, number, celsius)
    (found,) = unlike(line.chip_lot)
    assert (found.evidence.value, found.evidence.limit) == (25.0, 105.0)


def test_a_run_within_what_is_allowed_is_not_found(line: Line) -> None:
    lots_before(line, *[105.0] * 6)
    ran(line, 6, 110.0)
    ran(line, 7, 100.0)
    assert unlike(line.chip_lot) == []


def test_few_lots_before_are_no_measure(line: Line) -> None:
    lots_before(line, *[105.0] * 5)
    ran(line, 5, 25.0)
    assert unlike(line.chip_lot) == []


def test_a_lot_of_many_runs_is_no_measure_of_itself(line: Line) -> None:
    lots_before(line, *[105.0] * 6)
    for number in range(6, 18):
        ran(line, number, 25.0)
    (found,) = unlike(line.chip_lot)
    assert (found.evidence.limit, found.evidence.n) == (105.0, 6)


def test_a_lot_of_many_runs_counts_once(line: Line) -> None:
    *_, last = lots_before(line, *[105.0] * 5, 25.0)
    for number in range(6, 18):
        ran(line, number, 25.0, last)
    ran(line, 18, 105.0)
    assert unlike(line.chip_lot) == []


def test_a_file_that_states_no_temperature_says_nothing(line: Line) -> None:
    lots_before(line, *[105.0] * 6)
    ran(line, 6, None)
    assert unlike(line.chip_lot) == []


def test_a_lot_whose_files_state_no_temperature_is_no_measure(line: Line) -> None:
    lots_before(line, *[105.0] * 5)
    ran(line, 5, None, chip_lot("Q-9", quantity=3))
    ran(line, 6, 25.0)
    assert unlike(line.chip_lot) == []


def wrong_lots(line: Line) -> list[Lot]:
    """Four lots in a row at 25 degrees after six at 105, each flagged as it came."""
    lots_before(line, *[105.0] * 6)
    lots = [chip_lot(f"W-{number}", quantity=3) for number in range(4)]
    for number, lot in enumerate(lots, 6):
        ran(line, number, 25.0, lot)
    return lots


def test_a_lot_found_wrong_is_no_measure(line: Line) -> None:
    lots = wrong_lots(line)
    for lot in lots:
        flagged(lot)
    ran(line, 10, 105.0)
    assert unlike(line.chip_lot) == []
    ran(line, 11, 25.0)
    (found,) = unlike(line.chip_lot)
    assert found.evidence.baseline == tuple(f"Q-{number}" for number in range(6))


def test_a_lot_that_a_person_says_is_right_is_a_measure(line: Line) -> None:
    issue = flagged(wrong_lots(line)[0])
    dismiss_issue(issue=issue, actor=person(), reason="this product is tested cold from now on")
    ran(line, 10, 25.0)
    (found,) = unlike(line.chip_lot)
    assert "W-0" in found.evidence.baseline


def test_a_lot_that_is_found_no_more_is_a_measure(line: Line) -> None:
    issue = flagged(wrong_lots(line)[0])
    clear_causes(rule=issue.rule, issues=[issue], now=NOW)
    ran(line, 10, 25.0)
    (found,) = unlike(line.chip_lot)
    assert "W-0" in found.evidence.baseline


def test_who_is_asked_together_changes_nothing(line: Line) -> None:
    *_, other = lots_before(line, *[105.0] * 6, 25.0)
    ran(line, 7, 90.0)
    alone = [*unlike(other), *unlike(line.chip_lot)]
    together = WrongTemperature().judge([other.pk, line.chip_lot.pk], {}, NOW)
    assert (len(alone), together) == (2, alone)


def test_only_the_runs_of_the_lots_judged_are_bounded(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    lots_before(line, *[105.0] * 6)
    ran(line, 6, 25.0)
    monkeypatch.setattr(insertions, "RUNS_MAX", 1)
    assert not isinstance(unlike(line.chip_lot), Partial)
    ran(line, 7, 105.0)
    assert isinstance(unlike(line.chip_lot), Partial)


def test_engineering_lots_may_be_tested_at_any_temperature(line: Line) -> None:
    lots_before(line, *[105.0] * 6)
    ran(line, 6, 25.0)
    Lot.objects.filter(pk=line.chip_lot.pk).update(purpose=LotPurpose.ENGINEERING)
    assert unlike(line.chip_lot) == []


def test_what_was_set_of_runs_becomes_lots_and_back() -> None:
    Rule.objects.filter(detector="wrong-temperature").update(
        parameters={"celsius_max": 3.0, "runs_min": 9, "window_runs": 30}
    )
    moves = import_module("quality.migrations.0020_temperatures_of_lots")
    told = []
    for move in (moves.count_lots, moves.count_runs):
        move(apps, None)
        told.append(Rule.objects.get(detector="wrong-temperature").parameters)
    assert told == [
        {"celsius_max": 3.0, "lots_min": 6, "window_lots": 10},
        {"celsius_max": 3.0, "runs_min": 6, "window_runs": 20},
    ]


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
