"""Records and decoded columns as Arrow tables: one for each record type, or of the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from intake.domain.stdf.decoder import Batch
from intake.domain.stdf.layouts import LAYOUTS, Layout
from intake.domain.stdf.records import Bits, Generic, Record, Scalar, Value
from intake.domain.stdf.run import DecodedRun, DecodedWafer
from intake.domain.stdf.words import RECORD_KINDS
from testing.domain.records import OUTCOMES

BATCH_RECORDS = 20_000
BITS = pa.struct([("count", pa.uint16()), ("raw", pa.binary())])
GENERIC = pa.struct([("type", pa.string()), ("value", pa.string())])
TYPES = {
    "U1": pa.uint8(), "U2": pa.uint16(), "U4": pa.uint32(), "U8": pa.uint64(), "I1": pa.int8(),
    "I2": pa.int16(), "I4": pa.int32(), "R4": pa.float32(), "B1": pa.uint8(), "N1": pa.uint8(),
    "C1": pa.string(), "Cn": pa.string(), "Sn": pa.string(), "Cf": pa.string(), "Bn": pa.binary(),
    "Dn": BITS, "Uf": pa.uint64(), "Vn": GENERIC,
}  # fmt: skip


def schema_of(kind: str) -> pa.Schema:
    """Columns of one record type: the position, then its fields in order."""
    columns = [pa.field("position", pa.uint64())]
    columns += [pa.field(one.name, _type(one)) for one in LAYOUTS[RECORD_KINDS[kind]]]
    return pa.schema(columns)


def _type(layout: Layout) -> pa.DataType:
    single = TYPES[layout.form]
    return pa.list_(single) if layout.count else single


def record_tables(records: Iterable[Record]) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Kind and some rows of it, in file order within a kind. Unknown kinds are left out."""
    kept: dict[str, list[Record]] = {}
    for record in records:
        if record.kind not in RECORD_KINDS:
            continue
        rows = kept.setdefault(record.kind, [])
        rows.append(record)
        if len(rows) >= BATCH_RECORDS:
            yield record.kind, _rows(record.kind, kept.pop(record.kind))
    for kind, rows in kept.items():
        yield kind, _rows(kind, rows)


def _rows(kind: str, rows: list[Record]) -> pa.RecordBatch:
    schema = schema_of(kind)
    columns = [pa.array([row.position for row in rows], pa.uint64())]
    for at, column in enumerate(list(schema)[1:]):
        values = [_plain(row.values[at]) for row in rows]
        columns.append(pa.array(values, column.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _plain(value: Value) -> object:
    return [_single(one) for one in value] if isinstance(value, tuple) else _single(value)


def _single(value: Scalar | None) -> object:
    if isinstance(value, Bits):
        return {"count": value.count, "raw": value.raw}
    if isinstance(value, Generic):
        inner = value.value
        if isinstance(inner, Bits):
            inner = ",".join(map(str, inner.positions()))
        text = inner.hex() if isinstance(inner, bytes) else str(inner)
        return {"type": value.form, "value": text}
    return value


READING_COLUMNS = pa.schema([
    ("part", pa.uint32()), ("test", pa.uint32()), ("value", pa.float64()), ("flag", pa.uint8()),
    ("outcome", pa.dictionary(pa.uint8(), pa.string())),
])  # fmt: skip
PART_COLUMNS = pa.schema([
    ("part", pa.uint32()), ("wafer_opened", pa.int32()), ("part_id", pa.string()),
    ("x", pa.int32()), ("y", pa.int32()), ("head", pa.uint8()), ("site", pa.uint8()),
    ("hard_bin", pa.int32()), ("soft_bin", pa.int32()), ("flag", pa.uint8()),
    ("test_time_ms", pa.int64()), ("outcome", pa.dictionary(pa.uint8(), pa.string())),
])  # fmt: skip
OUTCOME_NAMES = pa.array([str(outcome) for outcome in OUTCOMES])


@dataclass(slots=True)
class ResultTables:
    """Batches of a decoding as rows; parts are numbered over the file, from 0."""

    parts: int = field(default=0)

    def readings(self, batch: Batch) -> pa.RecordBatch:
        """part and test: numbers of their rows. value: base units, NaN = none."""
        found = batch.readings
        outcome = pa.DictionaryArray.from_arrays(pa.array(found.outcome), OUTCOME_NAMES)
        columns = [
            found.part_index.astype(np.uint32), found.parameter_index.astype(np.uint32),
            found.value, found.flag,
        ]  # fmt: skip
        return pa.RecordBatch.from_arrays(
            [*map(pa.array, columns), outcome], schema=READING_COLUMNS
        )

    def part_rows(self, batch: Batch) -> pa.RecordBatch:
        """wafer_opened: the row of its wafer, counted as they were opened; -1 = none known."""
        found = batch.parts
        number = np.arange(self.parts, self.parts + len(found), dtype=np.uint32)
        self.parts += len(found)
        outcome = pa.DictionaryArray.from_arrays(pa.array(found.outcome), OUTCOME_NAMES)
        columns = [
            number, found.wafer_index, found.part_id, found.x, found.y, found.head, found.site,
            found.hard_bin, found.soft_bin, found.part_flag, found.test_time_ms.astype(np.int64),
        ]  # fmt: skip
        arrays = [
            pa.array(column, kind.type) for column, kind in zip(columns, PART_COLUMNS, strict=False)
        ]
        return pa.RecordBatch.from_arrays([*arrays, outcome], schema=PART_COLUMNS)


def test_table(run: DecodedRun) -> pa.Table:
    """Tests of a run; the row is what `test` of a reading counts into."""
    rows = [
        {
            "test": row, "number": one.number, "text": one.text, "occurrence": one.occurrence,
            "kind": str(one.kind), "units": one.units, "scale": one.scale,
            "limit_low": one.limit_low, "limit_high": one.limit_high,
        }
        for row, one in enumerate(run.parameters)
    ]  # fmt: skip
    columns = pa.schema([
        ("test", pa.uint32()), ("number", pa.uint32()), ("text", pa.string()),
        ("occurrence", pa.int32()), ("kind", pa.string()), ("units", pa.string()),
        ("scale", pa.int8()), ("limit_low", pa.float64()), ("limit_high", pa.float64()),
    ])  # fmt: skip
    return pa.Table.from_pylist(rows, columns)


def wafer_table(opened: Iterable[DecodedWafer]) -> pa.Table:
    """Wafers as they were opened; the row is what `wafer_opened` of a part counts into."""
    instant = pa.timestamp("s", "UTC")
    columns = pa.schema([
        ("wafer_opened", pa.int32()), ("code", pa.string()), ("started_at", instant),
        ("finished_at", instant), ("part_count", pa.uint32()), ("good_count", pa.uint32()),
    ])  # fmt: skip
    rows = [
        {
            "wafer_opened": row, "code": one.code, "started_at": one.started_at,
            "finished_at": one.finished_at, "part_count": one.part_count,
            "good_count": one.good_count,
        }
        for row, one in enumerate(opened)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, columns)
