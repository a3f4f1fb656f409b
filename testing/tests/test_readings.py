from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from lots.models import Unit
from supplychain.base.errors import RefusedError
from testing.domain.records import ParameterRecord
from testing.domain.words import Outcome, ParameterKind
from testing.models import Parameter, Run, UnitResult
from testing.selectors import (
    Insertions,
    readings_of_results,
    readings_of_test,
    readings_of_unit,
    same_test_ids,
    summaries_by_site,
)
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

FAIL = Outcome.FAIL
TWO_TESTS = (
    ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A"),
    ParameterRecord(200, "vmin", 0, ParameterKind.PARAMETRIC, "V"),
)


def rows(table: Any, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))


@pytest.fixture
def two_runs(line: Line) -> list[int]:
    """C1 fails at 1.5 and passes in a second run at 2.5; C2 passes at once at 2.0."""
    parts = [Part(part_id="C1", value=1.5, outcome=FAIL), Part(part_id="C2", value=2.0, site=3)]
    first = record_run(line.tested(*parts, sha256="a", parameters=TWO_TESTS).record())
    again = line.tested(
        Part(part_id="C1", value=2.5), sha256="b", hours=1, revision="2", parameters=TWO_TESTS
    )
    return [first.pk, record_run(again.record()).pk]


def idd_ids() -> list[int]:
    return same_test_ids(Parameter.objects.filter(number=100).order_by("id")[0])


def test_a_test_is_the_same_in_every_revision_of_its_product(
    line: Line, two_runs: list[int]
) -> None:
    record_run(line.sorted(Part(place=(0, 1, 1)), sha256="c").record())
    found = Parameter.objects.filter(pk__in=idd_ids())
    assert [parameter.revision.revision for parameter in found] == ["1", "2"]


def test_a_revision_that_states_other_units_has_another_test(
    line: Line, two_runs: list[int]
) -> None:
    Parameter.objects.filter(number=100, revision__revision="2").update(units="mA")
    assert len(idd_ids()) == 1


def test_one_test_is_read_over_many_runs_in_their_order(two_runs: list[int]) -> None:
    table = readings_of_test(two_runs[::-1], idd_ids())
    assert rows(table, "run_id", "part_index", "site", "value", "outcome") == [
        (two_runs[1], 0, 1, 2.5, "pass"),
        (two_runs[0], 0, 1, 1.5, "fail"),
        (two_runs[0], 1, 3, 2.0, "pass"),
    ]


@pytest.mark.parametrize(
    ("insertions", "values"),
    [
        (Insertions.ALL, [1.5, 2.0, 2.5]),
        (Insertions.FIRST, [1.5, 2.0]),
        (Insertions.FINAL, [2.0, 2.5]),
    ],
)
def test_readings_of_first_or_deciding_insertions_can_be_asked_for(
    two_runs: list[int], insertions: Insertions, values: list[float]
) -> None:
    table = readings_of_test(two_runs, idd_ids(), insertions)
    assert table.column("value").to_pylist() == values


def test_nothing_is_left_out_where_every_insertion_counts(two_runs: list[int]) -> None:
    table = readings_of_test(two_runs[1:], idd_ids(), Insertions.FINAL)
    assert table.column("value").to_pylist() == [2.5]


def test_a_unit_shows_every_reading_of_every_insertion(two_runs: list[int]) -> None:
    table = readings_of_unit(Unit.objects.get(serial="C1"))
    numbers = dict(Parameter.objects.values_list("id", "number"))
    found = [(run, numbers[test], value) for run, test, value in rows(
        table, "run_id", "parameter_id", "value"
    )]  # fmt: skip
    assert found == [
        (two_runs[0], 100, 1.5),
        (two_runs[0], 200, 1.5),
        (two_runs[1], 100, 2.5),
        (two_runs[1], 200, 2.5),
    ]


def test_readings_of_insertions_come_in_the_order_asked_for(two_runs: list[int]) -> None:
    results = list(UnitResult.objects.order_by("-run__started_at", "-part_index"))
    table = readings_of_results(results)
    assert table.column("value").to_pylist() == [2.5, 2.5, 2.0, 2.0, 1.5, 1.5]


def test_summaries_stand_by_run_test_and_site(two_runs: list[int]) -> None:
    table = summaries_by_site(two_runs, idd_ids())
    assert rows(table, "run_id", "site", "count", "fail_count", "mean", "deviation") == [
        (two_runs[0], 1, 1, 1, 1.5, None),
        (two_runs[0], 3, 1, 0, 2.0, None),
        (two_runs[1], 1, 1, 0, 2.5, None),
    ]
    assert summaries_by_site(two_runs).num_rows == 6


@pytest.mark.parametrize(
    "empty", [lambda: readings_of_test([], [1]), lambda: readings_of_test([1], [])]
)
def test_nothing_asked_for_gives_empty_columns(line: Line, empty: Any) -> None:
    assert (empty().num_rows, len(empty().schema)) == (0, 7)
    assert summaries_by_site([]).num_rows == 0


def test_more_readings_than_fit_are_refused(two_runs: list[int]) -> None:
    with pytest.raises(RefusedError, match="fewer lots"):
        readings_of_test(two_runs, idd_ids(), rows_max=2)


def test_readings_in_a_storage_without_paths_are_the_same(
    settings: Settings, line: Line, request: pytest.FixtureRequest
) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**django_settings.STORAGES, "default": memory}
    run_ids = request.getfixturevalue("two_runs")
    table = readings_of_test(run_ids, idd_ids())
    assert table.column("value").to_pylist() == [1.5, 2.0, 2.5]
    assert rows(table, "run_id") == [(run_ids[0],), (run_ids[0],), (run_ids[1],)]
    with pytest.raises(RefusedError):
        readings_of_test(run_ids, idd_ids(), rows_max=1)


def test_one_test_costs_the_same_queries_over_few_and_many_runs(
    line: Line, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        parts = [Part(part_id="C1", value=number)]
        record_run(line.tested(*parts, sha256=str(number), hours=number).record())
    run_ids: Sequence[int] = list(Run.objects.order_by("id").values_list("id", flat=True))
    parameter_ids = idd_ids()
    for chosen in (run_ids[:1], run_ids):
        with django_assert_num_queries(2):
            readings_of_test(chosen, parameter_ids, Insertions.FINAL)
