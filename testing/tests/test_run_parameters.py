from __future__ import annotations

import math

from pytest_django import DjangoAssertNumQueries

from testing.domain.records import ParameterRecord
from testing.domain.words import Outcome, ParameterKind
from testing.selectors import RunCount, run_counts, run_parameters
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

FAIL, PASS = Outcome.FAIL, Outcome.PASS


def test_insertions_are_counted_as_written_and_by_the_last_of_each_unit(line: Line) -> None:
    parts = [Part(part_id="C1", outcome=FAIL), Part(part_id="C2", site=2), Part(part_id="C1")]
    counts = run_counts(record_run(line.tested(*parts).record()))
    assert counts == [
        RunCount(1, 1, None, 1, None, PASS, 1, 1),
        RunCount(1, 1, None, 2, None, FAIL, 1, 0),
        RunCount(1, 2, None, 1, None, PASS, 1, 1),
    ]


def test_the_same_site_of_two_heads_is_two_places(line: Line) -> None:
    parts = [Part(part_id=f"C{n}", head=1 + n % 2, value=n % 2 + n / 100) for n in range(4)]
    run = record_run(line.tested(*parts).record())
    assert [(one.head, one.site, one.insertions) for one in run_counts(run)] == [
        (1, 1, 2),
        (2, 1, 2),
    ]
    assert run_parameters(run).pooled.site_share[0] > 0.9


def test_a_later_run_changes_nothing_of_an_earlier(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C1", outcome=FAIL), sha256="a").record())
    record_run(line.tested(Part(part_id="C1"), sha256="b", hours=1).record())
    assert run_counts(run) == [RunCount(1, 1, None, 2, None, FAIL, 1, 1)]


def test_tests_come_in_order_of_number_with_sites_pooled(line: Line) -> None:
    parameters = [
        ParameterRecord(200, "vdd", 0, ParameterKind.PARAMETRIC, "V"),
        ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A"),
    ]
    parts = [Part(part_id=f"C{n}", site=1 + n % 2, value=float(n)) for n in range(4)]
    found = run_parameters(record_run(line.tested(*parts, parameters=parameters).record()))
    assert [parameter.number for parameter in found.parameters] == [100, 200]
    assert found.pooled.count.tolist() == [4, 4]
    assert found.pooled.mean.tolist() == [1.5, 1.5]


def test_functional_tests_count_how_often_they_were_tested(line: Line) -> None:
    """Runs loaded before that was kept say how many values there are."""
    functional = [ParameterRecord(300, "scan", 0, ParameterKind.FUNCTIONAL)]
    parts = [Part(part_id=f"C{n}", value=math.nan) for n in range(3)]
    run = record_run(line.tested(*parts, parameters=functional).record())
    pooled = run_parameters(run).pooled
    assert (pooled.executed.tolist(), pooled.count.tolist()) == ([3], [0])
    run.summaries.update(executed_count=None)
    assert run_parameters(run).pooled.executed.tolist() == [0]


def test_a_run_without_readings_has_no_tests(line: Line) -> None:
    found = run_parameters(record_run(line.tested(Part(part_id="C1"), parameters=()).record()))
    assert found.parameters == ()
    assert len(found.pooled.count) == 0


def test_tests_need_two_queries_however_many(
    line: Line, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = record_run(line.tested(Part(part_id="C1"), Part(part_id="C2", site=2)).record())
    with django_assert_num_queries(2):
        run_parameters(run)
