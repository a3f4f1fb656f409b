"""Exports as jobs: ask, look, and fetch the files, whole or in parts."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from celery import current_app
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from kombu.exceptions import OperationalError
from rest_framework.generics import ListAPIView
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from finance.api import parameters
from finance.api.export_serializers import ExportOrderSerializer, ExportSerializer
from finance.api.formats import CONTENT_TYPES, ENDINGS, NDJSON
from finance.api.reading import BooksMixin, kept, read_of
from finance.domain.errors import RangeError
from finance.domain.queries import LedgerQuery
from finance.domain.ranges import Part, part_of
from finance.domain.words import ExportFormat
from finance.models import ExportFile, ExportJob, LedgerRead
from finance.selectors.exports import export_by_id, export_file, exports
from finance.services import ask_export
from finance.services.exports import exported_bytes
from supplychain.base.api import KeysetPagination
from supplychain.base.api_bodies import KEY, checked_body, person_of, sent_key
from supplychain.base.conditional import is_held
from supplychain.base.tables import CSV, PARQUET

log = logging.getLogger(__name__)


class NewestExportsFirst(KeysetPagination):
    ordering: ClassVar[list[str]] = ["-requested_at", "-id"]


class ExportListView(BooksMixin, ListAPIView[ExportJob]):
    """Everybody's exports, and asking for one."""

    queryset = exports()
    serializer_class = ExportSerializer
    pagination_class = NewestExportsFirst
    filter_backends = ()
    rights: ClassVar[dict[str, str]] = {
        "GET": "finance.view_exportjob",
        "POST": "finance.add_exportjob",
    }

    @extend_schema(summary="Exports, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Ask for an export of the ledger",
        description=(
            "Answers at once; a worker writes the files. Look at the address in `Location` until "
            "`state` is `ready`."
        ),
        request=ExportOrderSerializer,
        responses={202: ExportSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        key, asked = sent_key(request), dict(checked_body(request, ExportOrderSerializer))
        kind = ExportFormat(asked.pop("format"))
        query = LedgerQuery(limit=0, **asked)
        job = ask_export(query=query, kind=kind, key=key, actor=person_of(request))
        _nudge()
        here = reverse("api-export-detail", args=[job.pk], request=request)
        content = ExportSerializer(export_by_id(job.pk), context={"request": request}).data
        return Response(content, status=202, headers={"Location": here})


class ExportDetailView(BooksMixin):
    """One export: how far it is, its files and control totals."""

    rights = "finance.view_exportjob"

    @extend_schema(summary="One export with its files", responses=ExportSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        job = export_by_id(pk)
        return Response(ExportSerializer(job, context={"request": request}).data)


class ExportFileView(BooksMixin):
    """The bytes of a file. They never change, so a broken download can be taken up again."""

    rights = "finance.view_ledgerentry"

    def get_renderers(self) -> list[BaseRenderer]:
        """Problems are JSON; the file is what it is, whatever the caller accepts."""
        return [JSONRenderer()]

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """Nothing to choose."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        summary="A file of an export, whole or in part",
        parameters=[
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="bytes=1000-"),
            OpenApiParameter(
                "If-Range", str, OpenApiParameter.HEADER, description="ETag of the first part."
            ),
            parameters.ETAG,
        ],
        responses={
            (200, CSV): OpenApiTypes.STR,
            (200, NDJSON): OpenApiTypes.STR,
            (200, PARQUET): OpenApiTypes.BINARY,
            206: OpenApiResponse(OpenApiTypes.BINARY, description="The part asked for."),
            304: None,
        },
    )
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponseBase:
        """200, 206 for a part, 304 when the reader has it, 416 beyond the end."""
        file = export_file(pk, number)
        etag = f'"{file.sha256}"'
        response: HttpResponseBase
        if is_held(request, etag):
            response = HttpResponse(status=304)
            response["X-As-Of-Seq"] = str(file.job.as_of_seq)
        else:
            response = self._bytes(request, file, self._part(request, file, etag))
        response["ETag"] = etag
        return response

    def _part(self, request: Request, file: ExportFile, etag: str) -> Part | None:
        if request.headers.get("If-Range", etag) != etag:
            return None
        try:
            return part_of(request.headers.get("Range", ""), file.byte_count)
        except RangeError:
            self.headers["Content-Range"] = f"bytes */{file.byte_count}"
            raise

    def _bytes(self, request: Request, file: ExportFile, part: Part | None) -> HttpResponseBase:
        kind = ExportFormat(file.job.format)
        sent = part or Part(0, file.byte_count)
        chunks: Iterator[bytes] = iter(())
        if request.method != "HEAD":
            chunks = kept(request, _read(request, file, part), exported_bytes(file, sent))
        response = StreamingHttpResponse(
            chunks, status=206 if part else 200, content_type=CONTENT_TYPES[kind]
        )
        if part:
            response["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{file.byte_count}"
        digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
        response["Repr-Digest"] = f"sha-256=:{digest}:"
        response["Content-Length"] = str(sent.size)
        response["Accept-Ranges"] = "bytes"
        name = f"ledger-{file.job.as_of_seq}-{file.number}.{ENDINGS[kind]}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-As-Of-Seq"] = str(file.job.as_of_seq)
        return response


def _read(request: Request, file: ExportFile, part: Part | None) -> LedgerRead:
    wanted = f" bytes {part.start}-{part.end - 1}" if part else ""
    query = f"exports/{file.job_id}/files/{file.number}{wanted}"
    return read_of(request, query, file.job.format, file.job.as_of_seq)


def _nudge() -> None:
    """Ask for a worker; without a broker the sweep finds the export later."""
    try:
        current_app.send_task("finance.work_exports")
    except (OperationalError, OSError):
        log.warning("the broker does not answer; exports wait for the sweep")
