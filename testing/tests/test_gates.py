from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lots.domain.words import UnitState
from lots.models import Lot, Step, Unit, Wafer
from lots.selectors.gates import missing_results
from lots.tests.routing import released_route
from testing.models import Run, RunWafer
from testing.selectors import results_missing
from testing.services import record_burn_in, record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CHIPS = (Part(part_id="C1"), Part(part_id="C2"), Part(part_id="C3"))


def test_lot_without_any_result_is_told_with_names(line: Line) -> None:
    said = results_missing(line.chip_lot, line.final_test)
    assert said == "no results for 3 of 3 units (C1, C2, C3)"


def test_lot_with_a_result_for_each_unit_lacks_nothing(line: Line) -> None:
    record_run(line.tested(*CHIPS).record())
    assert results_missing(line.chip_lot, line.final_test) == ""


def test_units_given_up_need_no_results(line: Line) -> None:
    record_run(line.tested(*CHIPS[:2]).record())
    Unit.objects.filter(serial="C3").update(state=UnitState.SCRAPPED)
    assert results_missing(line.chip_lot, line.final_test) == ""


def test_many_names_are_cut_short(line: Line) -> None:
    Unit.objects.bulk_create(
        Unit(
            serial=f"X{number}",
            kind="package",
            product=line.chip,
            lot=line.chip_lot,
            created_by=line.chip_lot.events.get(),
        )
        for number in range(4)
    )
    said = results_missing(line.chip_lot, line.final_test)
    assert said == "no results for 7 of 7 units (C1, C2, C3, X0, X1, …)"


def test_burn_in_is_proven_by_the_oven(line: Line) -> None:
    record_burn_in(oven_load(line, "C1", "C2"))
    assert results_missing(line.chip_lot, line.burn_in) == "no results for 1 of 3 units (C3)"


def test_sort_is_proven_by_wafer(line: Line) -> None:
    record_run(replace(line.sorted(Part(place=(0, 1, 1))), wafer_ids=[line.wafers[0].pk]).record())
    said = results_missing(line.wafer_lot, line.sort)
    assert said == "no results for 1 of 2 wafers (N3-1-02)"


@pytest.mark.parametrize(("is_partial", "has_end", "missing"), [
    (True, False, 1), (True, True, 0), (False, False, 0),
])  # fmt: skip
def test_a_wafer_that_a_file_tells_only_in_part_has_no_results(
    line: Line, is_partial: bool, has_end: bool, missing: int
) -> None:
    sort = replace(line.sorted(Part(place=(0, 1, 1))), wafer_ids=[line.wafers[0].pk])
    record_run(sort.record())
    Wafer.objects.exclude(pk=line.wafers[0].pk).update(is_scrapped=True)
    Run.objects.update(is_partial=is_partial)
    RunWafer.objects.update(finished_at=NOW if has_end else None, part_count=None)
    said = results_missing(line.wafer_lot, line.sort)
    assert bool(said) is bool(missing)


def test_a_wafer_without_a_die_has_no_results(line: Line) -> None:
    record_run(line.sorted(Part(place=(0, 1, 1))).record())
    assert RunWafer.objects.count() == 2
    said = results_missing(line.wafer_lot, line.sort)
    assert said == "no results for 1 of 2 wafers (N3-1-02)"


def test_sort_asks_nothing_of_what_is_no_wafer(line: Line) -> None:
    assert results_missing(line.chip_lot, line.sort) == ""


def test_a_lot_that_is_only_counted_is_proven_by_its_count(line: Line) -> None:
    Unit.objects.all().update(lot=None)
    record_run(line.tested(*CHIPS[:2]).record())
    said = results_missing(line.chip_lot, line.final_test)
    assert said == "no results for 1 of 3 package"


@pytest.mark.parametrize(("demand", "is_missing"), [(True, True), (False, False)])
def test_the_gate_of_lots_asks_here(line: Line, demand: bool, is_missing: bool) -> None:
    route = released_route("T", {"code": "FT", "kind": "final-test", "requires_results": demand})
    step: Step = route.steps.get()
    assert bool(missing_results(Lot.objects.get(code="AS-1"), step)) is is_missing
