"""The measurements of `benchmarks.yields`, inside the service."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

import numpy as np
from django.db import connection
from django.utils import timezone

from benchmarks.lots.telling import tell
from benchmarks.yields import bare
from lots.domain.commands import Command, LotOrder
from lots.domain.words import LotKind, Source, UnitOfMeasure
from lots.models import Lot, Step, Wafer
from lots.services import load_reference, receive_lot
from quality.models import YieldBook, YieldPart, YieldTotal, YieldWeek
from quality.services import rebuild_yields, recount_differences, summarise_owed
from testing.domain.records import Parts, Readings, RunRecord, WaferRun
from testing.models import LotStep, UnitResult
from testing.services import record_run

T0 = datetime(2026, 1, 5, tzinfo=UTC)
WAFERS, SIDE, SITES = 25, 10, 8
AGAIN_EVERY = 10
LOTS_A_WEEK = 10
ROUNDS, PROBES = 3, 9
FEW_SHARE = 10
TEMPLATES = 6
"""Lots that are loaded as files; the others are copies of theirs."""


def main(lots: int) -> None:
    """Load a tenth of the lots and then the rest, with one file more measured at either size."""
    load_reference()
    few, number = probed(range(lots // FEW_SHARE), lots)
    many, _ = probed(range(lots // FEW_SHARE, lots), number)
    say(f"{lots} lots, {UnitResult.objects.count():,} results, {YieldPart.objects.count():,} parts")
    tell(f"one file more at {lots} lots, at {lots // FEW_SHARE}", many, few, "ms", "asked: 1.2")
    assert recount_differences() == []
    ours = best(rebuilt)
    floor = best(bare.postgres)
    tell("full recount and write, one bare query", 1000 * ours, 1000 * floor, "ms", "asked: 2")
    engine = bare.duck()
    beside = best(lambda: bare.duckdb_rows(engine))
    assert bare.duckdb_rows(engine) == bare.postgres(), "both count the same slices"
    tell("the same beside DuckDB in memory", 1000 * ours, 1000 * beside, "ms", "for comparison")
    checked = best(recount_differences)
    say(f"recompute --check: {1000 * checked:,.0f} ms")
    assert recount_differences() == []


def probed(numbers: range, first_probe: int) -> tuple[float, int]:
    """Load lots, then milliseconds for one file more, and the number behind the last one."""
    for number in numbers:
        if number < TEMPLATES:
            load(number)
        else:
            copy(number)
    while summarise_owed(now=timezone.now()):
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    times = []
    for number in range(first_probe, first_probe + PROBES):
        load(number)
        begun = time.perf_counter()
        assert summarise_owed(now=timezone.now()) == 1
        times.append(1000 * (time.perf_counter() - begun))
    return median(times), first_probe + PROBES


def rebuilt() -> None:
    """Everything counted and written from nothing."""
    tables = (model._meta.db_table for model in (YieldTotal, YieldWeek, YieldPart, YieldBook))
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
    rebuild_yields(now=timezone.now())


def best(call: Callable[[], object]) -> float:
    """Seconds, the shortest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def load(number: int) -> None:
    """A lot of wafers, sorted once, and what failed sorted again."""
    random = np.random.default_rng(number)
    lot, step = placed_lot(number)
    wafers = list(Wafer.objects.filter(lot=lot).order_by("number").values_list("pk", flat=True))
    dies = np.arange(WAFERS * SIDE * SIDE)
    outcome = (random.random(len(dies)) < 1 / AGAIN_EVERY).astype(np.uint8)
    failed = dies[outcome == 1]
    second = (random.random(len(failed)) < 0.5).astype(np.uint8)
    record_run(session((number, 0), lot, step, parts_of(dies, outcome), wafers))
    record_run(session((number, 1), lot, step, parts_of(failed, second), wafers))


