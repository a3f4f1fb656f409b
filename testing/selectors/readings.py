"""Readings from storage and their summaries, as columns: one test over many runs, or one unit.

Tables are Arrow; `table.column("value").to_numpy()` gives numpy.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from numpy.typing import NDArray

from lots.models import Unit
from testing.models import Parameter, ReadingFile, ReadingSummary, Run, UnitResult
from testing.selectors.parquet import ROWS_MAX, rows_where
from testing.selectors.runs import results_of_unit

SUMMARY_COLUMNS = pa.schema(
    [
        ("run_id", pa.int64()),
        ("parameter_id", pa.int64()),
        ("head", pa.int16()),
        ("site", pa.int16()),
        ("executed_count", pa.int64()),
        ("count", pa.int64()),
        ("fail_count", pa.int64()),
        *(
            (name, pa.float64())
            for name in (
                "mean", "deviation", "minimum", "quantile_01", "quantile_05", "quartile_low",
                "median", "quartile_high", "quantile_95", "quantile_99", "maximum",
            )
        ),
    ]
)  # fmt: skip
PART_BITS = 32


class Insertions(StrEnum):
    """Whose readings are wanted: of every insertion, of first ones, or of deciding ones."""

    ALL = "all"
    FIRST = "first"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class ParameterReadings:
    """One parameter of one run in order of parts; every column is (reading,).

    part_index: int32. site: int16. value: float64, base units, NaN = not measured.
    """

    part_index: NDArray[np.int32]
    site: NDArray[np.int16]
    value: NDArray[np.float64]


def readings(run: Run, parameter: Parameter) -> ParameterReadings:
    """Empty columns for a run without readings."""
    table = readings_of_test([run.pk], [parameter.pk])
    return ParameterReadings(
        *(table.column(name).to_numpy() for name in ("part_index", "site", "value"))
    )


def same_test_ids(parameter: Parameter) -> list[int]:
    """Ids of this test in every revision of the programs of its product, itself among them.

    A revision that states it in other units has another test of the same name: values of both
    cannot stand beside each other.
    """
    product = parameter.revision.program.product_id
    same = Parameter.objects.filter(
        revision__program__product=product,
        number=parameter.number,
        text=parameter.text,
        occurrence=parameter.occurrence,
        units=parameter.units,
    )
    return list(same.order_by("id").values_list("id", flat=True))


def readings_of_test(
    run_ids: Sequence[int],
    parameter_ids: Sequence[int],
    insertions: Insertions = Insertions.ALL,
    rows_max: int = ROWS_MAX,
) -> pa.Table:
    """Readings of one test (or several) over many runs, two queries whatever their number.

    parameter_ids: as `same_test_ids` gives them. Columns, in order of run_ids, then parameter, then
    part: run_id int64, parameter_id int64, part_index int32 (as in UnitResult), site int16,
    value float64 (base units, NaN = not measured), flag uint8 (TEST_FLG), outcome string.
    RefusedError for more than rows_max.
    """
    table = rows_where(_files(run_ids), "parameter_id", parameter_ids, rows_max)
    return _of(insertions, run_ids, table)


def readings_of_unit(unit: Unit) -> pa.Table:
    """Every reading of a unit in every insertion, over all steps. Columns of `readings_of_test`."""
    return readings_of_results(list(results_of_unit(unit)))


def readings_of_results(results: Sequence[UnitResult]) -> pa.Table:
    """Every reading of these insertions, in their order, then by parameter.

    Columns of `readings_of_test`. Files are read once each, for all their insertions.
    """
    order = {(one.run_id, one.part_index): place for place, one in enumerate(results)}
    run_ids = list(dict.fromkeys(one.run_id for one in results))
    table = rows_where(_files(run_ids), "part_index", sorted({one.part_index for one in results}))
    pairs = zip(
        table.column("run_id").to_pylist(), table.column("part_index").to_pylist(), strict=True
    )
    place = np.array([order.get(pair, -1) for pair in pairs], dtype=np.int64)
    wanted = np.flatnonzero(place >= 0)
    return table.take(wanted[np.argsort(place[wanted], kind="stable")])


def summaries_by_site(
    run_ids: Collection[int], parameter_ids: Collection[int] | None = None
) -> pa.Table:
    """Summaries per run, parameter, head and site, in that order; of all parameters unless named.

    Columns: run_id, parameter_id int64, head, site int16, executed_count (null = not kept then),
    count, fail_count int64, then mean, deviation and quantiles from minimum to maximum, float64
    (null = none). One query.
    """
    rows = ReadingSummary.objects.filter(run__in=run_ids)
    if parameter_ids is not None:
        rows = rows.filter(parameter__in=parameter_ids)
    names = SUMMARY_COLUMNS.names
    found = rows.order_by("run_id", "parameter_id", "head", "site").values_list(*names)
    columns = list(zip(*found, strict=True)) or [()] * len(names)
    return pa.table([pa.array(column) for column in columns], names=names).cast(SUMMARY_COLUMNS)


def _files(run_ids: Sequence[int]) -> list[ReadingFile]:
    found = {file.run_id: file for file in ReadingFile.objects.filter(run__in=run_ids)}
    return [found[run_id] for run_id in dict.fromkeys(run_ids) if run_id in found]


def _of(insertions: Insertions, run_ids: Sequence[int], table: pa.Table) -> pa.Table:
    """Without the insertions that do not count; these are few, so they are looked up."""
    if insertions is Insertions.ALL or not table.num_rows:
        return table
    others = {"is_first": False} if insertions is Insertions.FIRST else {"is_final": False}
    left_out = UnitResult.objects.filter(run__in=run_ids, **others)
    pairs = np.array(list(left_out.values_list("run_id", "part_index")), dtype=np.int64)
    if not len(pairs):
        return table
    part = table.column("part_index").to_numpy().astype(np.int64)
    codes = table.column("run_id").to_numpy() << PART_BITS | part
    return table.filter(~np.isin(codes, pairs[:, 0] << PART_BITS | pairs[:, 1]))
