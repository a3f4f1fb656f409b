from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from finance.api import parameters
from finance.api.formats import CONTENT_TYPES, ENDINGS, NDJSON, RENDERERS
from finance.api.reading import BooksMixin, kept, read_of
from finance.api.serializers import LedgerPageSerializer
from finance.domain.queries import ledger_query
from finance.domain.words import ExportFormat
from finance.models import LedgerRead
from finance.selectors.ledger import LedgerPage, ledger_page, ledger_rows
from finance.selectors.ledger_files import SCHEMA_VERSION, ledger_file
from supplychain.base.conditional import is_held
from supplychain.base.errors import MalformedError
from supplychain.base.tables import CSV, JSON, PARQUET

ROWS_DEFAULT, JSON_ROWS_MAX, ROWS_MAX = 1_000, 10_000, 1_000_000


class LedgerView(BooksMixin):
    """The subledger in seq order. Rows never change, so a page as of a seq is the same for ever."""

    rights = "finance.view_ledgerentry"
    renderer_classes = [JSONRenderer, *RENDERERS]
    query_parameters = frozenset({"after_seq", "limit", "period", "account", "as_of_seq"})

    @extend_schema(
        summary="Ledger rows after a seq",
        description=(
            "Follow it: read pages by `next` or the Link header until there is none, then come "
            "back with `after_seq` set to the last `as_of_seq`. No row is lost or repeated. Money "
            "and quantity are strings. CSV, `csv-excel` (text that a spreadsheet would take for a "
            "formula begins with an apostrophe), NDJSON and Parquet (money and quantity as "
            "decimal128) carry the same rows in the same columns and stream up to a million."
        ),
        parameters=[
            parameters.AFTER_SEQ,
            parameters.limit(
                ROWS_DEFAULT,
                ROWS_MAX,
                f"Rows on a page. JSON pages stop at {JSON_ROWS_MAX}; files have all without it.",
            ),
            parameters.PERIOD_ONLY,
            parameters.ACCOUNT,
            parameters.AS_OF_SEQ,
            parameters.WATERMARK,
            parameters.ETAG,
            parameters.LINK,
        ],
        responses={
            (200, JSON): LedgerPageSerializer,
            (200, CSV): OpenApiTypes.STR,
            (200, NDJSON): OpenApiTypes.STR,
            (200, PARQUET): OpenApiTypes.BINARY,
            304: None,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """200, or 304 when the reader's ETag still holds."""
        kind = _kind(request)
        default, cap = (ROWS_MAX, ROWS_MAX) if kind else (ROWS_DEFAULT, JSON_ROWS_MAX)
        query = ledger_query(request.query_params.dict(), default, ROWS_MAX)
        page = ledger_page(replace(query, limit=min(query.limit, cap)))
        etag = f'"{page.etag}-{kind or "json"}"'
        response: HttpResponseBase
        if is_held(request, etag):
            response = HttpResponse(status=304)
        elif kind:
            response = _file(request, page, kind)
        else:
            response = _json(request, page)
        response["ETag"] = etag
        response["X-As-Of-Seq"] = str(page.watermark.seq)
        if following := _next_url(request, page):
            response["Link"] = f'<{following}>; rel="next"'
        return response

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """A format nobody writes is the caller's error, not a missing page."""
        try:
            return super().perform_content_negotiation(request, force)
        except Http404 as error:
            raise MalformedError(
                "format must be json, csv, csv-excel, ndjson or parquet.", parameter="format"
            ) from error


def _kind(request: Request) -> ExportFormat | None:
    """None for pages of JSON."""
    name = str(request.accepted_renderer.format)
    return None if name == JSONRenderer.format else ExportFormat(name)


def _file(request: Request, page: LedgerPage, kind: ExportFormat) -> HttpResponseBase:
    chunks: Iterator[bytes] = iter(())
    if request.method != "HEAD":
        chunks = kept(request, _read(request, page, kind), ledger_file(page, kind))
    response = StreamingHttpResponse(chunks, content_type=CONTENT_TYPES[kind])
    name = f"ledger-{page.query.after_seq}-{page.last_seq}.{ENDINGS[kind]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Schema-Version"] = SCHEMA_VERSION
    return response


def _json(request: Request, page: LedgerPage) -> HttpResponseBase:
    chunks = kept(request, _read(request, page, "json"), _json_body(request, page))
    return HttpResponse(b"".join(chunks), content_type=JSON)


def _json_body(request: Request, page: LedgerPage) -> Generator[tuple[bytes, int]]:
    rows = ledger_rows(page)
    for row in rows:
        row["is_prior_period"] = row["is_prior_period"] == "true"
    content = {
        "as_of_seq": page.watermark.seq,
        "next": _next_url(request, page),
        "results": rows,
    }
    yield JSONRenderer().render(content), len(rows)


def _read(request: Request, page: LedgerPage, kind: str) -> LedgerRead:
    query = request.META.get("QUERY_STRING", "")
    return read_of(request, query, kind, page.watermark.seq)


def _next_url(request: Request, page: LedgerPage) -> str | None:
    if not page.has_more:
        return None
    url = replace_query_param(request.build_absolute_uri(), "after_seq", page.last_seq)
    return replace_query_param(url, "as_of_seq", page.watermark.seq)
