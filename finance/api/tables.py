"""Tables of the books that are given as JSON or as a CSV, whose reading is kept."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from finance.api.formats import CsvExcelRenderer
from finance.api.reading import named, read_of, told
from finance.domain.words import ExportFormat
from supplychain.base.errors import MalformedError
from supplychain.base.sheets import BYTE_ORDER_MARK, sheet, written
from supplychain.base.tables import CSV, CsvRenderer


class TableMixin(APIView):
    """JSON, CSV, or CSV for spreadsheets; refuses a format that nobody writes."""

    renderer_classes = [JSONRenderer, CsvRenderer, CsvExcelRenderer]

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """A format nobody writes is the caller's error, not a missing page."""
        try:
            return super().perform_content_negotiation(request, force)
        except Http404 as error:
            raise MalformedError(
                "format must be json, csv or csv-excel.", parameter="format"
            ) from error


def table_file(
    request: Request, head: Sequence[str], rows: Sequence[Sequence[object]], seq: int, tag: str
) -> HttpResponse:
    """The rows as CSV; for spreadsheets where that was asked for. seq: the ledger they are of."""
    kind = ExportFormat(str(request.accepted_renderer.format))
    table = (head, *rows)
    is_excel = kind is ExportFormat.CSV_EXCEL
    lines = (BYTE_ORDER_MARK, *sheet(table)) if is_excel else written(table)
    answer = HttpResponse(
        "".join(lines).encode(),
        content_type=f"{CSV}; charset=utf-8",
        headers={"ETag": tag, "X-As-Of-Seq": str(seq)},
    )
    name = request.path.rpartition("/")[2]
    answer["Content-Disposition"] = f'attachment; filename="{name}-{seq}.csv"'
    return told(request, answer, read_of(request, named(request), kind, seq), len(rows))
