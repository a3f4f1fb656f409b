"""Versions of a closed period: what each tells, what two differ in, and restating."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api.conditions import without_reading
from finance.api.export_serializers import TotalsSerializer
from finance.api.parameters import ETAG, SEEN
from finance.api.reading import BooksMixin, logged
from finance.api.serializers import BalanceSerializer, BucketSerializer, MoneyField, UnitsField
from finance.domain.queries import whole_number
from finance.models import PeriodClose
from finance.selectors.closes import (
    close_by_version,
    close_differences,
    close_totals,
    closes_of,
)
from finance.selectors.closing import period_by_code
from finance.selectors.told import seen_close, told_close
from finance.services import approve_restatement, give_up_restatement, prepare_restatement
from supplychain.base.conditional import named_tag

VERSION_MAX = 32_767
LOOK, TELL, CLOSE = "finance.view_period", "finance.view_ledgerentry", "finance.close_period"


class CloseSerializer(serializers.ModelSerializer[PeriodClose]):
    """approved_by: null while a restatement waits for its approval.

    totals: of the rows it tells, kept with it; null for a version from before these were kept.
    """

    period = serializers.CharField(source="period_id")
    prepared_by = serializers.CharField(source="prepared_by.username")
    approved_by = serializers.CharField(
        source="approved_by.username", default=None, allow_null=True
    )
    totals = serializers.SerializerMethodField()

    class Meta:
        model = PeriodClose
        fields = [
            "period", "version", "seq", "sha256", "totals", "reason", "prepared_by", "prepared_at",
            "approved_by", "approved_at",
        ]  # fmt: skip

    @extend_schema_field(TotalsSerializer(allow_null=True))
    def get_totals(self, close: PeriodClose) -> dict[str, Any] | None:
        """Control totals."""
        return TotalsSerializer(close.totals).data if close.totals else None


class ClosesSerializer(serializers.Serializer[Any]):
    closes = CloseSerializer(many=True)


class DifferenceSerializer(BucketSerializer):
    """after less before."""

    quantity_before = UnitsField()
    quantity_after = UnitsField()
    quantity = UnitsField()
    amount_before = MoneyField()
    amount_after = MoneyField()
    amount = MoneyField()


class CloseTotalsSerializer(CloseSerializer):
    """lines: what the period moved, by bucket. differences: null unless `against` is given."""

    lines = BalanceSerializer(many=True)
    differences = DifferenceSerializer(many=True, allow_null=True)

    class Meta(CloseSerializer.Meta):
        fields = [*CloseSerializer.Meta.fields, "lines", "differences"]


class RestatementSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class CloseListView(BooksMixin):
    """Every version of a period, and preparing the next."""

    rights: ClassVar[dict[str, str]] = {"GET": LOOK, "POST": CLOSE}

    @extend_schema(
        operation_id="close_list",
        summary="Versions of a closed period",
        responses=ClosesSerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        """The first one first."""
        period = period_by_code(code)
        return Response(ClosesSerializer({"closes": closes_of(period.code)}).data)

    @extend_schema(
        summary="Prepare a restatement of a closed period",
        request=RestatementSerializer,
        responses={201: CloseSerializer},
    )
    def post(self, request: Request, code: str) -> Response:
        """A draft with the facts that came late, for somebody else to approve."""
        shape = RestatementSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        close = prepare_restatement(
            period=period_by_code(code),
            reason=shape.validated_data["reason"],
            preparer=cast("User", request.user),
        )
        return Response(CloseSerializer(close).data, status=201)


class CloseDetailView(BooksMixin):
    """What one version tells, and what it changed against another."""

    rights: ClassVar[dict[str, str]] = {"GET": TELL, "DELETE": CLOSE}
    query_parameters = frozenset({"against"})

    @extend_schema(
        summary="One version of a closed period",
        parameters=[
            OpenApiParameter(
                "against",
                {"type": "integer", "minimum": 1, "maximum": VERSION_MAX},
                description="Also the differences from this version.",
            ),
            ETAG,
        ],
        responses=CloseTotalsSerializer,
    )
    def get(self, request: Request, code: str, version: int) -> HttpResponse:
        """The same answer for ever, once it is approved."""
        given = request.query_params.dict()
        close, other = close_by_version(code, version), None
        if "against" in given:
            other = close_by_version(code, whole_number(given, "against", 1, (1, VERSION_MAX)))
        tag = "-".join(told_close(one).sha256 for one in (close, other) if one)
        unread = without_reading(request, f'"{tag}"', close.seq)
        return unread or _totals(request, close, other, f'"{tag}"')

    @extend_schema(summary="Give up a restatement that waits", responses={204: None})
    def delete(self, request: Request, code: str, version: int) -> Response:
        """A version that was approved stays."""
        give_up_restatement(close=close_by_version(code, version))
        return Response(status=204)


def _totals(
    request: Request, close: PeriodClose, other: PeriodClose | None, tag: str
) -> HttpResponse:
    differences = None
    if other is not None:
        differences = DifferenceSerializer(close_differences(other, close), many=True).data
    lines = close_totals(close)
    content = {
        **CloseSerializer(close).data,
        "lines": BalanceSerializer(lines, many=True).data,
        "differences": differences,
    }
    return logged(request, content, len(lines), close.seq, tag=tag)


class CloseApprovalView(BooksMixin):
    """Approval by somebody else than who prepared."""

    rights = CLOSE

    @extend_schema(
        summary="Approve a restatement",
        request=None,
        responses={200: CloseSerializer},
        parameters=[SEEN],
    )
    def post(self, request: Request, code: str, version: int) -> Response:
        """From now on it is the version in force; looked at by itself or `against` another."""
        close = close_by_version(code, version)
        close = approve_restatement(
            close=close,
            approver=cast("User", request.user),
            seen=seen_close(close, named_tag(request)),
        )
        return Response(CloseSerializer(close).data)
