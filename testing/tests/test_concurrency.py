from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from testing.models import LotStep, Run
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line


def at_once(calls: Iterable[Callable[[], object]], workers: int = 6) -> None:
    """Each call in a thread with a connection of its own."""

    def call(one: Callable[[], object]) -> None:
        try:
            one()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(call, calls))


@pytest.mark.django_db(transaction=True)
def test_runs_that_arrive_at_once_number_attempts_without_gaps(line: Line) -> None:
    sessions = [
        line.tested(Part(part_id="C1"), Part(part_id="C2"), sha256=str(hours), hours=hours)
        for hours in range(6)
    ]
    at_once(partial(record_run, session.record()) for session in sessions)
    results = LotStep.objects.get().results.filter(unit_key="C1").order_by("attempt")
    assert list(results.values_list("attempt", "run__source_sha256")) == [
        (number + 1, str(number)) for number in range(6)
    ]
    assert [result.is_final for result in results] == [False] * 5 + [True]


@pytest.mark.django_db(transaction=True)
def test_one_file_loaded_six_times_at_once_is_one_run(line: Line) -> None:
    session = line.tested(Part(part_id="C1"))
    at_once([partial(record_run, session.record())] * 6)
    assert Run.objects.count() == 1
    assert LotStep.objects.get().revision == 1
