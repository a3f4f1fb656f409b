"""Files of issues: listed, added, fetched."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from quality.api.serializers import NOTE_CHARACTERS_MAX
from quality.domain.attachments import FORMS, AttachmentKind
from quality.models import IssueAttachment
from quality.selectors import issue_with_history
from quality.selectors.attachments import attachment_by_id, attachments_of
from quality.services import attach_file, withdraw_file
from supplychain.base.api import StrictQueryMixin
from supplychain.base.api_bodies import person_of
from supplychain.base.downloads import stored_answer
from supplychain.base.errors import MalformedError


class AttachmentSerializer(serializers.ModelSerializer[IssueAttachment]):
    issue = serializers.CharField(source="issue.number")
    added_by = serializers.CharField(source="added_by.username")
    withdrawn_by = serializers.CharField(
        source="withdrawal.withdrawn_by.username", default=None, allow_null=True
    )
    withdrawn_at = serializers.DateTimeField(
        source="withdrawal.withdrawn_at", default=None, allow_null=True
    )
    withdrawn_because = serializers.CharField(
        source="withdrawal.reason", default=None, allow_null=True
    )

    class Meta:
        model = IssueAttachment
        fields = [
            "id", "issue", "name", "kind", "size", "sha256", "added_by", "added_at",
            "withdrawn_by", "withdrawn_at", "withdrawn_because",
        ]  # fmt: skip


class AttachmentUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


class WithdrawalSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=NOTE_CHARACTERS_MAX)


class IssueAttachmentsView(StrictQueryMixin, GenericAPIView[IssueAttachment]):
    queryset = IssueAttachment.objects.all()
    filter_backends = ()
    pagination_class = None
    parser_classes = [MultiPartParser]
    rights: ClassVar[dict[str, str]] = {"POST": "quality.attach_issue"}

    @extend_schema(
        summary="Files of an issue and of what was merged into it, oldest first",
        responses={200: AttachmentSerializer(many=True)},
    )
    def get(self, request: Request, number: str) -> Response:
        rows = attachments_of(issue_with_history(number))
        return Response(AttachmentSerializer(rows, many=True).data)

    @extend_schema(
        summary="Attach a file to an issue",
        description="A form with one `file` of at most 20 MiB: png, jpg, pdf, txt, csv, xlsx, docx "
        "or pptx, told by its name and its first bytes. The same bytes again are a conflict.",
        request={"multipart/form-data": AttachmentUploadSerializer},
        responses={201: AttachmentSerializer},
    )
    def post(self, request: Request, number: str) -> Response:
        uploads = [one for name in request.FILES for one in request.FILES.getlist(name)]
        if len(uploads) != 1:
            raise MalformedError(f"Send one file in the form, not {len(uploads)}.", field="file")
        row = attach_file(
            issue=issue_with_history(number),
            stream=uploads[0].file,
            name=uploads[0].name or "",
            actor=person_of(request),
        )
        return Response(AttachmentSerializer(row).data, status=status.HTTP_201_CREATED)


class IssueAttachmentView(StrictQueryMixin, GenericAPIView[IssueAttachment]):
    queryset = IssueAttachment.objects.all()
    filter_backends = ()
    pagination_class = None

    @extend_schema(
        summary="The bytes of one file of an issue",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, number: str, pk: int) -> StreamingHttpResponse:
        row = attachment_by_id(number, pk)
        form = FORMS[AttachmentKind(row.kind)]
        return stored_answer(row.storage_path, row.name, form.media_type, row.size)


class IssueAttachmentWithdrawalView(StrictQueryMixin, GenericAPIView[IssueAttachment]):
    queryset = IssueAttachment.objects.all()
    filter_backends = ()
    pagination_class = None
    rights: ClassVar[dict[str, str]] = {"POST": "quality.attach_issue"}

    @extend_schema(
        summary="Withdraw a file of an issue",
        description="Needs `quality.attach_issue`, and `quality.unattach_issue` where somebody "
        "else attached it; once, with a reason. The file stays and is still sent, marked as "
        "withdrawn.",
        request=WithdrawalSerializer,
        responses={201: AttachmentSerializer},
    )
    def post(self, request: Request, number: str, pk: int) -> Response:
        said = WithdrawalSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        withdraw_file(
            attachment=attachment_by_id(number, pk),
            actor=person_of(request),
            reason=said.validated_data["reason"],
        )
        row = attachment_by_id(number, pk)
        return Response(AttachmentSerializer(row).data, status=status.HTTP_201_CREATED)
