"""Readings into Parquet in storage, found again by the row that points there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from tempfile import NamedTemporaryFile
from urllib.parse import quote

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.core.files import File
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from testing.domain.records import OUTCOMES, RunRecord
from testing.models import ReadingFile, Run

ROOT = "readings"
ROW_GROUP_ROWS = 128_000
SWEPT_MAX = 10_000


def store_readings(row: Run, run: RunRecord, parameter_ids: NDArray[np.int64]) -> str:
    """Write the run's readings, row and file; the name of the file in storage.

    parameter_ids: (parameter,). Whoever rolls the row back deletes the file, else a sweep does.
    """
    with NamedTemporaryFile(suffix=".parquet") as file:
        pq.write_table(
            reading_table(run, parameter_ids),
            file,
            compression="zstd",
            row_group_size=ROW_GROUP_ROWS,
        )
        byte_count = file.tell()
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        name = default_storage.save(reading_path(row), File(file), max_length=600)
    ReadingFile.objects.create(
        run=row,
        path=name,
        row_count=len(run.readings),
        byte_count=byte_count,
        sha256=sha256,
    )
    return name


def reading_path(row: Run) -> str:
    """Partitioned, so that one parameter over many lots reads only the files it needs."""
    lot, step = row.lot_step.lot, row.lot_step.step
    names = {"product": row.revision.program.product.code, "step": step.code, "lot": lot.code}
    parts = [f"{name}={quote(code, safe='')}" for name, code in names.items()]
    return "/".join([ROOT, *parts, f"run={row.source_sha256}.parquet"])


def reading_table(run: RunRecord, parameter_ids: NDArray[np.int64]) -> pa.Table:
    """Columns as ReadingFile says, sorted by parameter and part."""
    readings = run.readings
    parameter = parameter_ids[readings.parameter_index]
    order = np.lexsort((readings.part_index, parameter))
    part = readings.part_index[order]
    outcomes = pa.DictionaryArray.from_arrays(
        pa.array(readings.outcome[order].astype(np.int8)), [str(word) for word in OUTCOMES]
    )
    return pa.table(
        {
            "part_index": part.astype(np.int32),
            "site": run.parts.site[part].astype(np.int16),
            "parameter_id": parameter[order],
            "value": readings.value[order],
            "flag": readings.flag[order],
            "outcome": outcomes,
        }
    )


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
