"""Tables that leave the API as pages of JSON, or whole as CSV, Parquet or Arrow, piece by piece."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pa_csv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from supplychain.base.api import StrictQueryMixin
from supplychain.base.deferred import pc
from supplychain.base.errors import MalformedError

JSON = "application/json"
CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
ARROW = "application/vnd.apache.arrow.stream"
FORMULA = r"^[=+\-@\t\r]"


class CsvRenderer(BaseRenderer):
    """Named for negotiation; tables stream past it."""

    media_type = CSV
    format = "csv"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Never called: streamed answers are not rendered, problems are JSON."""
        raise AssertionError


class ParquetRenderer(CsvRenderer):
    """One file, a row group for each piece."""

    media_type = PARQUET
    format = "parquet"


class ArrowRenderer(CsvRenderer):
    """Arrow's IPC stream."""

    media_type = ARROW
    format = "arrow"


class TableView(StrictQueryMixin):
    """A view whose rows come as `format=json|csv|parquet|arrow`. Only JSON comes in pages."""

    renderer_classes = [JSONRenderer, CsvRenderer, ParquetRenderer, ArrowRenderer]

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """A format nobody writes is the caller's error, not a missing page."""
        try:
            return super().perform_content_negotiation(request, force)
        except Http404 as error:
            raise MalformedError(
                "format must be json, csv, parquet or arrow.", parameter="format"
            ) from error

    def streamed_kind(self, request: Request) -> str:
        """`csv`, `parquet` or `arrow`; empty for JSON. MalformedError for pages of a stream."""
        kind = str(request.accepted_renderer.format)
        if kind == JSONRenderer.format:
            return ""
        for name in ("limit", "cursor"):
            if name in request.query_params:
                raise MalformedError(
                    f"{kind} comes whole; leave {name} out, or ask for JSON.", parameter=name
                )
        return kind


def table_responses(page: Any) -> dict[tuple[int, str], Any]:
    """What an operation answers. page: schema of the JSON."""
    return {
        (200, JSON): page,
        (200, CSV): OpenApiTypes.STR,
        (200, PARQUET): OpenApiTypes.BINARY,
        (200, ARROW): OpenApiTypes.BINARY,
    }


def table_answer(
    pieces: Iterator[pa.RecordBatch], schema: pa.Schema, kind: str, name: str
) -> StreamingHttpResponse:
    """An answer of any length in the memory of one piece. name: of the file, without ending."""
    types = {"csv": CSV, "parquet": PARQUET, "arrow": ARROW}
    answer = StreamingHttpResponse(streamed(pieces, schema, kind), content_type=types[kind])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


class _Sink(io.RawIOBase):
    """What a writer wrote since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()
        self._told = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held += data
        self._told += len(data)
        return len(data)

    def tell(self) -> int:
        return self._told

    def taken(self) -> bytes:
        """All of it, once."""
        found = bytes(self._held)
        self._held.clear()
        return found


class ParquetPieces:
    """A Parquet file that is handed on while it is written. dictionaries: columns that repeat."""

    def __init__(self, schema: pa.Schema, dictionaries: list[str]) -> None:
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(
            self._sink, schema, compression="zstd", use_dictionary=dictionaries
        )

    def piece(self, table: pa.Table) -> bytes:
        """The bytes that one more row group adds."""
        self._writer.write_table(table, row_group_size=table.num_rows)
        return self._sink.taken()

    def end(self) -> bytes:
        """The last bytes; without them nobody can open the file."""
        self._writer.close()
        return self._sink.taken()


def streamed(pieces: Iterator[pa.RecordBatch], schema: pa.Schema, kind: str) -> Iterator[bytes]:
    """The bytes of a file. kind: `csv`, `parquet` or `arrow`."""
    sink = _Sink()
    with _writer(sink, schema, kind) as writer:
        for piece in pieces:
            writer.write_batch(_harmless(piece) if kind == "csv" else piece)
            if found := sink.taken():
                yield found
    yield sink.taken()


def _writer(sink: _Sink, schema: pa.Schema, kind: str) -> Any:
    if kind == "csv":
        return pa_csv.CSVWriter(sink, schema)
    if kind == "parquet":
        return pq.ParquetWriter(sink, schema, compression="zstd")
    return pa.ipc.new_stream(sink, schema)


def _harmless(piece: pa.RecordBatch) -> pa.RecordBatch:
    """Texts out of which a spreadsheet takes no formula."""
    columns = [
        pc.if_else(
            pc.match_substring_regex(column, FORMULA),
            pc.binary_join_element_wise("'", column, ""),
            column,
        )
        if pa.types.is_string(column.type)
        else column
        for column in piece.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=piece.schema)
