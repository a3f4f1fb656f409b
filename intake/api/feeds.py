from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from intake.domain.words import RowState
from intake.models import ExpectedFile
from intake.selectors import expectations
from intake.services import FilePreview
from supplychain.base.api import StrictQueryMixin
from supplychain.base.choices import choices


class ExpectationSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(source="expected.name")
    supplier = serializers.CharField(source="expected.supplier.code")
    kind = serializers.CharField(source="expected.kind")
    name_pattern = serializers.CharField(source="expected.name_pattern")
    state = serializers.ChoiceField(choices=["late", "arrived", "due"])
    due_at = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(allow_null=True)
    arrived_name = serializers.CharField()
    arrived_sha256 = serializers.CharField()


class ExpectedFileListView(StrictQueryMixin, APIView):
    """At most 500."""

    queryset = ExpectedFile.objects.none()
    query_parameters: ClassVar[frozenset[str]] = frozenset()

    @extend_schema(
        summary="Files that partners owe: what came, and what is late",
        responses=ExpectationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        return Response(ExpectationSerializer(expectations(timezone.now()), many=True).data)


class PreviewRowSerializer(serializers.Serializer[Any]):
    """state: null where the row was read but not tried."""

    number = serializers.IntegerField()
    line_count = serializers.IntegerField()
    what = serializers.CharField()
    lot = serializers.CharField()
    occurred_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=choices(RowState), allow_null=True)
    reason = serializers.CharField()
    awaits = serializers.CharField()


class LotEffectSerializer(serializers.Serializer[Any]):
    lot = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class FilePreviewSerializer(serializers.Serializer[Any]):
    """What a report would do; nothing of it is recorded. is_duplicate: the bytes came before."""

    name = serializers.CharField()
    kind = serializers.CharField()
    sha256 = serializers.CharField()
    mapping = serializers.CharField()
    is_duplicate = serializers.SerializerMethodField()
    read = serializers.IntegerField()
    untried = serializers.IntegerField()
    totals = serializers.DictField(child=serializers.IntegerField())
    lots = LotEffectSerializer(many=True)
    rows = PreviewRowSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())

    def get_is_duplicate(self, preview: FilePreview) -> bool:
        return preview.earlier is not None
