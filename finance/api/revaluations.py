"""Revaluations of stock: look, prepare, approve or give up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api.documents import (
    PEOPLE,
    DocumentApprovalView,
    DocumentDetailView,
    DocumentPreviewView,
    DocumentSerializer,
    NewestDocumentsFirst,
)
from finance.api.parameters import ETAG, SEEN
from finance.api.reading import BooksMixin
from finance.api.serializers import MoneyField, UnitsField
from finance.domain.revaluations import (
    RevaluationOrder,
    StockLine,
    posted_totals,
    reasons_left_out,
    totals,
)
from finance.domain.words import LeftOutReason
from finance.models import Revaluation, RevaluationLine
from finance.selectors.revaluations import (
    lines_of,
    listed_revaluations,
    revaluation_by_id,
    stock_lines,
)
from finance.services import prepare_revaluation, try_revaluation
from finance.services.documents import Foreseen
from finance.services.revaluations import APPROVE, PREPARE, REVALUATIONS
from supplychain.base.api import KeysetPagination
from supplychain.base.api_bodies import KEY, checked_body, operation_key, person_of
from supplychain.base.choices import choices

LOOK = "finance.view_revaluation"


class RevaluationOrderSerializer(serializers.Serializer[Any]):
    """item, stage, custodian: only such stock; all of it without them."""

    version = serializers.CharField(max_length=32, help_text="In force on the day.")
    effective_on = serializers.DateField()
    reason = serializers.CharField(max_length=64)
    evidence = serializers.CharField(max_length=4000)
    item = serializers.CharField(max_length=64, allow_blank=True, default="")
    stage = serializers.CharField(max_length=32, allow_blank=True, default="")
    custodian = serializers.CharField(max_length=32, allow_blank=True, default="")


class RevaluationSerializer(DocumentSerializer):
    """amount: what the standard adds, minus what it takes."""

    version = serializers.CharField(source="version_id")
    item = serializers.CharField(source="item_id", allow_null=True)
    stage = serializers.CharField(source="stage_id", allow_null=True)
    custodian = serializers.CharField(source="custodian_id", allow_null=True)
    lot_count = serializers.IntegerField()
    left_out_count = serializers.IntegerField(help_text="Lines that stay as they are carried.")
    amount = MoneyField()

    class Meta:
        model = Revaluation
        fields = [
            "id", "version", "effective_on", "reason", "evidence", "item", "stage", "custodian",
            *PEOPLE, "lot_count", "left_out_count", "amount",
        ]  # fmt: skip


class StockTotalSerializer(serializers.Serializer[Any]):
    item = serializers.CharField()
    stage = serializers.CharField()
    unit_of_measure = serializers.CharField(source="unit")
    lot_count = serializers.IntegerField()
    quantity = UnitsField()
    carried_amount = MoneyField(source="carried")
    standard_amount = MoneyField(source="standard")
    difference = MoneyField()


class LeftOutSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=choices(LeftOutReason))
    line_count = serializers.IntegerField()


class PostedTotalSerializer(serializers.Serializer[Any]):
    account = serializers.CharField()
    stage = serializers.CharField()
    item = serializers.CharField()
    custodian = serializers.CharField()
    lot_count = serializers.IntegerField(help_text="None for what stands against the lots.")
    amount = MoneyField()


class RevaluationSumsSerializer(serializers.Serializer[Any]):
    """totals: of what is revalued, by item and stage, the largest difference first."""

    totals = StockTotalSerializer(many=True)
    left_out = LeftOutSerializer(many=True)


class RevaluationDetailSerializer(RevaluationSumsSerializer, RevaluationSerializer):
    class Meta(RevaluationSerializer.Meta):
        fields = [*RevaluationSerializer.Meta.fields, "totals", "left_out"]


class RevaluationForeseenSerializer(serializers.Serializer[Any]):
    period = serializers.CharField()
    is_prior_period = serializers.BooleanField()
    posts = PostedTotalSerializer(many=True)


class RevaluationTriedSerializer(RevaluationSumsSerializer, RevaluationForeseenSerializer):
    pass


class RevaluationLineSerializer(serializers.ModelSerializer[RevaluationLine]):
    """standard_amount: null where the version has no cost. left_out: "" for one revalued."""

    lot = serializers.CharField(source="lot_id")
    stage = serializers.CharField(source="stage_id", allow_null=True)
    item = serializers.CharField(source="item_id")
    custodian = serializers.CharField(source="custodian_id")
    quantity = UnitsField()
    carried_amount = MoneyField()
    standard_amount = MoneyField(allow_null=True)
    difference = MoneyField()

    class Meta:
        model = RevaluationLine
        fields = [
            "id", "lot", "account", "stage", "item", "unit_of_measure", "owner", "custodian",
            "quantity", "carried_amount", "standard_amount", "difference", "left_out",
        ]  # fmt: skip


class RevaluationLinesInOrder(KeysetPagination):
    ordering: ClassVar[list[str]] = ["id"]


class RevaluationListView(BooksMixin, ListAPIView[Revaluation]):
    """Every revaluation, and preparing one."""

    queryset = listed_revaluations()
    serializer_class = RevaluationSerializer
    pagination_class = NewestDocumentsFirst
    filter_backends = ()
    rights: ClassVar[dict[str, str]] = {"GET": LOOK, "POST": PREPARE}

    @extend_schema(summary="Revaluations, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Prepare a revaluation",
        description="Somebody else approves it; nothing is posted before.",
        request=RevaluationOrderSerializer,
        responses={201: RevaluationDetailSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        """The same key and order get the same document again."""
        key = operation_key(request)
        document = prepare_revaluation(order=_order(request), key=key, preparer=person_of(request))
        return Response(_told(document.pk), status=201)


class RevaluationTrialView(BooksMixin):
    """What a revaluation would be, before it is prepared."""

    rights = PREPARE

    @extend_schema(
        summary="What a revaluation would do",
        request=RevaluationOrderSerializer,
        responses={200: RevaluationTriedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Nothing is kept; refused for the reasons for which preparing it would be."""
        tried = try_revaluation(order=_order(request), preparer=person_of(request))
        content = {**_foreseen(tried.foreseen), **_summed(tried.lines)}
        return Response(RevaluationTriedSerializer(content).data)


