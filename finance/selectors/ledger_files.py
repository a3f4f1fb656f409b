"""The ledger as files: CSV, NDJSON and Parquet, piece by piece, straight from the database."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pa_csv  # type: ignore[import-untyped]

from finance.domain.entries import COLUMNS
from finance.domain.lines import BARE, json_line
from finance.domain.words import ExportFormat
from finance.selectors.ledger import LedgerPage, page_rows
from supplychain.base.copying import copied_out
from supplychain.base.sheets import BYTE_ORDER_MARK, FORMULA_STARTS
from supplychain.base.tables import ParquetPieces

Piece = tuple[bytes, int]
"""Bytes of the file, and how many rows they bring to an end."""

SCHEMA_VERSION = "finance_ledger_v1"
PIECE_LINES = 1000
GROUP_ROWS = 5_000
"""Of a Parquet row group. By rows, not bytes: the same rows give the same file."""

TYPES = {
    "seq": pa.int64(),
    "transaction": pa.int64(),
    "line": pa.int32(),
    "quantity": pa.decimal128(20, 0),
    "amount": pa.decimal128(20, 6),
    "effective_on": pa.date32(),
    "recorded_at": pa.timestamp("us", "UTC"),
    "is_prior_period": pa.bool_(),
    "source_seq": pa.int64(),
    "reverses": pa.int64(),
}
REPEATED = [
    name
    for name in COLUMNS
    if name not in {"seq", "transaction", "amount", "recorded_at", "source_seq", "op_key", "sha256"}
]
"""Columns with few different values."""
SCHEMA = pa.schema(
    [pa.field(name, TYPES.get(name, pa.string())) for name in COLUMNS],
    metadata={"schema_version": SCHEMA_VERSION},
)


def ledger_file(page: LedgerPage, kind: ExportFormat) -> Generator[Piece]:
    """The page as a file of this kind. The same page gives the same bytes, whatever was posted.

    Neither the database nor we ever hold it whole. Closing the iterator cancels.
    """
    return WRITERS[kind](page)


def _csv(page: LedgerPage) -> Generator[Piece]:
    """RFC 4180 with a header, CR LF at the ends of lines."""
    return _crlf(_copied(page, ", ".join(COLUMNS), "FORMAT csv, HEADER true", PIECE_LINES))


def _csv_excel(page: LedgerPage) -> Generator[Piece]:
    """Text that a spreadsheet would take for a formula begins with an apostrophe."""
    yield BYTE_ORDER_MARK.encode(), 0
    columns = ", ".join(name if name in TYPES else _harmless(name) for name in COLUMNS)
    with closing(_crlf(_copied(page, columns, "FORMAT csv, HEADER true", PIECE_LINES))) as pieces:
        yield from pieces


def _ndjson(page: LedgerPage) -> Generator[Piece]:
    """One JSON object a line, as in the pages."""
    columns = ", ".join(
        f"coalesce({name}::text, 'null')" if name in BARE else name for name in COLUMNS
    )
    with closing(_copied(page, columns, "FORMAT text", PIECE_LINES)) as blocks:
        for block, rows in blocks:
            yield b"".join(map(json_line, bytes(block).splitlines(keepends=True))), rows


def _parquet(page: LedgerPage) -> Generator[Piece]:
    """One file of row groups with zstd. Money and quantity are decimal128.

    A group is written while the next one is on its way from the database.
    """
    writer = ParquetPieces(SCHEMA, dictionaries=REPEATED)
    with ThreadPoolExecutor(1) as beside, closing(_groups(page)) as groups:
        due: Future[Piece] | None = None
        for block, rows in groups:
            if due:
                yield due.result()
            due = beside.submit(_group_piece, writer, block, rows)
        if due:
            yield due.result()
    yield writer.end(), 0


def _groups(page: LedgerPage) -> Generator[tuple[bytearray, int]]:
    blocks = _copied(page, ", ".join(COLUMNS), "FORMAT csv", GROUP_ROWS)
    with closing(blocks):
        yield from ((block, rows) for block, rows in blocks if rows)


def _group_piece(writer: ParquetPieces, block: bytearray, rows: int) -> Piece:
    return writer.piece(_table(block, rows)), rows


WRITERS: dict[ExportFormat, Callable[[LedgerPage], Generator[Piece]]] = {
    ExportFormat.CSV: _csv,
    ExportFormat.CSV_EXCEL: _csv_excel,
    ExportFormat.NDJSON: _ndjson,
    ExportFormat.PARQUET: _parquet,
}


def _copied(
    page: LedgerPage, columns: str, options: str, lines_at_once: int
) -> Generator[tuple[bytearray, int]]:
    rows, parameters = page_rows(page).order_by().values(*COLUMNS).query.sql_with_params()
    picked = f"SELECT {columns} FROM ({rows}) AS rows ORDER BY rows.seq"  # noqa: S608
    return copied_out(f"COPY ({picked}) TO STDOUT WITH ({options})", parameters, lines_at_once)


def _harmless(name: str) -> str:
    """Source: supplychain.base.sheets.harmless, in SQL."""
    starts = ", ".join(f"chr({ord(sign)})" for sign in FORMULA_STARTS)
    return (
        f"CASE WHEN left({name}, 1) IN ({starts}) THEN chr(39) || {name} ELSE {name} END AS {name}"
    )


def _crlf(blocks: Generator[tuple[bytearray, int]]) -> Generator[Piece]:
    """PostgreSQL ends lines by LF; RFC 4180 wants CR LF. The first line is a header."""
    header = 1
    with closing(blocks):
        for block, lines in blocks:
            yield _ended(block, lines), lines - header
            header = 0


def _ended(block: bytearray, lines: int) -> bytes:
    if block.count(b"\n") == lines:
        return bytes(block.replace(b"\n", b"\r\n"))
    parts = block.split(b'"')  # a cell has line ends of its own: these stand between quotes
    parts[::2] = [part.replace(b"\n", b"\r\n") for part in parts[::2]]
    return b'"'.join(parts)


def _table(block: bytearray, rows: int) -> pa.Table:
    return pa_csv.read_csv(
        pa.BufferReader(block),
        read_options=pa_csv.ReadOptions(column_names=list(COLUMNS), use_threads=False),
        parse_options=pa_csv.ParseOptions(newlines_in_values=block.count(b"\n") > rows),
        convert_options=pa_csv.ConvertOptions(
            column_types=SCHEMA, null_values=[""], true_values=["true"], false_values=["false"],
            strings_can_be_null=False, quoted_strings_can_be_null=False,
        ),
    ).replace_schema_metadata(SCHEMA.metadata)  # fmt: skip
