from __future__ import annotations

from pytest_django import DjangoAssertNumQueries

from lots.domain.words import UnitKind
from lots.models import Unit
from testing.domain.words import Outcome
from testing.models import LotStep
from testing.selectors import (
    BinCount,
    DiePosition,
    LotStepCount,
    Scope,
    StackedDie,
    die_positions,
    distinct_unit_count,
    hard_bin_counts,
    lot_step_counts,
    results_of_unit,
    run_figures,
    runs,
    stacked_map,
    wafer_map,
)
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

FAIL = Outcome.FAIL


def test_figures_of_a_run_take_the_last_insertion(line: Line) -> None:
    parts = [Part(part_id="C1", outcome=FAIL), Part(part_id="C2"), Part(part_id="C1", hard_bin=5)]
    figures = run_figures(record_run(line.tested(*parts).record()))
    assert (figures.insertions, figures.units) == (3, 2)
    assert (figures.first_pass_passed, figures.final_passed) == (1, 2)
    assert figures.final_hard_bins == {1: 1, 5: 1}


def test_figures_of_a_run_stay_when_a_later_run_retests(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C1", outcome=FAIL), sha256="a").record())
    record_run(line.tested(Part(part_id="C1"), sha256="b", hours=1).record())
    assert run_figures(run).final_hard_bins == {2: 1}


def test_counts_slice_units_by_where_they_were_first_inserted(line: Line) -> None:
    record_run(
        line.sorted(
            Part(place=(0, 0, 0), site=1, outcome=FAIL),
            Part(place=(0, 1, 0), site=2),
            Part(place=(1, 0, 0), site=2, outcome=FAIL),
            sha256="a",
        ).record()
    )
    record_run(line.sorted(Part(place=(0, 0, 0), site=2), sha256="b", hours=1).record())
    lot_step = LotStep.objects.get()
    counts = {
        (count.scope, count.wafer_id, count.site): count for count in lot_step_counts([lot_step.pk])
    }
    assert figures(counts[Scope.LOT, None, None]) == (3, 1, 2, 1, 1)
    assert figures(counts[Scope.WAFER, line.wafers[0].pk, None]) == (2, 1, 2, 1, 1)
    assert figures(counts[Scope.SITE, None, 1]) == (1, 0, 1, 1, 1)
    assert figures(counts[Scope.SITE, None, 2]) == (2, 1, 1, 0, 0)
    assert figures(counts[Scope.PROGRAM, None, None]) == (3, 1, 2, 1, 1)


def figures(count: LotStepCount) -> tuple[int, int, int, int, int]:
    return (
        count.tested,
        count.first_passed,
        count.final_passed,
        count.retested,
        count.recovered,
    )


def test_units_off_any_wafer_are_one_slice_without_a_wafer(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1")).record())
    counts = lot_step_counts([LotStep.objects.get().pk])
    assert [count.wafer_id for count in counts if count.scope is Scope.WAFER] == [None]


def test_many_lot_steps_are_counted_in_one_query(
    line: Line, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a").record())
    record_run(line.sorted(Part(place=(0, 0, 0)), sha256="b").record())
    ids = list(LotStep.objects.values_list("id", flat=True))
    with django_assert_num_queries(1):
        counts = lot_step_counts(ids)
    assert {count.lot_step_id for count in counts} == set(ids)


def test_bins_count_deciding_insertions(line: Line) -> None:
    parts = [Part(part_id="C1", outcome=FAIL), Part(part_id="C1"), Part(part_id="C2", outcome=FAIL)]
    lot_step = record_run(line.tested(*parts).record()).lot_step_id
    assert hard_bin_counts([lot_step]) == [
        BinCount(lot_step, 1, 1, 1),
        BinCount(lot_step, 2, 1, 0),
    ]


def test_a_wafer_map_shows_the_deciding_insertion_and_its_attempts(line: Line) -> None:
    parts = [Part(place=(0, 2, 1)), Part(place=(0, 1, 1), outcome=FAIL), Part(place=(0, 1, 1))]
    record_run(line.sorted(*parts, Part(place=(1, 9, 9))).record())
    dies = wafer_map(line.wafers[0], line.sort)
    assert [(die.x, die.y, die.hard_bin, die.attempts) for die in dies] == [
        (1, 1, 1, 2),
        (2, 1, 1, 1),
    ]
    assert all(die.is_passed for die in dies)


def test_a_stacked_map_adds_up_the_wafers(line: Line) -> None:
    parts = [Part(place=(0, 1, 1)), Part(place=(1, 1, 1), outcome=FAIL), Part(place=(1, 2, 1))]
    record_run(line.sorted(*parts).record())
    assert stacked_map(line.wafer_lot, line.sort) == [
        StackedDie(1, 1, 2, 1),
        StackedDie(2, 1, 1, 1),
    ]


def test_a_die_under_two_ids_is_one_die_of_a_stacked_map(line: Line) -> None:
    parts = [
        Part(place=(0, 1, 1), part_id="E-001", outcome=FAIL), Part(place=(0, 1, 1), part_id="E-002")
    ]  # fmt: skip
    record_run(line.sorted(*parts).record())
    assert stacked_map(line.wafer_lot, line.sort) == [StackedDie(1, 1, 1, 1)]


def test_a_die_is_good_when_it_passed_the_last_sort_step(line: Line) -> None:
    parts = [Part(place=(0, 1, 1)), Part(place=(0, 2, 1)), Part(place=(0, 3, 1), outcome=FAIL)]
    record_run(line.sorted(*parts, sha256="a").record())
    again = [Part(place=(0, 1, 1)), Part(place=(0, 2, 1), outcome=FAIL)]
    second = line.sorted(*again, sha256="b", hours=9, step_id=line.sort_again.pk)
    record_run(second.record())
    assert die_positions(line.wafer_lot)[1] == [
        DiePosition(1, 1, 1, True),
        DiePosition(1, 2, 1, False),
        DiePosition(1, 3, 1, False),
    ]


def test_a_die_that_missed_the_last_sort_step_is_unproven(line: Line) -> None:
    first = [Part(place=(0, 1, 1)), Part(place=(0, 2, 1))]
    record_run(line.sorted(*first, sha256="a").record())
    second = line.sorted(Part(place=(0, 1, 1)), sha256="b", hours=9, step_id=line.sort_again.pk)
    record_run(second.record())
    assert [die.is_good for die in die_positions(line.wafer_lot)[1]] == [True, False]


def test_a_wafer_not_yet_at_the_last_sort_step_has_no_positions(line: Line) -> None:
    record_run(line.sorted(Part(place=(0, 1, 1))).record())
    assert die_positions(line.wafer_lot)[1] == []


def test_a_wafer_with_nothing_left_to_sort_is_finished(line: Line) -> None:
    record_run(line.sorted(Part(place=(0, 1, 1), outcome=FAIL)).record())
    assert die_positions(line.wafer_lot)[1] == [DiePosition(1, 1, 1, False)]


def test_a_wafer_without_sort_results_has_no_positions(line: Line) -> None:
    record_run(line.sorted(Part(place=(0, 1, 1))).record())
    assert die_positions(line.wafer_lot)[2] == []


def test_dicing_reads_all_wafers_in_three_queries(
    line: Line, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(3):
        die_positions(line.wafer_lot)


def test_results_of_a_chip_come_in_order_of_time(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="b", hours=2).record())
    record_run(line.tested(Part(part_id="C1", outcome=FAIL), sha256="a").record())
    found = results_of_unit(Unit.objects.get(serial="C1"))
    assert [result.outcome for result in found] == ["fail", "pass"]


def test_results_of_a_chip_count_from_before_it_was_known(line: Line) -> None:
    record_run(line.tested(Part(part_id="C9")).record())
    chip = Unit.objects.get(serial="C1")
    Unit.objects.filter(pk=chip.pk).update(serial="C9")
    chip.refresh_from_db()
    assert results_of_unit(chip).get().unit is None


def test_results_of_a_die_count_from_before_it_was_diced(line: Line) -> None:
    record_run(line.sorted(Part(place=(0, 3, 4)), Part(place=(1, 3, 4))).record())
    die = Unit.objects.create(
        serial="N3-1-01:3:4",
        kind=UnitKind.DIE,
        product=line.die,
        wafer=line.wafers[0],
        x=3,
        y=4,
        created_by=line.wafer_lot.events.get(),
    )
    assert results_of_unit(die).get().wafer == line.wafers[0]


def test_a_unit_tested_twice_is_one_tested_unit(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), Part(part_id="C1")).record())
    assert distinct_unit_count(line.chip_lot, line.final_test) == 1


def test_listing_runs_needs_one_query(
    line: Line, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    record_run(line.tested(Part(part_id="C1")).record())
    with django_assert_num_queries(1):
        assert [str(run.lot_step.lot) for run in runs()] == ["AS-1"]
