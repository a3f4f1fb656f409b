from __future__ import annotations

from io import BytesIO
from typing import IO, Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
)
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from intake.api.feeds import FilePreviewSerializer
from intake.api.filters import FileFilter
from intake.api.parsers import RawBodyParser
from intake.api.serializers import (
    FileDetailSerializer,
    FileSerializer,
    ReceiptSerializer,
    UploadSerializer,
)
from intake.domain.words import Door
from intake.models import RawFile
from intake.selectors import listed_files
from intake.services import preview_file, receive_file
from supplychain.base.api import StrictQueryMixin
from supplychain.base.errors import MalformedError

FLAGS = {"true": True, "false": False}


class FileListView(StrictQueryMixin, ListAPIView[RawFile]):
    """Files, and the door for new ones."""

    queryset = listed_files()
    serializer_class = FileSerializer
    filterset_class = FileFilter
    parser_classes = [MultiPartParser, RawBodyParser]
    rights: ClassVar[dict[str, str]] = {"POST": "intake.add_rawfile"}

    def known_query_parameters(self) -> frozenset[str]:
        if self.request.method == "POST":
            return frozenset({"name", "create_lots", "preview"})
        return super().known_query_parameters()

    @extend_schema(summary="Files, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Hand in a file",
        description="As a form with one `file`, or as the body itself with its name in `name`. "
        "The same bytes again add an arrival and answer 200. A zip of several files is taken "
        "apart; each member is a file of its own, listed in `members` of the archive. With "
        "`preview` a partner's report is "
        "tried row by row and taken back; the answer says what it would do.",
        filters=False,
        parameters=[
            OpenApiParameter("name", str, description="Name of a file sent as the body."),
            OpenApiParameter(
                "create_lots", bool, description="Make an engineering lot for an unknown lot."
            ),
            OpenApiParameter("preview", bool, description="Only say what it would do."),
        ],
        request={
            "multipart/form-data": UploadSerializer,
            "application/octet-stream": OpenApiTypes.BINARY,
        },
        responses={
            201: ReceiptSerializer,
            200: OpenApiResponse(
                PolymorphicProxySerializer(
                    "ReceiptOrPreview", [ReceiptSerializer, FilePreviewSerializer], None
                ),
                description="The bytes were here before; or, with `preview`, what they would do.",
            ),
        },
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        stream, name = _upload(request)
        if _flag(request, "preview"):
            return Response(FilePreviewSerializer(preview_file(stream=stream, name=name)).data)
        receipt = receive_file(
            stream=stream,
            name=name,
            door=Door.API,
            actor_id=request.user.pk,
            creates_lots=_flag(request, "create_lots"),
        )
        body = ReceiptSerializer(receipt.file, context={"is_duplicate": receipt.is_duplicate})
        return Response(body.data, status=200 if receipt.is_duplicate else 201)


def _upload(request: Request) -> tuple[IO[bytes], str]:
    """The bytes and their name, from a form or from the body."""
    if (request.content_type or "").startswith("multipart/"):
        uploads = [file for name in request.FILES for file in request.FILES.getlist(name)]
        if len(uploads) != 1:
            raise MalformedError(f"Send one file in the form, not {len(uploads)}.", field="file")
        return uploads[0], uploads[0].name or ""
    name = request.query_params.get("name", "")
    if not name:
        raise MalformedError("Say the file's name in the parameter name.", parameter="name")
    body: Any = request.data
    return (body if hasattr(body, "read") else BytesIO()), name


def _flag(request: Request, name: str) -> bool:
    word = request.query_params.get(name, "false")
    if word not in FLAGS:
        raise MalformedError(f"{name} must be true or false.", parameter=name)
    return FLAGS[word]


@extend_schema(summary="One file: what was read, what was left out and why")
class FileDetailView(StrictQueryMixin, RetrieveAPIView[RawFile]):
    """With its arrivals, the attempts to load it, and the first records that were left out."""

    queryset = listed_files().select_related("run").prefetch_related("arrivals", "attempts")
    serializer_class = FileDetailSerializer
    lookup_field = "sha256"
