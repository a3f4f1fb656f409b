"""Write-downs of stock: prepare, look, approve or give up."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api.serializers import MoneyField, UnitsField
from finance.domain.write_downs import LOTS_MAX, LotOrder, WriteDownOrder
from finance.models import WriteDown
from finance.selectors.write_downs import write_down_by_id, write_downs
from finance.services import (
    approve_write_down,
    foresee,
    give_up_write_down,
    prepare_write_down,
)
from finance.services.write_downs import APPROVE, PREPARE
from supplychain.base.api import KeysetPagination, StrictQueryMixin
from supplychain.base.api_bodies import KEY, checked_body, operation_key, person_of

LOOK = "finance.view_writedown"


class WriteDownLotSerializer(serializers.Serializer[Any]):
    """Either an amount to write off, or the value that all of the lot has from now on."""

    lot = serializers.CharField(max_length=64)
    by = serializers.DecimalField(max_digits=20, decimal_places=6, required=False)
    to = serializers.DecimalField(max_digits=20, decimal_places=6, required=False)

    def to_internal_value(self, data: Any) -> Any:
        """What nobody reads is refused."""
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError({key: ["Nobody reads this."] for key in unknown})
        return super().to_internal_value(data)


class WriteDownOrderSerializer(serializers.Serializer[Any]):
    effective_on = serializers.DateField()
    reason = serializers.CharField(max_length=64)
    evidence = serializers.CharField(max_length=4000)
    lots = serializers.ListField(
        child=WriteDownLotSerializer(), allow_empty=False, max_length=LOTS_MAX
    )


class WriteDownLineSerializer(serializers.Serializer[Any]):
    lot = serializers.CharField(source="lot.code")
    amount = MoneyField()
    carried_quantity = UnitsField()
    carried_amount = MoneyField()


class WriteDownSerializer(serializers.ModelSerializer[WriteDown]):
    """transaction: of the subledger; null while it waits."""

    prepared_by = serializers.CharField(source="prepared_by.username")
    approved_by = serializers.CharField(
        source="approved_by.username", default=None, allow_null=True
    )
    lines = WriteDownLineSerializer(many=True)

    class Meta:
        model = WriteDown
        fields = [
            "id", "effective_on", "reason", "evidence", "prepared_by", "prepared_at",
            "approved_by", "approved_at", "transaction", "lines",
        ]  # fmt: skip


class ForeseenLegSerializer(serializers.Serializer[Any]):
    account = serializers.CharField(source="position.account")
    stage = serializers.CharField(source="position.stage")
    item = serializers.CharField(source="position.item")
    custodian = serializers.CharField(source="position.custodian")
    lot = serializers.CharField()
    amount = MoneyField()


class ForeseenSerializer(serializers.Serializer[Any]):
    period = serializers.CharField(source="day.period")
    is_prior_period = serializers.BooleanField(source="day.is_prior")
    legs = ForeseenLegSerializer(many=True)


class NewestWriteDownsFirst(KeysetPagination):
    ordering: ClassVar[list[str]] = ["-id"]


class WriteDownListView(StrictQueryMixin, ListAPIView[WriteDown]):
    """Every write-down, and preparing one."""

    queryset = write_downs()
    serializer_class = WriteDownSerializer
    pagination_class = NewestWriteDownsFirst
    filter_backends = ()
    rights: ClassVar[dict[str, str]] = {"GET": LOOK, "POST": PREPARE}

    @extend_schema(summary="Write-downs, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Prepare a write-down",
        description="Somebody else approves it; nothing is posted before.",
        request=WriteDownOrderSerializer,
        responses={201: WriteDownSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        """The same key and order get the same document again."""
        key, asked = operation_key(request), dict(checked_body(request, WriteDownOrderSerializer))
        lots = tuple(LotOrder(**one) for one in asked.pop("lots"))
        document = prepare_write_down(
            order=WriteDownOrder(**asked, lots=lots), key=key, preparer=person_of(request)
        )
        content = WriteDownSerializer(write_down_by_id(document.pk)).data
        return Response(content, status=201)


class WriteDownDetailView(StrictQueryMixin):
    """One write-down."""

    rights: ClassVar[dict[str, str]] = {"GET": LOOK, "DELETE": PREPARE}

    @extend_schema(summary="One write-down", responses=WriteDownSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(WriteDownSerializer(write_down_by_id(pk)).data)

    @extend_schema(summary="Give up a write-down that waits", responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """One that is posted stays."""
        give_up_write_down(document=write_down_by_id(pk), actor=person_of(request))
        return Response(status=204)


class WriteDownPreviewView(StrictQueryMixin):
    """What its approval would post as things stand."""

    rights = LOOK

    @extend_schema(summary="What a write-down would post", responses=ForeseenSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Refused for the reasons for which its approval would be."""
        return Response(ForeseenSerializer(foresee(document=write_down_by_id(pk))).data)


class WriteDownApprovalView(StrictQueryMixin):
    """Approval by somebody else than who prepared."""

    rights = APPROVE

    @extend_schema(
        summary="Approve a write-down", request=None, responses={200: WriteDownSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Posted as one transaction, and frozen."""
        approve_write_down(document=write_down_by_id(pk), approver=person_of(request))
        return Response(WriteDownSerializer(write_down_by_id(pk)).data)