@extend_schema_view(
    get=extend_schema(summary="One revaluation", responses=RevaluationDetailSerializer),
    delete=extend_schema(summary="Give up a revaluation that waits", responses={204: None}),
)
class RevaluationDetailView(DocumentDetailView):
    """One revaluation."""

    trade = REVALUATIONS
    rights: ClassVar[dict[str, str]] = {"GET": LOOK, "DELETE": PREPARE}

    def shown(self, pk: int) -> Response:
        return Response(_told(pk))


class RevaluationLineView(BooksMixin, ListAPIView[RevaluationLine]):
    """Lots of a revaluation, position by position."""

    serializer_class = RevaluationLineSerializer
    pagination_class = RevaluationLinesInOrder
    filter_backends = ()
    rights = LOOK

    def get_queryset(self) -> QuerySet[RevaluationLine]:
        return lines_of(revaluation_by_id(self.kwargs["pk"]))

    @extend_schema(
        operation_id="finance_revaluation_line_list",
        summary="Lots of a revaluation, those left out too",
        parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


@extend_schema_view(
    get=extend_schema(
        summary="What a revaluation would post",
        responses=RevaluationForeseenSerializer,
        parameters=[ETAG],
    )
)
class RevaluationPreviewView(DocumentPreviewView):
    """What its approval would post as things stand, by account."""

    trade = REVALUATIONS
    rights = LOOK

    def foreseen_content(self, foreseen: Foreseen) -> dict[str, Any]:
        return dict(RevaluationForeseenSerializer(_foreseen(foreseen)).data)


@extend_schema_view(
    post=extend_schema(
        summary="Approve a revaluation",
        request=None,
        parameters=[SEEN],
        responses={200: RevaluationDetailSerializer},
    )
)
class RevaluationApprovalView(DocumentApprovalView):
    """Approval by somebody else than who prepared."""

    trade = REVALUATIONS
    rights = APPROVE

    def shown(self, pk: int) -> Response:
        return Response(_told(pk))


def _order(request: Request) -> RevaluationOrder:
    return RevaluationOrder(**checked_body(request, RevaluationOrderSerializer))


def _told(pk: int) -> dict[str, Any]:
    document = revaluation_by_id(pk)
    summed = RevaluationSumsSerializer(_summed(stock_lines(document))).data
    return {**RevaluationSerializer(document).data, **summed}


def _foreseen(foreseen: Foreseen) -> dict[str, Any]:
    return {
        "period": foreseen.day.period,
        "is_prior_period": foreseen.day.is_prior,
        "posts": posted_totals(foreseen.legs),
    }


def _summed(lines: Sequence[StockLine]) -> dict[str, Any]:
    reasons = reasons_left_out(lines).items()
    left_out = [{"reason": reason, "line_count": count} for reason, count in reasons]
    return {"totals": totals(lines), "left_out": left_out}
