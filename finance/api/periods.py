from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api.reading import BooksMixin
from finance.domain.words import CloseCheck
from finance.models import Period
from finance.selectors.closes import listed_periods
from finance.selectors.closing import close_checklist, period_by_code
from supplychain.base.api import KeysetPagination
from supplychain.base.choices import choices


class CheckedSerializer(serializers.Serializer[Any]):
    check = serializers.ChoiceField(choices=choices(CloseCheck))
    count = serializers.IntegerField()
    is_open = serializers.BooleanField(help_text="It keeps the period from being closed.")
    detail = serializers.CharField()


class PeriodSerializer(serializers.ModelSerializer[Period]):
    prepared_by = serializers.CharField(
        source="prepared_by.username", default=None, allow_null=True
    )
    approved_by = serializers.CharField(
        source="approved_by.username", default=None, allow_null=True
    )
    checklist = serializers.SerializerMethodField()

    class Meta:
        model = Period
        fields = [
            "code", "starts_on", "ends_on", "state", "closed_seq", "closed_sha256", "prepared_by",
            "approved_by", "checklist",
        ]  # fmt: skip

    @extend_schema_field(CheckedSerializer(many=True))
    def get_checklist(self, period: Period) -> list[dict[str, Any]]:
        """As the ledger stands now."""
        return list(CheckedSerializer(close_checklist(period), many=True).data)


class ListedPeriodSerializer(serializers.ModelSerializer[Period]):
    """version: in force, null before the close. seq, sha256: the ledger's head that it tells."""

    version = serializers.IntegerField(allow_null=True)
    seq = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)
    url = serializers.HyperlinkedIdentityField(
        "api-period-detail", lookup_field="code", help_text="With its checklist."
    )
    closes_url = serializers.HyperlinkedIdentityField(
        "api-period-close-list", lookup_field="code", help_text="Its versions."
    )

    class Meta:
        model = Period
        fields = [
            "code", "starts_on", "ends_on", "state", "version", "seq", "sha256", "url",
            "closes_url",
        ]  # fmt: skip


class PeriodsInOrder(KeysetPagination):
    ordering: ClassVar[list[str]] = ["starts_on"]


class PeriodListView(BooksMixin, ListAPIView[Period]):
    """The calendar."""

    queryset = listed_periods()
    serializer_class = ListedPeriodSerializer
    pagination_class = PeriodsInOrder
    filter_backends = ()
    rights = "finance.view_period"

    @extend_schema(
        summary="Periods in order, with the version of their close that is in force",
        operation_id="finance_period_list",
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class PeriodView(BooksMixin):
    """A period, and what stands between it and its close."""

    rights = "finance.view_period"

    @extend_schema(summary="One period with its checklist", responses=PeriodSerializer)
    def get(self, request: Request, code: str) -> Response:
        return Response(PeriodSerializer(period_by_code(code)).data)
