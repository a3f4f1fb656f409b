"""Write-downs of stock: prepare, look, approve or give up."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api.documents import (
    PEOPLE,
    ClosedSerializer,
    DocumentApprovalView,
    DocumentDetailView,
    DocumentPreviewView,
    DocumentSerializer,
    ForeseenSerializer,
    NewestDocumentsFirst,
)
from finance.api.parameters import ETAG, SEEN
from finance.api.reading import BooksMixin
from finance.api.serializers import MoneyField, UnitsField
from finance.domain.write_downs import LOTS_MAX, LotOrder, WriteDownOrder
from finance.models import WriteDown
from finance.selectors.write_downs import listed_write_downs, write_down_by_id
from finance.services import prepare_write_down
from finance.services.write_downs import APPROVE, PREPARE, WRITE_DOWNS
from supplychain.base.api_bodies import KEY, checked_body, operation_key, person_of

LOOK = "finance.view_writedown"


class WriteDownLotSerializer(ClosedSerializer):
    """Either an amount to write off, or the value that all of the lot has from now on."""

    lot = serializers.CharField(max_length=64)
    by = serializers.DecimalField(max_digits=20, decimal_places=6, required=False)
    to = serializers.DecimalField(max_digits=20, decimal_places=6, required=False)


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


class WriteDownSerializer(DocumentSerializer):
    lines = WriteDownLineSerializer(many=True)

    class Meta:
        model = WriteDown
        fields = ["id", "effective_on", "reason", "evidence", *PEOPLE, "lines"]


class ListedWriteDownSerializer(DocumentSerializer):
    """Without its lines, which may be many."""

    lot_count = serializers.IntegerField()
    amount = MoneyField(help_text="Off all of its lots.")

    class Meta:
        model = WriteDown
        fields = ["id", "effective_on", "reason", "evidence", *PEOPLE, "lot_count", "amount"]


class WriteDownListView(BooksMixin, ListAPIView[WriteDown]):
    """Every write-down, and preparing one."""

    queryset = listed_write_downs()
    serializer_class = ListedWriteDownSerializer
    pagination_class = NewestDocumentsFirst
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


@extend_schema_view(
    get=extend_schema(summary="One write-down", responses=WriteDownSerializer),
    delete=extend_schema(summary="Give up a write-down that waits", responses={204: None}),
)
class WriteDownDetailView(DocumentDetailView):
    """One write-down."""

    trade, shape = WRITE_DOWNS, WriteDownSerializer
    rights: ClassVar[dict[str, str]] = {"GET": LOOK, "DELETE": PREPARE}


@extend_schema_view(
    get=extend_schema(
        summary="What a write-down would post", responses=ForeseenSerializer, parameters=[ETAG]
    )
)
class WriteDownPreviewView(DocumentPreviewView):
    """What its approval would post as things stand."""

    trade = WRITE_DOWNS
    rights = LOOK


@extend_schema_view(
    post=extend_schema(
        summary="Approve a write-down",
        request=None,
        parameters=[SEEN],
        responses={200: WriteDownSerializer},
    )
)
class WriteDownApprovalView(DocumentApprovalView):
    """Approval by somebody else than who prepared."""

    trade, shape = WRITE_DOWNS, WriteDownSerializer
    rights = APPROVE
