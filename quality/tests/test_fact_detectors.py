"""Detectors over the ledger, test data and configuration."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lots.domain.commands import Command, HoldOrder, LotOrder, Selection
from lots.domain.words import HoldClass, LotKind, LotPurpose, Source, UnitOfMeasure
from lots.models import Lot, Step
from lots.services import hold_lot, move_lot, receive_lot, scrap_units
from quality.detectors.balances import QuantityOutOfBalance
from quality.detectors.burnin import BurnInShort
from quality.detectors.missing import MissingTestData
from quality.detectors.programs import UnreleasedProgram
from quality.detectors.stale import StaleWip
from quality.domain.findings import Finding
from quality.services import summarise_owed
from quality.tests.building import NOW, T0, bare_lot, rule
from testing.domain.records import BurnInUnitRecord
from testing.domain.words import Outcome
from testing.models import ProgramRevision
from testing.services import Signatures, record_burn_in, record_run, release_program
from testing.tests.builders import START, Part
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

pytestmark = pytest.mark.usefixtures("rules")

CHIPS = (Part(part_id="C1"), Part(part_id="C2"), Part(part_id="C3"))


def command(key: str, hours: float = 0, **given: Any) -> Command:
    instant = T0 + timedelta(hours=hours)
    return Command(op_key=key, occurred_at=instant, source=Source.FEED, **given)


def chip_lot(code: str = "M-1", **given: Any) -> Lot:
    fields: dict[str, Any] = {
        "kind": LotKind.ASSEMBLY,
        "product_code": "TRN3",
        "route_code": "A",
        "step_code": "COWOS",
        "custodian_code": "OSAT1",
        "unit_of_measure": UnitOfMeasure.PACKAGE,
        "quantity": 200,
    }
    order = LotOrder(code=code, **{**fields, **given})
    return receive_lot(order=order, command=command(f"receive {code}")).lot


def moved(lot: Lot, step: str, hours: float, counted: int | None = None, **given: Any) -> Lot:
    to_step = Step.objects.get(route_version=lot.route_version, code=step)
    key = f"{lot.code} to {step}"
    move_lot(
        lot=lot, to_step=to_step, command=command(key, hours, **given), reported_quantity=counted
    )
    lot.refresh_from_db()
    return lot


def unbalanced(lot: Lot) -> list[Finding]:
    return QuantityOutOfBalance().judge([lot.pk], {}, NOW)


def uncovered(lot: Lot) -> list[Finding]:
    return MissingTestData().judge([lot.pk], {}, NOW)


def test_count_that_agrees_is_not_found() -> None:
    assert unbalanced(moved(chip_lot(), "FT-HOT", 1, counted=200)) == []


def test_count_that_differs_is_found_with_both_numbers() -> None:
    (found,) = unbalanced(moved(chip_lot(), "FT-HOT", 1, counted=197))
    assert (found.evidence.value, found.evidence.limit) == (197, 200)
    assert found.title == "M-1 at FT-HOT: the vendor counts 197, the ledger has 200"


def test_lot_miscounted_twice_is_one_cause() -> None:
    lot = moved(chip_lot(), "FT-HOT", 1, counted=197)
    (found,) = unbalanced(moved(lot, "BI", 2, counted=197))
    events = found.evidence.facts["events"]
    assert isinstance(events, list)
    assert [event["reported"] for event in events] == [197, 197]


def test_scrap_reported_late_explains_the_difference() -> None:
    lot = moved(chip_lot(), "FT-HOT", 5, counted=197)
    late = command("scrap", 4, reason="handling")
    scrap_units(lot=lot, selection=Selection(quantity=3), command=late)
    assert unbalanced(lot) == []


def test_scrap_after_the_count_explains_nothing() -> None:
    lot = moved(chip_lot(), "FT-HOT", 5, counted=197)
    after = command("scrap", 6, reason="handling")
    scrap_units(lot=lot, selection=Selection(quantity=3), command=after)
    assert len(unbalanced(lot)) == 1


def test_count_corrected_since_is_not_found() -> None:
    lot = moved(chip_lot(), "FT-HOT", 1, counted=197)
    wrong = lot.events.get(reported_quantity=197)
    moved(lot, "BI", 2, counted=200, corrects_id=wrong.pk)
    assert unbalanced(lot) == []


def test_late_rows_are_waited_for() -> None:
    lot = moved(chip_lot(), "FT-HOT", 1, counted=197)
    (found,) = unbalanced(lot)
    recorded_at = lot.events.get(reported_quantity=197).recorded_at
    assert found.not_before == recorded_at + timedelta(minutes=15)


def test_lot_that_left_a_test_without_results_is_found(line: Line) -> None:
    lot = moved(line.chip_lot, "BI", 30)
    (found,) = uncovered(lot)
    assert found.step_id == line.final_test.pk
    assert (found.evidence.value, found.evidence.limit) == (0, 3)


def test_lot_that_still_stands_at_the_test_is_not_found(line: Line) -> None:
    assert uncovered(moved(line.chip_lot, "FT-HOT", 30)) == []


def test_units_without_results_are_named(line: Line) -> None:
    record_run(line.tested(*CHIPS[:2]).record())
    lot = moved(moved(line.chip_lot, "FT-HOT", 30), "BI", 31)
    (found,) = uncovered(lot)
    assert found.evidence.facts["missing"] == ["C3"]
    assert found.title == "AS-1 went past FT-HOT with results for 2 of 3 units"


def test_lot_with_all_results_is_not_found(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    assert uncovered(moved(line.chip_lot, "BI", 31)) == []


def test_unit_scrapped_before_the_test_needs_no_result(line: Line) -> None:
    record_run(line.tested(*CHIPS[:2]).record())
    scrap = command("scrap", 29, reason="handling")
    scrap_units(lot=line.chip_lot, selection=Selection(serials=("C3",)), command=scrap)
    assert uncovered(moved(line.chip_lot, "BI", 31)) == []


def test_burn_in_is_covered_by_its_oven_loads(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    record_burn_in(oven_load(line, "C1", "C2"))
    (found,) = uncovered(moved(line.chip_lot, "FT-COLD", 40))
    assert found.step_id == line.burn_in.pk
    assert found.evidence.facts["missing"] == ["C3"]


def test_sort_is_covered_by_wafers(line: Line) -> None:
    record_run(line.sorted(Part(place=(0, 1, 1)), wafer_ids=[line.wafers[0].pk]).record())
    (found,) = uncovered(moved(line.wafer_lot, "CP2", 40))
    assert found.evidence.facts["missing"] == [line.wafers[1].code]


def test_lot_without_serials_is_covered_by_quantity() -> None:
    lot = moved(chip_lot(), "FT-HOT", 1)
    moved(lot, "BI", 2)
    (found,) = uncovered(lot)
    assert (found.evidence.value, found.evidence.limit) == (0, 200)


def test_steps_before_the_lot_was_born_are_not_asked_for() -> None:
    assert uncovered(moved(chip_lot(), "FT-HOT", 1)) == []


def test_engineering_lot_may_leave_tests_out() -> None:
    lot = chip_lot(purpose=LotPurpose.ENGINEERING)
    assert uncovered(moved(lot, "BI", 1)) == []


def test_results_by_quantity_are_those_summarised(line: Line) -> None:
    lot = chip_lot("Q-1", quantity=3)
    record_run(line.tested(*CHIPS, lot_id=lot.pk).record())
    summarise_owed(now=NOW)
    assert uncovered(moved(lot, "BI", 1)) == []


def test_many_lots_without_serials_cost_no_more_queries(django_assert_num_queries: Any) -> None:
    lots = [moved(moved(chip_lot(f"Q-{n}"), "FT-HOT", 1), "BI", 2).pk for n in range(4)]
    detector = MissingTestData()
    with CaptureQueriesContext(connection) as one:
        detector.judge(lots[:1], {}, NOW)
    with django_assert_num_queries(len(one)):
        assert len(detector.judge(lots, {}, NOW)) == 4


def test_units_with_too_few_hours_are_found(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", "C2", hours=5))
    (found,) = BurnInShort().judge([line.chip_lot.pk], {}, NOW)
    assert (found.evidence.value, found.evidence.limit) == (5.0, 8.0)
    assert found.evidence.facts["serials"] == ["C1", "C2"]
    assert found.evidence.facts["ovens"] == ["OVEN-1"]
    assert found.unit_id is None
    assert (
        found.title == "2 of 2 units of AS-1 passed BI short of 8 chargeable hours, the least 5.0"
    )
    (picture,) = found.evidence.pictures
    assert (picture.low, picture.unit) == (8.0, "h")
    assert [(point.name, point.value) for point in picture.points] == [("C1", 5.0), ("C2", 5.0)]


def test_units_with_enough_hours_are_not_found(line: Line) -> None:
    record_burn_in(oven_load(line, "C1"))
    assert BurnInShort().judge([line.chip_lot.pk], {}, NOW) == []


def test_single_short_unit_is_named_by_the_issue(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", hours=5))
    (found,) = BurnInShort().judge([line.chip_lot.pk], {}, NOW)
    assert found.unit_id == line.chip_lot.units.get(serial="C1").pk


def test_unit_that_failed_burn_in_is_not_short(line: Line) -> None:
    end = START + timedelta(hours=5)
    unit = BurnInUnitRecord("C1", "BIB-1", "1", START, end, Outcome.FAIL)
    record_burn_in(oven_load(line, "C1", hours=5, units=(unit,)))
    assert BurnInShort().judge([line.chip_lot.pk], {}, NOW) == []


def stale(days: float) -> list[Finding]:
    return StaleWip().find(T0 + timedelta(days=days))


def test_lot_beyond_twice_the_standard_is_stale() -> None:
    step = chip_lot().step
    (found,) = stale(2 * step.days_max + 0.5)
    assert found.evidence.limit == 2 * step.days_max
    assert "has stood at COWOS" in found.title


def test_lot_within_twice_the_standard_is_not_stale() -> None:
    assert stale(2 * chip_lot().step.days_max - 0.5) == []


def test_factor_of_the_rule_decides() -> None:
    days = chip_lot().step.days_max
    rule("stale-wip", parameters={"factor": 1})
    assert len(stale(days + 0.5)) == 1


def test_lot_on_hold_waits_on_purpose() -> None:
    lot = chip_lot()
    order = HoldOrder(HoldClass.QUALITY, "waits for a decision")
    hold_lot(lot=lot, order=order, command=command("hold"))
    assert stale(500) == []


def test_empty_engineering_and_final_lots_are_not_stale() -> None:
    bare_lot("EMPTY")
    chip_lot("ENG", purpose=LotPurpose.ENGINEERING)
    chip_lot("END", step_code="STOCK")
    assert stale(500) == []


def test_program_without_release_is_found_once(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    record_run(line.tested(*CHIPS, sha256="b" * 64, hours=3).record())
    (found,) = UnreleasedProgram().find(NOW)
    assert found.evidence.value == 2
    assert found.evidence.facts["lots"] == ["AS-1"]
    assert found.title == "Program sort 1 of TRN3 was not released when it tested AS-1"


def test_program_without_release_is_one_cause_for_all_its_lots(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    other = chip_lot("Q-1", quantity=3)
    record_run(line.tested(*CHIPS, lot_id=other.pk, sha256="b" * 64).record())
    (found,) = UnreleasedProgram().find(NOW)
    assert found.title.endswith("tested AS-1 and 1 more")


def release(line: Line, at: datetime) -> ProgramRevision:
    people = [User.objects.create_user(name) for name in ("ann", "bob")]
    return release_program(
        product=line.chip, program="sort", revision="1", released_at=at,
        signed=Signatures(people[0], people[1], "gold units"),
    )  # fmt: skip


def test_every_unreleased_revision_is_found_once_however_much_others_ran(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quality.selectors.programs.RUNS_NAMED_MAX", 1)
    for hour in range(3):
        record_run(line.tested(*CHIPS, sha256=str(hour) * 64, hours=hour).record())
    record_run(line.tested(*CHIPS, sha256="9" * 64, hours=9, revision="2").record())
    first, second = UnreleasedProgram().find(NOW)
    assert (first.evidence.value, second.evidence.value) == (3, 1)
    assert first.cause_key != second.cause_key


def test_a_run_that_a_better_copy_replaced_is_no_use_of_its_program(line: Line) -> None:
    record_run(line.tested(*CHIPS[:2], sha256="a" * 64, is_partial=True).record())
    record_run(line.tested(*CHIPS, sha256="b" * 64).record())
    (found,) = UnreleasedProgram().find(NOW)
    assert found.evidence.value == 1


def test_program_used_after_it_was_retired_is_found(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    revision = release(line, START)
    ProgramRevision.objects.update(
        state="retired", retired_at=START + timedelta(hours=1), retired_by=revision.released_by
    )
    assert UnreleasedProgram().find(NOW) == []
    record_run(line.tested(*CHIPS, sha256="b" * 64, hours=2).record())
    (found,) = UnreleasedProgram().find(NOW)
    assert found.evidence.value == 1


def test_released_program_is_not_found(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    release(line, START)
    assert UnreleasedProgram().find(NOW) == []


def test_program_released_after_its_use_is_found(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    late = START + timedelta(days=1)
    release(line, late)
    (found,) = UnreleasedProgram().find(NOW)
    assert found.evidence.facts["released_at"] == late.isoformat()


def test_engineering_lot_may_try_a_new_program(line: Line) -> None:
    Lot.objects.filter(pk=line.chip_lot.pk).update(purpose=LotPurpose.ENGINEERING)
    record_run(line.tested(*CHIPS).record())
    assert UnreleasedProgram().find(NOW) == []
