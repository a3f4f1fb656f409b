from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import cast

from django.contrib.auth.models import User
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from finance.api import parameters
from finance.api.serializers import LedgerPageSerializer
from finance.domain.queries import ledger_query
from finance.models import LedgerRead
from finance.selectors.ledger import LedgerPage, ledger_csv, ledger_page, ledger_rows
from finance.services import log_read
from supplychain.base.api import StrictQueryMixin
from supplychain.base.errors import MalformedError
from supplychain.base.requests import request_id

CSV, JSON = "text/csv", "application/json"
ROWS_DEFAULT, JSON_ROWS_MAX, ROWS_MAX = 1_000, 10_000, 1_000_000
QUERY_CHARACTERS_MAX = 400


class CsvRenderer(BaseRenderer):
    """Names the format for negotiation; the rows themselves are streamed past it."""

    media_type = CSV
    format = "csv"


class LedgerView(StrictQueryMixin):
    """The subledger in seq order. Rows never change, so a page as of a seq is the same for ever."""

    rights = "finance.view_ledgerentry"
    renderer_classes = [JSONRenderer, CsvRenderer]
    query_parameters = frozenset({"after_seq", "limit", "period", "account", "as_of_seq"})

    @extend_schema(
        summary="Ledger rows after a seq",
        description=(
            "Follow it: read pages by `next` or the Link header until there is none, then come "
            "back with `after_seq` set to the last `as_of_seq`. No row is lost or repeated. Money "
            "and quantity are strings. CSV (`format=csv` or `Accept: text/csv`) carries the same "
            "text in the same columns and streams up to a million rows."
        ),
        parameters=[
            parameters.AFTER_SEQ,
            parameters.limit(
                ROWS_DEFAULT,
                ROWS_MAX,
                f"Rows on a page. JSON pages stop at {JSON_ROWS_MAX}; CSV without it has them all.",
            ),
            parameters.PERIOD_ONLY,
            parameters.ACCOUNT,
            parameters.AS_OF_SEQ,
            parameters.WATERMARK,
            parameters.ETAG,
            parameters.LINK,
        ],
        responses={(200, JSON): LedgerPageSerializer, (200, CSV): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """200, or 304 when the reader's ETag still holds."""
        is_csv = request.accepted_renderer.format == "csv"
        default, cap = (ROWS_MAX, ROWS_MAX) if is_csv else (ROWS_DEFAULT, JSON_ROWS_MAX)
        query = ledger_query(request.query_params.dict(), default, ROWS_MAX)
        page = ledger_page(replace(query, limit=min(query.limit, cap)))
        etag = f'"{page.etag}{"-csv" if is_csv else ""}"'
        response: HttpResponseBase
        if request.headers.get("If-None-Match") == etag:
            response = HttpResponse(status=304)
        elif is_csv:
            response = _csv(request, page)
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
            raise MalformedError("format must be json or csv.", parameter="format") from error


def _csv(request: Request, page: LedgerPage) -> HttpResponseBase:
    chunks = log_read(read=_read(request, page, CSV), chunks=ledger_csv(page))
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8; header=present")
    name = f"ledger-{page.query.after_seq}-{page.last_seq}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _json(request: Request, page: LedgerPage) -> HttpResponseBase:
    chunks = log_read(read=_read(request, page, JSON), chunks=_json_body(request, page))
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


def _read(request: Request, page: LedgerPage, media_type: str) -> LedgerRead:
    return LedgerRead(
        reader=cast("User", request.user),
        query=request.META.get("QUERY_STRING", "")[:QUERY_CHARACTERS_MAX],
        media_type=media_type,
        as_of_seq=page.watermark.seq,
        request_id=request_id(),
    )


def _next_url(request: Request, page: LedgerPage) -> str | None:
    if not page.has_more:
        return None
    url = replace_query_param(request.build_absolute_uri(), "after_seq", page.last_seq)
    return replace_query_param(url, "as_of_seq", page.watermark.seq)
