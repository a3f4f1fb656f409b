"""Rows as a file to save, which a spreadsheet opens as it is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from django.http import HttpResponse, StreamingHttpResponse

from supplychain.base.sheets import BYTE_ORDER_MARK, sheet

CSV = "text/csv; charset=utf-8"


def sheet_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """As csv-excel of the API: with a byte order mark, and without formulas."""
    return chain([BYTE_ORDER_MARK], sheet(rows))


def sheet_file(rows: Iterable[Sequence[object]], name: str) -> HttpResponse:
    """All rows at once, so that one that fails is told as a page. name: without its ending."""
    return HttpResponse(sheet_lines(rows), content_type=CSV, headers=_saved_as(name))


def sheet_stream(rows: Iterable[Sequence[object]], name: str) -> StreamingHttpResponse:
    """The same for rows that are many, each sent as soon as it is read."""
    return StreamingHttpResponse(sheet_lines(rows), content_type=CSV, headers=_saved_as(name))


def _saved_as(name: str) -> dict[str, str]:
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in name)
    return {"Content-Disposition": f'attachment; filename="{plain}.csv"'}
