"""Limits, units and bin names of a revision follow from its files, not from which came first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from django.db import connection, transaction

from lots.domain.words import BinKind
from testing.domain.records import BinRecord, ParameterRecord, RunRecord
from testing.domain.words import ParameterKind
from testing.models import BinDefinition, Parameter, Run, RunLimit
from testing.selectors import own_limits, runs
from testing.services import record_run
from testing.sql import statement
from testing.tests.builders import Part
from testing.tests.conftest import Line
from testing.tests.test_concurrency import at_once

IDD = ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A", 3, 0.5, 2.5)
SILENT = ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC)
VDD = ParameterRecord(200, "vdd", 0, ParameterKind.PARAMETRIC, "V", 3, 0.7, 0.8)


def told(
    line: Line,
    sha256: str,
    hours: float,
    tests: Sequence[ParameterRecord],
    *names: str,
    **rest: Any,
) -> RunRecord:
    """A file of two chips that states these tests, and names for hard bins from 1 on."""
    parts = rest.pop("parts", [Part(part_id=f"{sha256}{n}") for n in range(2)])
    session = line.tested(*parts, sha256=sha256, hours=hours, parameters=tests, **rest)
    bins = tuple(
        BinRecord(BinKind.HARD, number, name, passes=number == 1 if name else None)
        for number, name in enumerate(names, 1)
    )
    return replace(session.record(), bins=bins)


def standing() -> Any:
    """All that a revision says, from whom, and what single runs say otherwise."""
    tests = Parameter.objects.order_by("number").values_list(
        "number", "kind", "units", "scale", "limit_low", "limit_high", "stated_by__source_sha256"
    )
    bins = BinDefinition.objects.order_by("number").values_list(
        "number", "name", "passes", "stated_by__source_sha256"
    )
    own = RunLimit.objects.order_by("run__source_sha256", "parameter__number").values_list(
        "run__source_sha256",
        "parameter__number",
        "kind",
        "units",
        "scale",
        "limit_low",
        "limit_high",
    )
    differing = [run for run in runs().order_by("source_sha256") if getattr(run, "has_own_limits")]  # noqa: B009
    shown = [
        (run.source_sha256, [one.change for one in own_limits(run)])
        for run in Run.objects.order_by("source_sha256")
    ]
    assert [sha256 for sha256, found in shown if found] == [one.source_sha256 for one in differing]
    return list(tests), list(bins), list(own), shown


def ends(files: Sequence[RunRecord]) -> list[Any]:
    """What stands after each order of arrival."""
    found = []
    for order in permutations(files):
        with transaction.atomic():
            for file in order:
                record_run(file)
            found.append(standing())
            transaction.set_rollback(True)
    return found


def test_the_run_that_began_first_says_the_limits_and_bin_names(line: Line) -> None:
    files = [
        told(line, "c", 0, [IDD], "good", "open"),
        told(line, "b", 1, [replace(IDD, limit_high=9.0), VDD], "pass", "short", "leak"),
        told(line, "a", 2, [replace(IDD, limit_low=1.0, scale=6), VDD], "best"),
    ]
    first, *others = ends(files)
    assert others == [first] * 5
    tests, bins, own, shown = first
    assert tests == [
        (100, "parametric", "A", 3, 0.5, 2.5, "c"), (200, "parametric", "V", 3, 0.7, 0.8, "b"),
    ]  # fmt: skip
    assert [row[1] for row in bins] == ["good", "open", "leak"]
    assert own == [
        ("a", 100, "parametric", "A", 6, 1.0, 2.5), ("b", 100, "parametric", "A", 3, 0.5, 9.0),
    ]  # fmt: skip
    assert shown == [("a", ["tightened"]), ("b", ["loosened"]), ("c", [])]


def test_runs_that_began_together_follow_each_other_by_their_sha256(line: Line) -> None:
    files = [
        told(line, name, 0, [replace(IDD, limit_high=high)], name)
        for name, high in (("a", 1.0), ("b", 2.0), ("c", 3.0))
    ]
    found = ends(files)
    assert found == [found[0]] * 6
    assert (found[0][0][0][5], found[0][1][0][1]) == (1.0, "a")


def test_a_file_that_says_nothing_of_a_test_gives_way(line: Line) -> None:
    files = [told(line, "a", 0, [SILENT], ""), told(line, "b", 1, [IDD], "good")]
    files = [files[0], files[1], told(line, "c", 2, [SILENT], "")]
    found = ends(files)
    assert found == [found[0]] * 6
    tests, bins, own, shown = found[0]
    assert (tests[0][5], tests[0][6], bins[0][1]) == (2.5, "b", "good")
    assert [row[0] for row in own] == ["a", "c"]
    assert shown == [("a", []), ("b", []), ("c", [])]


def test_a_damaged_file_loses_its_word_to_the_good_copy(line: Line) -> None:
    parts = [Part(part_id=f"P{n}") for n in range(12)]
    bad = replace(IDD, limit_high=1e30)
    ghost = ParameterRecord(999, "g\x01st", 0, ParameterKind.PARAMETRIC, "?", 0, 1.0, 2.0)
    damaged = told(
        line, "a", 0, [bad, VDD, ghost], "g**d", "open", parts=parts[1:], rejected_count=1
    )
    files = [
        damaged,
        told(line, "d", 0, [IDD], "good", parts=parts),
        told(line, "c", 0, [replace(IDD, limit_low=0.1)], "fine"),
        told(line, "b", 3, [replace(VDD, limit_low=0.2)], "late", "later"),
    ]
    found = ends(files)
    assert found == [found[0]] * 24
    tests, bins, _, _ = found[0]
    assert [(row[0], row[4], row[5], row[6]) for row in tests] == [
        (100, 0.1, 2.5, "c"), (200, 0.2, 0.8, "b"), (999, 1.0, 2.0, "a"),
    ]  # fmt: skip
    assert [(row[1], row[3]) for row in bins] == [("fine", "c"), ("later", "b")]


def test_a_good_copy_alone_takes_every_word_of_the_damaged_one(line: Line) -> None:
    parts = [Part(part_id=f"P{n}") for n in range(12)]
    damaged = told(line, "a", 0, [replace(IDD, units="?")], "g", parts=parts[:9], is_partial=True)
    whole = told(line, "b", 0, [IDD], "good", parts=parts)
    found = ends([damaged, whole])
    assert found == [found[0]] * 2
    assert found[0][0] == [(100, "parametric", "A", 3, 0.5, 2.5, "b")]
    assert found[0][1] == [(1, "good", True, "b")]


@pytest.mark.django_db(transaction=True)
def test_loads_at_once_leave_what_loads_in_turn_leave(line: Line) -> None:
    files = [
        told(line, name, hours, [replace(IDD, limit_high=high), VDD], f"bin {name}")
        for name, hours, high in (("d", 0, 1.0), ("c", 1, 2.0), ("b", 2, 1.0), ("a", 3, 3.0))
    ]
    files = [
        replace(file, step_id=step.pk)
        for file, step in zip(
            files, [line.final_test, line.burn_in, line.final_test, line.burn_in], strict=True
        )
    ]
    at_once([partial(record_run, file) for file in reversed(files)], workers=4)
    tests, bins, own, _ = standing()
    assert (tests[0][5], tests[0][6], bins[0][1]) == (1.0, "d", "bin d")
    assert [(row[0], row[6]) for row in own] == [("a", 3.0), ("c", 2.0)]


def test_what_was_recorded_before_gives_way_to_any_file(line: Line) -> None:
    record_run(told(line, "a", 0, [IDD], "good"))
    Parameter.objects.update(stated_by=None)
    BinDefinition.objects.update(stated_by=None)
    record_run(told(line, "b", 5, [replace(IDD, limit_high=4.0)], "pass"))
    tests, bins, own, _ = standing()
    assert (tests[0][5], bins[0][1], own[0][0]) == (4.0, "pass", "a")


def test_what_stood_before_words_were_kept_is_the_first_runs(line: Line) -> None:
    record_run(told(line, "b", 0, [IDD], "good"))
    record_run(told(line, "a", 1, [replace(IDD, limit_high=3.0)], "pass"))
    before = standing()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE testing_parameter SET stated_by_id = NULL")
        cursor.execute("UPDATE testing_bindefinition SET stated_by_id = NULL")
        cursor.execute("UPDATE testing_runlimit SET kind = 'functional', scale = NULL")
        cursor.execute("DELETE FROM testing_runbin")
        cursor.execute(statement("first_statements_v1"))
    assert standing() == before
