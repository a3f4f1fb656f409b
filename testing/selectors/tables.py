"""Results, summaries and readings of any number of runs, in pieces of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from django.db.models import Case, Q, QuerySet

from lots.models import Wafer
from testing.models import BurnInUnit, Parameter, ReadingSummary, Run, UnitResult
from testing.selectors.heads import heads_of, with_heads
from testing.selectors.maps import DieResult
from testing.selectors.readings import readings_of_test
from testing.selectors.releases import is_released

PIECE_ROWS = 20_000
READING_ROWS = 200_000
Columns = dict[str, str | Case]
"""Name of a column → the field, or what is computed from fields, behind it."""
TEXTS = {
    "lot", "step", "run", "tester", "wafer", "part_id", "outcome", "text", "units",
    "load", "oven", "board", "socket", "serial", "unit_key", "program", "revision",
}  # fmt: skip
INSTANTS = {"started_at", "inserted_at", "removed_at"}
FLAGS = {"is_first", "is_final", "is_released"}
FLOATS = {
    "mean", "deviation", "minimum", "quantile_01", "quantile_05", "quartile_low", "median",
    "quartile_high", "quantile_95", "quantile_99", "maximum", "value",
    "chargeable_hours", "hours_required", "failed_ratio_max",
}  # fmt: skip
RESULT_COLUMNS: Columns = {
    "lot": "lot_step__lot__code",
    "step": "lot_step__step__code",
    "run": "run__key",
    "tester": "run__tester__code",
    "program": "run__revision__program__code",
    "revision": "run__revision__revision",
    "is_released": is_released("run"),
    "started_at": "run__started_at",
    "wafer": "wafer__code",
    "part_index": "part_index",
    "part_id": "part_id",
    "part_flag": "part_flag",
    "unit_key": "unit_key",
    "serial": "unit__serial",
    "attempt": "attempt",
    "is_first": "is_first",
    "is_final": "is_final",
    "outcome": "outcome",
    "hard_bin": "hard_bin",
    "soft_bin": "soft_bin",
    "head": "head",
    "site": "site",
    "x": "x",
    "y": "y",
    "test_time_ms": "test_time_ms",
}
SUMMARY_COLUMNS: Columns = {
    "lot": "run__lot_step__lot__code",
    "step": "run__lot_step__step__code",
    "run": "run__key",
    "tester": "run__tester__code",
    "started_at": "run__started_at",
    "number": "parameter__number",
    "text": "parameter__text",
    "occurrence": "parameter__occurrence",
    "units": "parameter__units",
    **{
        name: name
        for name in (
            "head", "site", "executed_count", "count", "fail_count", "mean", "deviation",
            "minimum", "quantile_01", "quantile_05", "quartile_low", "median", "quartile_high",
            "quantile_95", "quantile_99", "maximum",
        )
    },
}  # fmt: skip
BURN_IN_COLUMNS: Columns = {
    "lot": "run__lot_step__lot__code",
    "step": "run__lot_step__step__code",
    "load": "run__source_sha256",
    "oven": "run__oven__code",
    "board": "board__code",
    "socket": "socket",
    "serial": "unit__serial",
    "inserted_at": "inserted_at",
    "removed_at": "removed_at",
    "chargeable_hours": "chargeable_hours",
    "hours_required": "run__requirement__hours",
    "failed_ratio_max": "run__requirement__failed_ratio_max",
    "outcome": "outcome",
}
MAP_COLUMNS = ("x", "y", "hard_bin", "soft_bin", "outcome", "attempts")
READING_COLUMNS = (
    "lot", "step", "run", "tester", "started_at", "number", "text", "occurrence", "units",
    "part_index", "head", "site", "value", "flag", "outcome",
)  # fmt: skip


def schema_of(columns: Sequence[str]) -> pa.Schema:
    """Types by the name of a column; whole numbers unless listed above."""
    return pa.schema([(name, _type(name)) for name in columns])


def _type(name: str) -> pa.DataType:
    if name in TEXTS:
        return pa.string()
    if name in INSTANTS:
        return pa.timestamp("us", "UTC")
    if name in FLAGS:
        return pa.bool_()
    return pa.float64() if name in FLOATS else pa.int64()


def result_pieces(rows: QuerySet[UnitResult]) -> Iterator[pa.RecordBatch]:
    """In order of runs and of parts in them."""
    return _pieces(rows, ("run_id", "part_index"), RESULT_COLUMNS)


def summary_pieces(rows: QuerySet[ReadingSummary]) -> Iterator[pa.RecordBatch]:
    """In order of runs, parameters, heads and sites."""
    return _pieces(rows, ("run_id", "parameter_id", "head", "site"), SUMMARY_COLUMNS)


def burn_in_pieces(rows: QuerySet[BurnInUnit]) -> Iterator[pa.RecordBatch]:
    """In order of loads and of units in them."""
    return _pieces(rows, ("run_id", "pk"), BURN_IN_COLUMNS)


def _pieces(
    rows: QuerySet[Any], order: Sequence[str], columns: Columns
) -> Iterator[pa.RecordBatch]:
    """Each piece begins after the last row of the one before, in a query of its own."""
    schema, after = schema_of(tuple(columns)), Q()
    while True:
        found = list(
            rows.filter(after).order_by(*order).values_list(*order, *columns.values())[:PIECE_ROWS]
        )
        if not found:
            return
        parts = list(zip(*found, strict=True))[len(order) :]
        arrays = [pa.array(part, one.type) for part, one in zip(parts, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        after = _beyond(order, found[-1])


def _beyond(order: Sequence[str], last: Sequence[Any]) -> Q:
    beyond, equal = Q(), Q()
    for name, value in zip(order, last, strict=False):
        beyond |= equal & Q(**{f"{name}__gt": value})
        equal &= Q(**{name: value})
    return beyond


def map_piece(dies: Sequence[DieResult]) -> pa.RecordBatch:
    """One wafer."""
    schema = schema_of(MAP_COLUMNS)
    arrays = [
        pa.array([getattr(die, name) for die in dies], one.type)
        for name, one in zip(MAP_COLUMNS, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def wafer_by_code(code: str) -> Wafer | None:
    """None for an unknown one."""
    return Wafer.objects.select_related("lot").filter(code=code).first()


class Place(NamedTuple):
    """Where a page of readings ended."""

    run_id: int
    parameter_id: int
    part_index: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose readings. parameters: of one test, in every revision; all tests of a run where None."""

    runs: QuerySet[Run]
    parameters: QuerySet[Parameter] | None


