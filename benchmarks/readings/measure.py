"""The measurements of `benchmarks.readings`, inside the service."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.lots.telling import tell
from lots.domain.commands import Command, LotOrder
from lots.domain.words import LotKind, Source, UnitOfMeasure
from lots.models import Lot, Step
from lots.services import load_reference, receive_lot
from testing.domain.records import (
    MISSING,
    MISSING_COORDINATE,
    ParameterRecord,
    Parts,
    Readings,
    RunRecord,
)
from testing.domain.words import ParameterKind
from testing.models import Parameter, ReadingFile, Run
from testing.selectors import (
    Insertions,
    readings_of_results,
    readings_of_test,
    same_test_ids,
)
from testing.services import record_run

T0 = datetime(2026, 1, 1, tzinfo=UTC)
TESTS = 100
SITES = 4
ROUNDS = 7


def main(readings: int, lots: int) -> None:
    """Load the lots, then print each figure beside its floor."""
    load_reference()
    units = readings // lots // TESTS
    few: tuple[float, int] | None = None
    for number in range(lots):
        run = record_run(run_of(number, units))
        if number == 9:
            few = page(run)
    connection.cursor().execute("ANALYZE")
    run_ids = list(Run.objects.order_by("id").values_list("id", flat=True))
    same = same_test_ids(Parameter.objects.order_by("id")[TESTS // 2])
    size = sum(ReadingFile.objects.values_list("byte_count", flat=True)) / 1e6
    say(f"{lots} lots, {lots * units * TESTS:,} readings, {size:.0f} MB of Parquet")
    for insertions in Insertions:
        compare(run_ids, same, insertions)
    results = list(Run.objects.get(pk=run_ids[lots // 2]).results.order_by("part_index")[:1])
    say(
        f"all {TESTS} tests of one unit: {1000 * best(lambda: readings_of_results(results)):.1f} ms"
    )
    assert few is not None
    many = page(Run.objects.get(pk=run_ids[0]))
    say(f"page of a run: {few[1]} queries among 10 runs, {many[1]} among {lots}")
    tell(f"page of a run among {lots}, beside 10", 1000 * many[0], 1000 * few[0], "ms", "about 1")


def compare(run_ids: list[int], parameter_ids: list[int], insertions: Insertions) -> None:
    """Selector and bare query, turn by turn."""
    files = ReadingFile.objects.order_by("run_id")
    paths = [default_storage.path(file.path) for file in files]
    chosen = ", ".join(map(str, parameter_ids))
    engine = duckdb.connect(":memory:")

    def bare() -> Any:
        return engine.sql(
            "SELECT file_index, part_index, site, parameter_id, value, flag, outcome "  # noqa: S608
            f"FROM read_parquet(?) WHERE parameter_id IN ({chosen})",
            params=[paths],
        ).to_arrow_table()

    floor = best(bare)
    ours = best(lambda: readings_of_test(run_ids, parameter_ids, insertions))
    rows = readings_of_test(run_ids, parameter_ids, insertions).num_rows
    tell(
        f"one test over {len(run_ids)} lots, {insertions} ({rows:,})", 1000 * ours, 1000 * floor,
        "ms", "asked: 2 or less",
    )  # fmt: skip


def page(run: Run) -> tuple[float, int]:
    """Seconds and queries of a run's whole page, for someone who may see everything."""
    client = Client(HTTP_HOST="localhost")
    person, _ = User.objects.get_or_create(username="bench", is_superuser=True, is_staff=True)
    client.force_login(person)

    def whole() -> None:
        answer = client.get(reverse("operations:run-detail", args=[run.source_sha256]))
        assert answer.status_code == 200, answer.status_code

    whole()
    with CaptureQueriesContext(connection) as asked:
        whole()
    count = len(asked)
    return best(whole), count


def best(call: Callable[[], object]) -> float:
    """Seconds, the shortest of some rounds after one that is not counted."""
    call()
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def run_of(number: int, units: int) -> RunRecord:
    """A lot of its own, tested once; one unit in fifty fails and is tested again."""
    random = np.random.default_rng(number)
    lot, step = placed_lot(number, units)
    again = np.arange(0, units, 50)
    unit = np.concatenate([np.arange(units - len(again)), again[again < units - len(again)]])
    count = len(unit)
    part = np.repeat(np.arange(count, dtype=np.int32), TESTS)
    value = random.normal(np.arange(TESTS), 0.1, (count, TESTS)).astype(np.float32)
    return RunRecord(
        lot_id=lot.pk, step_id=step.pk, product_id=lot.product_id, program="bench",
        program_revision=str(number // 50), tester="T1", tester_model="", probe_card="",
        load_board="", sublot="", temperature_celsius=25.0,
        started_at=T0 + timedelta(hours=number), finished_at=None, is_partial=False,
        source_sha256=f"{number:064x}", source_name=f"{number}.stdf", wafers=(),
        parts=parts_of([f"L{number}-{one}" for one in unit.tolist()], count),
        parameters=tuple(parameters()),
        readings=Readings(
            part_index=part,
            parameter_index=np.tile(np.arange(TESTS, dtype=np.int32), count),
            value=value.ravel().astype(np.float64),
            flag=np.zeros(len(part), dtype=np.uint8),
            outcome=np.zeros(len(part), dtype=np.uint8),
        ),
        bins=(),
    )  # fmt: skip


def placed_lot(number: int, units: int) -> tuple[Lot, Step]:
    """A lot of packages, and the step at which it is tested."""
    order = LotOrder(
        code=f"BENCH-{number}", kind=LotKind.ASSEMBLY, product_code="TRN3", route_code="A",
        step_code="START", custodian_code="OSAT1", unit_of_measure=UnitOfMeasure.PACKAGE,
        quantity=units,
    )  # fmt: skip
    command = Command(op_key=order.code, occurred_at=T0, source=Source.FEED)
    lot = receive_lot(order=order, command=command).lot
    return lot, lot.route_version.steps.get(code="FT-HOT")


def parameters() -> Iterator[ParameterRecord]:
    """As many as TESTS."""
    for number in range(TESTS):
        yield ParameterRecord(number, f"test {number}", 0, ParameterKind.PARAMETRIC, "V")


def parts_of(names: list[str], count: int) -> Parts:
    """Parts off any wafer."""
    none = np.full(count, MISSING, dtype=np.int32)
    nowhere = np.full(count, MISSING_COORDINATE, dtype=np.int32)
    return Parts(
        wafer_index=none, x=nowhere, y=nowhere, part_id=names,
        hard_bin=np.ones(count, dtype=np.int32), soft_bin=np.ones(count, dtype=np.int32),
        head=np.ones(count, dtype=np.uint8),
        site=(np.arange(count) % SITES).astype(np.uint8),
        part_flag=np.zeros(count, dtype=np.uint8),
        test_time_ms=np.full(count, 900, dtype=np.int64),
        outcome=np.zeros(count, dtype=np.uint8),
    )  # fmt: skip


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
