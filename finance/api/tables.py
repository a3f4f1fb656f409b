"""Tables of the books that are given as JSON or as a CSV, whose reading is kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator, Sequence

from django.http import Http404, HttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from finance.api.reading import read_of
from finance.services import log_read
from supplychain.base.errors import MalformedError
from supplychain.base.sheets import harmless
from supplychain.base.tables import CSV


class TableMixin(APIView):
    """Refuses a format that nobody writes."""

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """A format nobody writes is the caller's error, not a missing page."""
        try:
            return super().perform_content_negotiation(request, force)
        except Http404 as error:
            raise MalformedError("format must be json or csv.", parameter="format") from error


def table_file(
    request: Request, name: str, head: Sequence[str], rows: Sequence[Sequence[object]], seq: int
) -> HttpResponse:
    """The rows as CSV, safe for spreadsheets. seq: the ledger as of which they are."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])

    def body() -> Generator[tuple[bytes, int]]:
        yield text.getvalue().encode(), len(rows)

    query = f"{name}?{request.META.get('QUERY_STRING', '')}"
    read = read_of(request, query, "csv", seq)
    answer = HttpResponse(
        b"".join(log_read(read=read, chunks=body())), content_type=f"{CSV}; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{name}-{seq}.csv"'
    answer["X-As-Of-Seq"] = str(seq)
    return answer
