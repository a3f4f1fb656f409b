"""Records as pystdf reads them: an independent reader to hold ours against."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from pystdf import V4
from pystdf.IO import EndOfRecordException, Parser

OF_PARTS = ("PIR", "PRR", "PTR", "MPR", "FTR", "SDR", "WIR", "WRR")

Told = tuple[str, dict[str, Any]]
"""Kind and fields by name; None = the record does not reach the field."""


class Sink:
    """Collects what pystdf reads."""

    def __init__(self) -> None:
        self.records: list[Told] = []

    def before_send(self, _: Any, record: Any) -> None:
        kind, values = record
        names = [name for name, _ in kind.fieldMap]
        self.records.append((type(kind).__name__.upper(), dict(zip(names, values, strict=False))))

    def before_begin(self, *_: Any) -> None:
        pass

    after_begin = after_send = before_complete = after_complete = before_begin
    before_cancel = after_cancel = before_begin


class OfShortRecords(Parser):  # type: ignore[misc]
    """pystdf with one fault put right: a record may end before any of its optional fields.

    STDF V4, "Optional Fields and Missing/Invalid Data": fields at the end of a record may be left
    out. pystdf goes on with the next field, so an array of no elements behind the end takes the
    place of a missing field before it, and one whose count is missing stops it.

    cut: of the record read last, the place of the field that runs past its end, else None.
    """

    is_over: bool
    cut: int | None

    def header(self, _: Any) -> None:
        self.is_over, self.cut = False, None

    def getFieldParser(self, fieldType: str) -> Callable[..., Any]:  # noqa: N802, N803
        read = super().getFieldParser(fieldType)

        def read_unless_over(parser: Any, header: Any, fields: list[Any]) -> Any:
            if self.is_over:
                raise EndOfRecordException
            left = header.len
            try:
                return read(parser, header, fields)
            except EndOfRecordException:
                self.is_over = True
                self.cut = len(fields) if left or fieldType.startswith("k") else None
                raise

        return read_unless_over


class CutSink(Sink):
    """Names the field that runs past the end of its record as "cut"."""

    def __init__(self, parser: OfShortRecords) -> None:
        super().__init__()
        self._parser = parser

    def before_send(self, source: Any, record: Any) -> None:
        super().before_send(source, record)
        _, fields = self.records[-1]
        cut = self._parser.cut
        fields["cut"] = None if cut is None else list(fields)[cut]


def by_pystdf(content: bytes) -> list[Told]:
    """Every record."""
    return _parsed(OfShortRecords(inp=io.BytesIO(content)), Sink())


def parts_by_pystdf(content: bytes) -> list[Told]:
    """Records of parts, tests and wafers, with the field that is "cut"."""
    kinds = [kind for kind in V4.records if type(kind).__name__.upper() in OF_PARTS]
    parser = OfShortRecords(kinds, inp=io.BytesIO(content))
    return _parsed(parser, CutSink(parser))


def _parsed(parser: OfShortRecords, sink: Sink) -> list[Told]:
    parser.addSink(sink)
    parser.parse()
    return sink.records
