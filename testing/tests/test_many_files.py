"""One lot in many files: copies, late files, conflicts, and every order of arrival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import permutations
from math import factorial
from typing import Any

import pytest
from django.db import connection, transaction

from lots.domain.words import BinKind
from testing.domain.records import BinRecord, ParameterRecord, RunRecord
from testing.domain.words import Outcome, ParameterKind, RestatementCause, RetestPolicy
from testing.models import (
    IdentityConflict,
    LotStep,
    ReadingFile,
    ReadingSummary,
    Restatement,
    Run,
    RunBin,
    UnitResult,
)
from testing.selectors import hard_bin_counts, lot_step_counts, policy_figures, restatements
from testing.services import record_run, restate_lot_step
from testing.tests.builders import Part, readings_of
from testing.tests.conftest import Line
from testing.tests.test_concurrency import at_once
from testing.tests.test_statements import standing

FAIL = Outcome.FAIL
LOOSE = -32768


def six_files(line: Line) -> list[RunRecord]:
    """Two wafers probed, retested by flag, by serial and again.

    The fourth and fifth start at the same time; the sixth is a cut copy of the first. Two dies are
    known under two serials each, and one serial stands on both wafers.
    """
    first = [
        Part(
            place=(wafer, x, 1),
            part_id=f"E{wafer}-{x:03d}",
            outcome=FAIL if x % 3 else Outcome.PASS,
        )
        for wafer in (0, 1)
        for x in range(12)
    ]
    again = [
        Part(
            place=(0, x, 1), part_id=f"E0-{x:03d}", outcome=FAIL if x % 2 else Outcome.PASS, flag=2
        )
        for x in range(1, 9)
    ]
    by_serial = [
        Part(place=(1, LOOSE, LOOSE), part_id=f"E1-{x:03d}", flag=1, hard_bin=5)
        for x in range(4, 8)
    ]
    third = [
        Part(place=(0, 4, 1), part_id="E0-004", outcome=FAIL),
        Part(place=(0, 5, 1), part_id="E9-999"),
        Part(place=(1, 0, 1), part_id="E0-003"),
        Part(place=(1, 1, 1), part_id="17"),
    ]
    last = [Part(place=(1, x, 1), part_id=f"E1-{x:03d}", flag=2) for x in (2, 4, 6)]
    given: list[tuple[list[Part], dict[str, Any]]] = [
        (first, {"hours": 0}),
        (again, {"hours": 2}),
        (by_serial, {"hours": 3}),
        (third, {"hours": 4}),
        (last, {"hours": 4}),
        (first[:17], {"hours": 0, "is_partial": True}),
    ]
    return [
        line.sorted(*parts, sha256=f"{place}" * 64, parameters=(), **rest).record()
        for place, (parts, rest) in enumerate(given)
    ]


IDD = ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A", 3, 0.5, 2.5)
VDD = ParameterRecord(200, "vdd", 0, ParameterKind.PARAMETRIC, "V", 3, 0.7, 0.8)
SAID = (
    ((IDD,), ("good", "open")),
    ((replace(IDD, limit_high=9.0), VDD), ("pass", "open", "leak")),
    ((ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC),), ()),
    ((replace(IDD, scale=6), replace(VDD, limit_low=0.6)), ("fourth", "", "fourth")),
    ((replace(IDD, limit_low=None), VDD), ("fifth", "fifth", "fifth", "fifth")),
    ((replace(IDD, units="?", limit_high=1e30), VDD), ("g", "o", "l", "x")),
)
"""Tests with limits, and names of hard bins from 1 on, that each of the six files states."""


def six_full_files(line: Line) -> list[RunRecord]:
    """The same six with readings and with what they say of tests and bins; no two say the same."""
    return [
        replace(
            file,
            parameters=tests,
            readings=readings_of(
                [Part(value=float(n % 7)) for n in range(len(file.parts))], len(tests)
            ),
            bins=tuple(
                BinRecord(BinKind.HARD, number, name, passes=number == 1 if name else None)
                for number, name in enumerate(names, 1)
            ),
        )
        for file, (tests, names) in zip(six_files(line), SAID, strict=True)
    ]  # fmt: skip


def every_way(
    files: Sequence[RunRecord], loaded: tuple[int, ...] = ()
) -> Iterator[tuple[frozenset[int], Any]]:
    """A set of files and all that stands after it: for each set, with each file of it as the last.

    The others came in their own order. Each set is loaded once for all sets that begin so.
    """
    for place in sorted(set(range(len(files))) - set(loaded)):
        with transaction.atomic():
            record_run(files[place])
            yield frozenset({*loaded, place}), everything(LotStep.objects.get())
            if not loaded or place > loaded[-1]:
                yield from every_way(files, (*loaded, place))
            transaction.set_rollback(True)


def everything(lot_step: LotStep) -> Any:
    """Figures, limits, bins, summaries and readings, without ids that differ by order alone."""
    counts = lot_step_counts([lot_step.pk])
    summaries = ReadingSummary.objects.order_by(
        "run__source_sha256", "parameter__number", "site"
    ).values_list(
        "run__source_sha256", "parameter__number", "site", "count", "fail_count", "mean",
        "deviation", "median", "maximum",
    )  # fmt: skip
    files = ReadingFile.objects.order_by("run__source_sha256")
    stated = RunBin.objects.order_by("run__source_sha256", "kind", "number")
    return (
        figures(lot_step),
        (lot_step.policy, lot_step.first_started_at),
        [replace(one, revision_id=one.revision_id and 0) for one in counts],
        hard_bin_counts([lot_step.pk]),
        standing(),
        list(summaries),
        list(stated.values_list("run__source_sha256", "kind", "number", "name", "passes")),
        list(files.values_list("run__source_sha256", "row_count")),
    )


def every_order(left: Sequence[RunRecord], before: str = "") -> Iterator[tuple[str, Any]]:
    """Figures at the end of each order; what orders begin with is loaded once, then rolled back."""
    if not left:
        lot_step = LotStep.objects.get()
        yield before, (figures(lot_step), policy_figures(lot_step))
    for file in left:
        with transaction.atomic():
            record_run(file)
            yield from every_order(
                [one for one in left if one is not file], before + file.source_sha256[0]
            )
            transaction.set_rollback(True)


def figures(lot_step: LotStep) -> Any:
    """Everything that must not depend on the order of arrival."""
    results = lot_step.results.order_by("run__source_sha256", "part_index").values_list(
        "run__source_sha256", "part_index", "unit_key", "attempt", "is_first", "is_final"
    )
    counts = Restatement.objects.filter(lot_step=lot_step).order_by("-revision")[0]
    return (
        [
            counts.insertion_count, counts.unit_count, counts.first_pass_count,
            counts.final_pass_count, counts.retested_count, counts.recovered_count,
        ],
        list(results),
        list(lot_step.conflicts.values_list("kind", "subject", "names")),
        list(lot_step.runs.order_by("source_sha256").values_list(
            "source_sha256", "superseded_by__source_sha256", "final_pass_count"
        )),
    )  # fmt: skip


def counted_by_sql(lot_step: LotStep) -> list[int]:
    whole = lot_step_counts([lot_step.pk])[0]
    insertions = UnitResult.objects.filter(lot_step=lot_step, attempt__isnull=False).count()
    return [
        insertions, whole.tested, whole.first_passed, whole.final_passed, whole.retested,
        whole.recovered,
    ]  # fmt: skip


def test_six_files_give_the_same_figures_in_all_720_orders(line: Line) -> None:
    """Each order from the first file to the last, without readings: for the policy of the lot step
    whatever a load keeps, for the other policies the counts that it would give.
    """
    ends = list(every_order(six_files(line)))
    assert len(ends) == factorial(6)
    for order, found in ends:
        assert found == ends[0][1], order


@pytest.mark.parametrize("policy", RetestPolicy)
def test_under_each_policy_all_720_orders_leave_the_same(line: Line, policy: RetestPolicy) -> None:
    """With readings, limits, summaries, bin names and counts of yields.

    Not each order from first to last, but each step of any: to every set of the six leads every
    file of it as the last one, and all that stands then, which is all that later loads build on,
    is the same whichever it was. So by one file after the other it is the same for every order.
    """
    LotStep.objects.create(lot=line.wafer_lot, step=line.sort, policy=policy)
    ends: dict[frozenset[int], list[Any]] = defaultdict(list)
    for files, found in every_way(six_full_files(line)):
        ends[files].append(found)
    assert len(ends) == 2**6 - 1
    for files, ways in ends.items():
        assert len(ways) == len(files)
        for found in ways:
            assert found == ways[0], sorted(files)


def test_the_figures_of_six_files_are_these(line: Line) -> None:
    for file in six_files(line):
        record_run(file)
    lot_step = LotStep.objects.get()
    assert figures(lot_step)[0] == counted_by_sql(lot_step)
    assert lot_step.unit_count == 26
    wafers = [wafer.pk for wafer in line.wafers]
    assert {str(conflict) for conflict in lot_step.conflicts.all()} == {
        f"{wafers[0]}:5:1: E0-005, E9-999",
        f"{wafers[1]}:0:1: E0-003, E1-000",
        f"E0-003: {wafers[0]}:3:1, {wafers[1]}:0:1",
    }


NOT_EMPTIED = """
SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger
WHERE NOT tgisinternal AND tgtype & 32 <> 0
"""
"""Tables that refuse to be emptied; the next turn must find them empty. 32: the TRUNCATE bit."""


@pytest.mark.django_db(transaction=True)
def test_six_files_on_four_workers_give_the_same_figures(line: Line) -> None:
    files = six_files(line)
    for file in files:
        record_run(file)
    expected = figures(LotStep.objects.get())
    for turn in range(4):
        with connection.cursor() as cursor:
            cursor.execute(NOT_EMPTIED)
            guarded = [table for (table,) in cursor.fetchall()]
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute("TRUNCATE testing_lotstep CASCADE")
            for table in guarded:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        order = files[turn:] + files[:turn]
        at_once([partial(record_run, file) for file in order], workers=4)
        assert figures(LotStep.objects.get()) == expected


def test_a_good_copy_repairs_a_cut_run_and_keeps_it_as_history(line: Line) -> None:
    parts = [Part(part_id="C1", outcome=FAIL), Part(part_id="C2"), Part(part_id="C3")]
    cut = record_run(line.tested(*parts[:2], sha256="a", is_partial=True).record())
    whole = record_run(line.tested(*parts, sha256="b").record())
    cut.refresh_from_db()
    assert (cut.superseded_by, whole.superseded_by) == (whole, None)
    assert (
        list(cut.results.values_list("attempt", "is_first", "is_final"))
        == [(None, False, False)] * 2
    )
    assert (LotStep.objects.get().insertion_count, LotStep.objects.get().unit_count) == (3, 3)
    assert causes() == ["first", "repair"]


def test_a_damaged_run_is_repaired_although_some_of_its_results_are_wrong(line: Line) -> None:
    parts = [Part(part_id=f"P{number}") for number in range(20)]
    damaged = [Part(part_id="P\x01", outcome=FAIL), *parts[2:]]
    record_run(line.tested(*damaged, sha256="a", rejected_count=1).record())
    record_run(line.tested(*parts, sha256="b").record())
    lot_step = LotStep.objects.get()
    assert (lot_step.unit_count, lot_step.final_pass_count) == (20, 20)


def test_a_cut_copy_that_comes_after_the_whole_one_does_not_count(line: Line) -> None:
    parts = [Part(part_id="C1"), Part(part_id="C2")]
    record_run(line.tested(*parts, sha256="b").record())
    cut = record_run(line.tested(parts[0], sha256="a", is_partial=True).record())
    assert cut.superseded_by == Run.objects.get(source_sha256="b")
    assert LotStep.objects.get().insertion_count == 2
    assert causes() == ["first", "copy"]


def test_two_different_files_of_one_start_are_no_copies(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a").record())
    record_run(line.tested(Part(part_id="C2"), sha256="b").record())
    record_run(line.tested(Part(part_id="C3"), sha256="c", is_partial=True).record())
    assert not Run.objects.filter(superseded_by__isnull=False).exists()


def test_a_late_file_restates_the_figures_and_says_so(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="b", hours=5).record())
    late = record_run(line.tested(Part(part_id="C1", outcome=FAIL), sha256="a").record())
    first, second = restatements(LotStep.objects.get())
    assert (first.before, first.after.first_passed) == (None, 1)
    assert second.before == first.after
    assert (second.after.first_passed, second.after.recovered) == (0, 1)
    assert (second.cause, second.policy) == (RestatementCause.LATE, RetestPolicy.LAST)
    assert second.source_name == late.source_name


def test_policies_are_compared_without_changing_anything(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a").record())
    record_run(line.tested(Part(part_id="C1", outcome=FAIL), sha256="b", hours=1).record())
    found = policy_figures(LotStep.objects.get())
    assert {policy: counts.final_passed for policy, counts in found.items()} == {
        RetestPolicy.LAST: 0,
        RetestPolicy.BEST: 1,
        RetestPolicy.FLAGGED: 1,
    }
    assert LotStep.objects.get().final_pass_count == 0


def test_a_change_without_a_file_names_none(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1")).record())
    lot_step = LotStep.objects.get()
    restate_lot_step(lot_step_id=lot_step.pk, cause=RestatementCause.POLICY)
    assert restatements(lot_step)[-1].source_name == ""


def test_another_policy_restates_the_lot_step(line: Line) -> None:
    record_run(line.tested(Part(part_id="C1"), sha256="a").record())
    record_run(line.tested(Part(part_id="C1", outcome=FAIL), sha256="b", hours=1).record())
    lot_step = LotStep.objects.get()
    assert lot_step.final_pass_count == 0
    found = restate_lot_step(
        lot_step_id=lot_step.pk, cause=RestatementCause.POLICY, policy=RetestPolicy.BEST
    )
    assert (found.final_pass_count, found.policy, found.revision) == (1, "best-v1", 3)
    assert UnitResult.objects.get(is_final=True).run.source_sha256 == "a"
    assert causes() == ["first", "more", "policy"]


def test_a_conflict_that_a_good_copy_explains_is_gone(line: Line) -> None:
    good = [Part(place=(0, x, 1), part_id=f"E-{x:03d}") for x in range(20)]
    damaged = [*good[:19], Part(place=(0, 3, 1), part_id="E-019")]
    record_run(line.sorted(*damaged, sha256="a", rejected_count=3).record())
    assert IdentityConflict.objects.count() == 1
    record_run(line.sorted(*good, sha256="b").record())
    assert IdentityConflict.objects.count() == 0


def test_a_serial_on_wafers_of_two_files_is_told_whichever_comes_last(line: Line) -> None:
    one = line.sorted(Part(place=(0, 1, 1), part_id="E-001"), sha256="a").record()
    other = line.sorted(Part(place=(1, 2, 2), part_id="E-001"), sha256="b", hours=1).record()
    orders: Iterable[tuple[RunRecord, ...]] = permutations([one, other])
    names = []
    for order in orders:
        with transaction.atomic():
            for file in order:
                record_run(file)
            names.append(IdentityConflict.objects.get().names)
            transaction.set_rollback(True)
    first, second = (wafer.pk for wafer in line.wafers)
    assert names == [f"{first}:1:1, {second}:2:2"] * 2


def causes() -> list[str]:
    return list(Restatement.objects.order_by("revision").values_list("cause", flat=True))
