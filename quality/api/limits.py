"""Limit versions over HTTP: read, prepare, approve, withdraw."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lots.models import Product
from quality.domain.words import LimitKind
from quality.models import LimitLot, LimitVersion
from quality.selectors.limit_asking import LimitWords, asked_for
from quality.selectors.limit_versions import limit_version, limit_versions
from quality.services import approve_limit, prepare_limit, withdraw_limit
from supplychain.base.api import KeysetPagination, StrictQueryMixin
from supplychain.base.api_bodies import checked_body, person_of
from supplychain.base.choices import choices
from supplychain.base.errors import MissingError

TEXT_MAX = 10_000
LOTS_MAX = 500


class LimitVersionSerializer(serializers.ModelSerializer[LimitVersion]):
    product = serializers.CharField(source="product.code")
    prepared_by = serializers.CharField(source="prepared_by.username")
    approved_by = serializers.CharField(
        source="approved_by.username", default=None, allow_null=True
    )
    withdrawn_by = serializers.CharField(
        source="withdrawn_by.username", default=None, allow_null=True
    )

    class Meta:
        model = LimitVersion
        fields = [
            "id", "product", "step_code", "kind", "subject", "number", "low", "middle", "high",
            "sigma", "method", "is_provisional", "lots_max", "units_min", "sigmas", "share_min",
            "count_min", "as_of_seq", "reason", "prepared_by", "prepared_at", "valid_from",
            "approved_by", "approved_at", "withdrawn_by", "withdrawn_at", "withdrawn_reason",
        ]  # fmt: skip


class LimitLotSerializer(serializers.ModelSerializer[LimitLot]):
    lot = serializers.CharField(source="lot_code")

    class Meta:
        model = LimitLot
        fields = ["lot", "passed", "tested", "value", "left_out"]


class LimitDetailSerializer(LimitVersionSerializer):
    lots = LimitLotSerializer(many=True, help_text="The history, oldest first.")

    class Meta(LimitVersionSerializer.Meta):
        fields = [*LimitVersionSerializer.Meta.fields, "lots"]


class LimitOrderSerializer(serializers.Serializer[dict[str, Any]]):
    """subject: a yield (SYL, spec), a hard bin (SBL) or a test number (PAT, NNR); of a chart as
    `GET charts` takes it. units_min: null for what fits the figure.

    left_out: lot code to why it does not count. ratio_min: of a spec, 0 to 1.
    """

    product = serializers.CharField(max_length=64)
    step_code = serializers.CharField(max_length=32)
    kind = serializers.ChoiceField(choices=choices(LimitKind))
    subject = serializers.CharField(max_length=300, default="", allow_blank=True)
    lots_max = serializers.IntegerField(min_value=2, max_value=LOTS_MAX, default=60)
    units_min = serializers.IntegerField(
        min_value=1, max_value=1_000_000, default=None, allow_null=True
    )
    sigmas = serializers.FloatField(min_value=0.5, max_value=100, default=None, allow_null=True)
    share_min = serializers.FloatField(min_value=0.1, max_value=1, default=0.75)
    count_min = serializers.IntegerField(min_value=1, max_value=1_000_000, default=1)
    ratio_min = serializers.FloatField(min_value=0, max_value=1, default=None, allow_null=True)
    left_out = serializers.DictField(child=serializers.CharField(max_length=TEXT_MAX), default=dict)
    valid_from = serializers.DateTimeField(default=None, allow_null=True)
    reason = serializers.CharField(max_length=TEXT_MAX)


class LimitActSerializer(serializers.Serializer[dict[str, Any]]):
    """note: why; for withdraw."""

    act = serializers.ChoiceField(["approve", "withdraw"])
    note = serializers.CharField(max_length=TEXT_MAX, default="", allow_blank=True)


class LimitVersionFilter(filters.FilterSet):
    product = filters.CharFilter("product__code", max_length=64, label="Product code.")
    step = filters.CharFilter("step_code", max_length=32, label="Step code.")
    kind = filters.ChoiceFilter(choices=choices(LimitKind))
    is_approved = filters.BooleanFilter(
        "approved_at", "isnull", exclude=True, label="Whether somebody approved it."
    )

    class Meta:
        model = LimitVersion
        fields: list[str] = []


class LimitVersionPagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["-id"]


@extend_schema(methods=["GET"], summary="Versions of limits, newest first")
class LimitVersionListView(StrictQueryMixin, ListAPIView[LimitVersion]):
    queryset = limit_versions()
    serializer_class = LimitVersionSerializer
    filterset_class = LimitVersionFilter
    pagination_class = LimitVersionPagination
    rights: ClassVar[dict[str, str]] = {"POST": "quality.add_limitversion"}

    @extend_schema(
        summary="Prepare the next version of a limit from its history",
        request=LimitOrderSerializer,
        responses={201: LimitDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        said = checked_body(request, LimitOrderSerializer)
        product = Product.objects.filter(code=said.pop("product")).first()
        if product is None:
            raise MissingError("There is no such product.", field="product")
        left_out, valid_from = said.pop("left_out"), said.pop("valid_from")
        reason, kind = said.pop("reason"), LimitKind(said.pop("kind"))
        version = prepare_limit(
            asked=asked_for(LimitWords(product=product, kind=kind, **said)),
            left_out=left_out,
            reason=reason,
            valid_from=valid_from,
            actor=person_of(request),
        )
        return Response(_shown(version.pk), status=status.HTTP_201_CREATED)


class LimitVersionDetailView(StrictQueryMixin, GenericAPIView[LimitVersion]):
    queryset = limit_versions()
    serializer_class = LimitDetailSerializer
    filter_backends = ()
    pagination_class = None

    @extend_schema(summary="One version with the lots it was computed from")
    def get(self, request: Request, pk: int) -> Response:
        return Response(_shown(pk))


class LimitVersionActsView(StrictQueryMixin, GenericAPIView[LimitVersion]):
    queryset = limit_versions()
    filter_backends = ()
    pagination_class = None
    rights: ClassVar[dict[str, str]] = {"POST": "quality.view_limitversion"}

    @extend_schema(
        summary="Approve or withdraw a version",
        request=LimitActSerializer,
        responses={200: LimitDetailSerializer},
    )
    def post(self, request: Request, pk: int) -> Response:
        said = checked_body(request, LimitActSerializer)
        act, note = said["act"], said["note"]
        actor, now = person_of(request), timezone.now()
        if act == "approve":
            approve_limit(version_id=pk, actor=actor, now=now)
        else:
            withdraw_limit(version_id=pk, reason=note, actor=actor, now=now)
        return Response(_shown(pk))


def _shown(pk: int) -> dict[str, Any]:
    found: dict[str, Any] = LimitDetailSerializer(limit_version(pk)).data
    return found