@dataclass(frozen=True, slots=True)
class ReadingPiece:
    """Rows with what an API shows, and beside each the place that a cursor holds."""

    batch: pa.RecordBatch
    places: list[Place]


def reading_pieces(wanted: Wanted, after: Place | None = None) -> Iterator[ReadingPiece]:
    """In order of runs, parameters and parts, from just after a place."""
    rows = with_heads(wanted.runs.select_related("lot_step__lot", "lot_step__step", "tester"))
    if after is not None:
        rows = rows.filter(pk__gte=after.run_id)
    for run_id in rows.order_by("pk").values_list("pk", flat=True):
        run = rows.get(pk=run_id)
        start = after if after is not None and after.run_id == run_id else None
        yield from _of_run(run, wanted, start)


def _of_run(run: Run, wanted: Wanted, after: Place | None) -> Iterator[ReadingPiece]:
    tests = Parameter.objects.filter(revision=run.revision_id, summaries__run=run)
    if wanted.parameters is not None:
        tests = tests.filter(pk__in=wanted.parameters)
    if after is not None:
        tests = tests.filter(pk__gte=after.parameter_id)
    found = list(tests.distinct().order_by("pk"))
    at_once = max(1, READING_ROWS // max(run.insertion_count, 1))
    for start in range(0, len(found), at_once):
        some = found[start : start + at_once]
        table = readings_of_test([run.pk], [one.pk for one in some])
        if after is not None:
            table = table.filter(_is_after(table, after))
        if table.num_rows:
            yield _shown(run, {one.pk: one for one in some}, table)


def _is_after(table: pa.Table, after: Place) -> pa.Array:
    parameter, part = (table.column(name).to_numpy() for name in ("parameter_id", "part_index"))
    later = (parameter > after.parameter_id) | (
        (parameter == after.parameter_id) & (part > after.part_index)
    )
    return pa.array(later)


def _shown(run: Run, tests: dict[int, Parameter], table: pa.Table) -> ReadingPiece:
    size = table.num_rows
    ids, at = np.unique(table.column("parameter_id").to_numpy(), return_inverse=True)
    of = [tests[test_id] for test_id in ids.tolist()]
    same: dict[str, Any] = {
        "lot": run.lot_step.lot.code,
        "step": run.lot_step.step.code,
        "run": run.key,
        "tester": run.tester.code,
        "started_at": run.started_at,
    }
    schema = schema_of(READING_COLUMNS)
    arrays = []
    for one in schema:
        if one.name in same:
            arrays.append(pa.array([same[one.name]] * size, one.type))
        elif one.name in {"number", "text", "occurrence", "units"}:
            words = pa.array([getattr(test, one.name) for test in of], one.type)
            arrays.append(words.take(pa.array(at)))
        elif one.name == "head":
            arrays.append(pa.array(heads_of([run], table), one.type))
        else:
            arrays.append(table.column(one.name).combine_chunks().cast(one.type))
    columns = (table.column(name).to_pylist() for name in ("parameter_id", "part_index"))
    places = [Place(run.pk, *pair) for pair in zip(*columns, strict=True)]
    return ReadingPiece(pa.RecordBatch.from_arrays(arrays, schema=schema), places)
