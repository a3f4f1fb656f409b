"""Test files into other forms: Parquet, ATDF, STDF. Nothing is recorded."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from pyarrow import parquet  # type: ignore[import-untyped]

from intake.domain.archives import Unpacked
from intake.domain.stdf.arrow import (
    PART_COLUMNS,
    READING_COLUMNS,
    ResultTables,
    record_tables,
    schema_of,
    test_table,
    wafer_table,
)
from intake.domain.stdf.atdf.writing import atdf_line, is_changed
from intake.domain.stdf.continued import continued
from intake.domain.stdf.decoder import Decoding
from intake.domain.stdf.fields import RecordError
from intake.domain.stdf.opening import records_of
from intake.domain.stdf.writer import RecordWriter
from intake.services.registry import plain_name

Progress = Callable[[float], None]


class Form(StrEnum):
    """What a test file can be turned into."""

    PARQUET = "parquet"
    RECORDS = "records"
    ATDF = "atdf"
    STDF = "stdf"


class ConversionError(Exception):
    """A file that was not converted. The message says what to do."""


@dataclass(slots=True)
class Converted:
    """rows: by table or record kind. left_out: records that the new form has no place for."""

    path: Path
    rows: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def convert(path: Path, *, form: Form, folder: Path, is_forced: bool, told: Progress) -> Converted:
    """One file into a folder; what was begun and failed is taken away again.

    told: takes the part of the file that was read, 0 to 1. FileRefusedError for what is no test
    file; ConversionError when something of that name is there already.
    """
    stem = plain_name(path.name).rsplit(".", 1)[0]
    is_folder = form in {Form.PARQUET, Form.RECORDS}
    target = folder / (stem if is_folder else f"{stem}.{form}")
    if target.exists() and not is_forced:
        raise ConversionError(f"{target} is there already; name another folder, or add --force.")
    if target.exists() and target.resolve() == path.resolve():
        raise ConversionError(f"{target} is the file itself; name another folder.")
    begun = folder / f".{target.name}.part"
    _remove(begun)
    folder.mkdir(parents=True, exist_ok=True)
    converted = Converted(target)
    try:
        with path.open("rb") as stream:
            unpacked = Unpacked(stream)
            chunks = _watched(unpacked, path.stat().st_size, stream.tell, told)
            WRITERS[form](chunks, begun, converted)
        _remove(target)
        begun.rename(target)
    finally:
        _remove(begun)
    converted.notes[:0] = unpacked.notes
    return converted


def _watched(
    unpacked: Unpacked, size: int, tell: Callable[[], int], told: Progress
) -> Iterator[bytes]:
    for chunk in unpacked.chunks():
        yield chunk
        told(min(1.0, tell() / max(1, size)))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _parquet(chunks: Iterator[bytes], folder: Path, converted: Converted) -> None:
    """Readings, parts, tests and wafers, by the rules of loading."""
    folder.mkdir()
    decoding, tables = Decoding(chunks), ResultTables()
    with (
        parquet.ParquetWriter(folder / "readings.parquet", READING_COLUMNS, **PACKED) as readings,
        parquet.ParquetWriter(folder / "parts.parquet", PART_COLUMNS, **PACKED) as parts,
    ):
        for batch in decoding.batches():
            readings.write_batch(tables.readings(batch))
            parts.write_batch(tables.part_rows(batch))
            converted.rows["readings"] += len(batch.readings)
            converted.rows["parts"] += len(batch.parts)
    run = decoding.run()
    for name, table in (
        ("tests", test_table(run)),
        ("wafers", wafer_table(decoding.wafers.opened)),
    ):
        parquet.write_table(table, folder / f"{name}.parquet", **PACKED)
        converted.rows[name] = table.num_rows
    converted.left_out.update(run.rejected_counts)
    converted.notes += run.notes


def _records(chunks: Iterator[bytes], folder: Path, converted: Converted) -> None:
    """One file for each record type, every field as written, lists put together."""
    folder.mkdir()
    writers: dict[str, parquet.ParquetWriter] = {}
    try:
        for kind, rows in record_tables(continued(records_of(chunks))):
            if kind not in writers:
                target = folder / f"{kind}.parquet"
                writers[kind] = parquet.ParquetWriter(target, schema_of(kind), **PACKED)
            writers[kind].write_batch(rows)
            converted.rows[kind] += rows.num_rows
    finally:
        for writer in writers.values():
            writer.close()


def _atdf(chunks: Iterator[bytes], target: Path, converted: Converted) -> None:
    changed = 0
    with target.open("w", encoding="utf-8", newline="") as out:
        for record in records_of(chunks):
            line = atdf_line(record)
            out.write(line)
            (converted.rows if line else converted.left_out)[record.kind] += 1
            changed += is_changed(record)
    if changed:
        converted.notes.append(f"{changed:,} texts held characters that ATDF keeps for itself.")


def _stdf(chunks: Iterator[bytes], target: Path, converted: Converted) -> None:
    """Little-endian, whatever it was."""
    writer = RecordWriter()
    with target.open("wb") as out:
        for record in records_of(chunks):
            if record.kind == "FAR":
                out.write(writer.far())
                continue
            try:
                values = dict(zip(record.names, record.values, strict=True))
                out.write(writer.write(record.kind, values))
            except (KeyError, RecordError):
                converted.left_out[record.kind] += 1
                continue
            converted.rows[record.kind] += 1


PACKED: dict[str, Any] = {"compression": "zstd"}
WRITERS: dict[Form, Callable[[Iterator[bytes], Path, Converted], None]] = {
    Form.PARQUET: _parquet,
    Form.RECORDS: _records,
    Form.ATDF: _atdf,
    Form.STDF: _stdf,
}
