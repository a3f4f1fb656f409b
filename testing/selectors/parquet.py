"""Parquet files of runs, read by DuckDB where they lie on a disk, else through the storage."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.core.files.storage import FileSystemStorage, default_storage, storages

from supplychain.base.deferred import duckdb, pc
from supplychain.base.errors import RefusedError
from testing.models import ReadingFile

READING_COLUMNS = pa.schema(
    [
        ("run_id", pa.int64()),
        ("parameter_id", pa.int64()),
        ("part_index", pa.int32()),
        ("site", pa.int16()),
        ("value", pa.float64()),
        ("flag", pa.uint8()),
        ("outcome", pa.string()),
    ]
)
ROWS_MAX = 20_000_000
MEMORY = "1GB"
STORED = [name for name in READING_COLUMNS.names if name != "run_id"]


def rows_where(
    files: Sequence[ReadingFile], column: str, values: Sequence[int], rows_max: int = ROWS_MAX
) -> pa.Table:
    """Rows of READING_COLUMNS in which the column has one of the values.

    In the order of files, and as stored within each. RefusedError for more than rows_max.
    """
    assert column in STORED
    if not files or not values:
        return READING_COLUMNS.empty_table()
    read = _by_duckdb if isinstance(storages["default"], FileSystemStorage) else _by_storage
    table = read(files, column, sorted(values), rows_max + 1)
    if table.num_rows > rows_max:
        raise RefusedError(
            f"That is more than {rows_max:,} readings. Choose fewer lots or tests.",
            readings_max=rows_max,
        )
    return table


def _by_duckdb(
    files: Sequence[ReadingFile], column: str, values: Sequence[int], rows_max: int
) -> pa.Table:
    paths = [default_storage.path(file.path) for file in files]
    chosen = ", ".join(str(int(value)) for value in values)
    relation = (
        _engine(os.getpid())
        .cursor()
        .sql(
            f"SELECT file_index, {', '.join(STORED)} FROM read_parquet(?) "  # noqa: S608 - our words and numbers
            f"WHERE {column} IN ({chosen}) LIMIT {int(rows_max)}",
            params=[paths],
        )
    )
    table = relation.to_arrow_table()
    run_ids = pa.array([file.run_id for file in files], pa.int64())
    runs = pc.take(run_ids, table.column("file_index"))
    return _shaped(runs, table)


def _by_storage(
    files: Sequence[ReadingFile], column: str, values: Sequence[int], rows_max: int
) -> pa.Table:
    found = []
    left = rows_max
    for file in files:
        with default_storage.open(file.path) as stream:
            table = pq.read_table(stream, columns=STORED, filters=[(column, "in", values)])
        table = table.slice(0, left)
        left -= table.num_rows
        found.append(_shaped(pa.repeat(pa.scalar(file.run_id, pa.int64()), len(table)), table))
    return pa.concat_tables(found)


def _shaped(run_ids: pa.Array, table: pa.Table) -> pa.Table:
    columns = [run_ids, *(table.column(name) for name in STORED)]
    return pa.table(columns, names=READING_COLUMNS.names).cast(READING_COLUMNS)


@cache
def _engine(_process: int) -> duckdb.DuckDBPyConnection:
    """One for each process, as a fork must not share it; asked through cursors of its own."""
    return duckdb.connect(
        ":memory:", config={"memory_limit": MEMORY, "enable_external_access": True}
    )