def copy(number: int) -> None:
    """A lot with the results of one that was loaded, as its rows would stand."""
    lot, step = placed_lot(number)
    source = LotStep.objects.get(lot__code=f"BENCH-{number % TEMPLATES}")
    shift = timedelta(weeks=number // LOTS_A_WEEK)
    runs = list(source.runs.order_by("pk"))
    source.pk, source.lot, source.step = None, lot, step
    source.first_started_at = T0 + shift
    source.save()
    ids = [run.pk for run in runs]
    for place, run in enumerate(runs):
        run.pk, run.lot_step = None, source
        run.started_at += shift
        run.source_sha256 = f"{number * 2 + place:064x}"
        run.save()
    fresh = [run.pk for run in runs]
    with connection.cursor() as cursor:
        cursor.execute(COPY_WAFERS, [ids, fresh, lot.pk])
        cursor.execute(COPY, [source.pk, ids, fresh, lot.pk])


COPY = """
    INSERT INTO testing_unitresult (
        run_id, lot_step_id, wafer_id, unit_key, part_id, part_index, attempt, is_first, is_final,
        outcome, hard_bin, soft_bin, head, site, x, y, test_time_ms, part_flag
    )
    SELECT
        pair.fresh, %s, other.id, other.id || ':' || x || ':' || y, part_id, part_index, attempt,
        is_first, is_final, outcome, hard_bin, soft_bin, head, site, x, y, test_time_ms, part_flag
    FROM testing_unitresult AS result
    JOIN UNNEST(%s::bigint[], %s::bigint[]) AS pair (stood, fresh) ON pair.stood = result.run_id
    JOIN lots_wafer AS wafer ON wafer.id = result.wafer_id
    JOIN lots_wafer AS other ON other.lot_id = %s AND other.number = wafer.number
"""


COPY_WAFERS = """
    INSERT INTO testing_runwafer (run_id, wafer_id, started_at, finished_at, part_count, good_count)
    SELECT pair.fresh, other.id, seen.started_at, seen.finished_at, part_count, good_count
    FROM testing_runwafer AS seen
    JOIN UNNEST(%s::bigint[], %s::bigint[]) AS pair (stood, fresh) ON pair.stood = seen.run_id
    JOIN lots_wafer AS wafer ON wafer.id = seen.wafer_id
    JOIN lots_wafer AS other ON other.lot_id = %s AND other.number = wafer.number
"""


def placed_lot(number: int) -> tuple[Lot, Step]:
    """A lot of wafers and its sort step."""
    order = LotOrder(
        code=f"BENCH-{number}", kind=LotKind.WAFER, product_code="TRN3-DIE", route_code="A",
        step_code="START", custodian_code="TSMC", unit_of_measure=UnitOfMeasure.WAFER,
        quantity=WAFERS, wafers=tuple(range(1, WAFERS + 1)),
    )  # fmt: skip
    command = Command(op_key=order.code, occurred_at=T0, source=Source.FEED)
    lot = receive_lot(order=order, command=command).lot
    return lot, lot.route_version.steps.get(code="CP1")


def session(
    place: tuple[int, int], lot: Lot, step: Step, parts: Parts, wafers: list[int]
) -> RunRecord:
    """One file. place: of the lot, and of the file among the lot's."""
    number, insertion = place
    started_at = T0 + timedelta(weeks=number // LOTS_A_WEEK, hours=number % LOTS_A_WEEK + insertion)
    none = np.zeros(0, dtype=np.int32)
    return RunRecord(
        lot_id=lot.pk, step_id=step.pk, product_id=lot.product_id, program="bench",
        program_revision=str(number // 100), tester=f"T{number % 6}", tester_model="",
        probe_card=f"PC{number % 4}", load_board="", sublot="", temperature_celsius=25.0,
        started_at=started_at, finished_at=None, is_partial=False, rejected_count=0,
        source_sha256=f"{number * 2 + insertion:064x}", source_name=f"{number}-{insertion}.stdf",
        wafers=tuple(WaferRun(str(pk), pk) for pk in wafers), parts=parts,
        parameters=(), readings=Readings(none, none, none.astype(np.float64),
        none.astype(np.uint8), none.astype(np.uint8)), bins=(),
    )  # fmt: skip


def parts_of(
    dies: np.ndarray[tuple[int], np.dtype[np.int64]],
    outcome: np.ndarray[tuple[int], np.dtype[np.uint8]],
) -> Parts:
    """Dies by their place among all of the lot's. outcome: 0 passes."""
    wafer, place = np.divmod(dies, SIDE * SIDE)
    y, x = np.divmod(place, SIDE)
    count = len(dies)
    return Parts(
        wafer_index=wafer.astype(np.int32), x=x.astype(np.int32), y=y.astype(np.int32),
        part_id=[""] * count, hard_bin=(1 + outcome).astype(np.int32),
        soft_bin=(1 + outcome).astype(np.int32), head=np.ones(count, dtype=np.uint8),
        site=(dies % SITES).astype(np.uint8), part_flag=np.zeros(count, dtype=np.uint8),
        test_time_ms=np.full(count, 900, dtype=np.int64), outcome=outcome,
    )  # fmt: skip


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
