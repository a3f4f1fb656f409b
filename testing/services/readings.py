"""Readings into Parquet in storage, found again by the row that points there; and their sums."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from os import SEEK_END
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage, storages
from numpy.typing import NDArray

from supplychain.base.copying import copy_rows
from testing.domain.records import OUTCOMES, Readings, RunRecord
from testing.domain.summaries import Summaries, places_of, summarise_readings
from testing.models import ReadingFile, ReadingSummary, Run

ROOT = "readings"
ROW_GROUP_ROWS = 65_536
SWEPT_MAX = 10_000
SCHEMA = pa.schema(
    [
        ("part_index", pa.int32()),
        ("site", pa.int16()),
        ("parameter_id", pa.int64()),
        ("value", pa.float64()),
        ("flag", pa.uint8()),
        ("outcome", pa.dictionary(pa.int8(), pa.string())),
    ]
)
SUMMARY_COLUMNS = {
    "run_id": "int8",
    "parameter_id": "int8",
    "head": "int2",
    "site": "int2",
    "executed_count": "int4",
    "count": "int4",
    "fail_count": "int4",
    "mean": "float8",
    "deviation": "float8",
    "minimum": "float8",
    "quantile_01": "float8",
    "quantile_05": "float8",
    "quartile_low": "float8",
    "median": "float8",
    "quartile_high": "float8",
    "quantile_95": "float8",
    "quantile_99": "float8",
    "maximum": "float8",
}
STATISTICS = list(SUMMARY_COLUMNS)[7:]


def record_readings(row: Run, run: RunRecord, parameter_ids: NDArray[np.int64]) -> str:
    """Write the run's readings and their summaries, block by block; the file's name in storage.

    parameter_ids: (parameter,). Whoever rolls the rows back deletes the file, else a sweep does.
    Several of the file's parameters may be one of ours; they are summed up together.
    """
    ours, rank = np.unique(parameter_ids, return_inverse=True)
    place = rank.astype(np.uint16)
    number = rank.astype(np.int32)
    places = places_of(run.parts)
    sums: list[Summaries] = []
    written = 0
    with NamedTemporaryFile(suffix=".parquet") as file:
        with pq.ParquetWriter(file, SCHEMA, **PARQUET) as writer:
            for block in run.readings.by_parameter(place):
                known = replace(block, parameter_index=number[block.parameter_index])
                writer.write_table(
                    reading_table(known, run.parts.site, ours), row_group_size=ROW_GROUP_ROWS
                )
                sums.append(summarise_readings(known, places))
                written += len(known)
        assert written == len(run.readings), "a reading was lost"
        name = _stored(row, file, len(run.readings))
    copy_rows(ReadingSummary, SUMMARY_COLUMNS, _summary_rows(row, ours, sums))
    return name


PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "use_dictionary": ["site", "parameter_id", "flag", "outcome"],
    "column_encoding": {"part_index": "DELTA_BINARY_PACKED"},
}


def _stored(row: Run, file: Any, row_count: int) -> str:
    """The finished file at its place, with the row that points there."""
    byte_count = file.seek(0, SEEK_END)
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    name = default_storage.save(reading_path(row), File(file), max_length=600)
    if isinstance(storages["default"], FileSystemStorage):
        _flush_to_disk(default_storage.path(name))
    ReadingFile.objects.create(
        run=row, path=name, row_count=row_count, byte_count=byte_count, sha256=sha256
    )
    return name


def _flush_to_disk(path: str) -> None:
    """Before the row that points there is committed, so that no crash parts the two."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def reading_path(row: Run) -> str:
    """Partitioned, so that one parameter over many lots reads only the files it needs."""
    lot, step = row.lot_step.lot, row.lot_step.step
    names = {"product": row.revision.program.product.code, "step": step.code, "lot": lot.code}
    parts = [f"{name}={quote(code, safe='')}" for name, code in names.items()]
    return "/".join([ROOT, *parts, f"run={row.key}.parquet"])


def reading_table(
    readings: Readings, site_of_part: NDArray[np.uint8], ours: NDArray[np.int64]
) -> pa.Table:
    """Columns as ReadingFile says. ours: our parameter of each parameter_index."""
    outcomes = pa.DictionaryArray.from_arrays(
        pa.array(readings.outcome.astype(np.int8)), [str(word) for word in OUTCOMES]
    )
    columns = [
        readings.part_index,
        site_of_part[readings.part_index].astype(np.int16),
        ours[readings.parameter_index],
        readings.value,
        readings.flag,
        outcomes,
    ]
    return pa.table(columns, schema=SCHEMA)


def _summary_rows(
    row: Run, ours: NDArray[np.int64], sums: Sequence[Summaries]
) -> Iterator[tuple[object, ...]]:
    """Values in the order of SUMMARY_COLUMNS."""
    for one in sums:
        yield from zip(
            [row.pk] * len(one.count),
            ours[one.parameter_index].tolist(),
            one.head.tolist(),
            one.site.tolist(),
            one.executed.tolist(),
            one.count.tolist(),
            one.fail_count.tolist(),
            *(_nullable(getattr(one, name)) for name in STATISTICS),
            strict=True,
        )


def _nullable(column: NDArray[np.float64]) -> list[float | None]:
    return [
        value if ok else None
        for value, ok in zip(column.tolist(), np.isfinite(column).tolist(), strict=True)
    ]


def delete_orphan_reading_files(*, stored_before: datetime) -> int:
    """Delete files that no row points to, left by a crash; how many. At most SWEPT_MAX a call."""
    deleted = 0
    for folder, names in _folders(ROOT):
        paths = {f"{folder}/{name}" for name in names}
        known = ReadingFile.objects.filter(path__in=paths).values_list("path", flat=True)
        for path in sorted(paths - set(known)):
            if deleted < SWEPT_MAX and default_storage.get_modified_time(path) < stored_before:
                default_storage.delete(path)
                deleted += 1
    return deleted


def _folders(root: str) -> Iterator[tuple[str, list[str]]]:
    """Every folder in storage from root on, with the names of its files."""
    pending = [root]
    while pending:
        folder = pending.pop()
        try:
            folders, names = default_storage.listdir(folder)
        except FileNotFoundError:
            continue
        pending += [f"{folder}/{name}" for name in folders]
        yield folder, names
