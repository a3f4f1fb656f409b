"""Recalls for programs: open one, look what one would reach, and follow it."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lots.api.commands import command_now
from operations.domain.recall_questions import NAMES_MAX, TEXT_MAX, question_of
from operations.domain.recall_zones import Zone
from operations.domain.recalls import Exposure
from operations.domain.words import Origin, Place
from operations.models import RecallCase, RecallItem
from operations.selectors.recall import exposure_of
from operations.selectors.recall_cases import (
    ItemsWanted,
    case_by_number,
    items_wanted,
    listed_cases,
    racks_of,
    standings,
    systems_of,
)
from operations.selectors.recall_origins import suspects_of
from operations.selectors.unnamed import unnamed_builds
from operations.services.recalls import open_case
from supplychain.base.api import KeysetPagination, StrictQueryMixin
from supplychain.base.api_bodies import KEY, checked_body, person_of
from supplychain.base.choices import choices


class QuestionSerializer(serializers.Serializer[Any]):
    """From what to start: origin, and what it needs. names: lots, wafers or serials by origin."""

    origin = serializers.ChoiceField(choices=choices(Origin))
    names = serializers.ListField(
        child=serializers.CharField(max_length=TEXT_MAX), required=False, max_length=NAMES_MAX
    )
    zone = serializers.ChoiceField(choices=choices(Zone), required=False)
    equipment = serializers.CharField(max_length=TEXT_MAX, required=False, help_text="A tester.")
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    load = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="Number of a burn-in run."
    )
    board = serializers.CharField(max_length=TEXT_MAX, required=False)
    socket = serializers.CharField(max_length=TEXT_MAX, required=False)


class OpenRecallSerializer(QuestionSerializer):
    title = serializers.CharField(max_length=200)
    reason = serializers.CharField(max_length=10_000)


class TotalSerializer(serializers.Serializer[Any]):
    """A named sum."""

    name = serializers.CharField(allow_blank=True)
    kind = serializers.CharField()
    quantity = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)


class AffectedSystemSerializer(serializers.Serializer[Any]):
    """An UltraServer that would lose completeness."""

    serial = serializers.CharField()
    quantity = serializers.IntegerField()
    racks = serializers.CharField(allow_blank=True)
    site = serializers.CharField(allow_blank=True)
    customer = serializers.CharField(allow_blank=True)


class ExposureSerializer(serializers.Serializer[Any]):
    """What a suspect reaches, each once, by where it is now."""

    quantity = serializers.IntegerField()
    deployed_chip_count = serializers.IntegerField()
    rack_count = serializers.IntegerField()
    by_place = TotalSerializer(many=True)
    by_step = TotalSerializer(many=True)
    by_rack = TotalSerializer(many=True)
    by_customer = TotalSerializer(many=True)
    ultraservers = AffectedSystemSerializer(source="systems", many=True)


class UnnamedBuildsSerializer(serializers.Serializer[Any]):
    """Builds that may hold some: their bill takes the product and no lot of it was named."""

    product = serializers.CharField()
    since = serializers.DateTimeField(help_text="When the first suspect lot of it was there.")
    assembly_count = serializers.IntegerField()
    unit_count = serializers.IntegerField(help_text="Units built; they are not listed.")


class RecallPreviewSerializer(ExposureSerializer):
    """What a suspect reaches, and what it may have reached that nobody told."""

    unnamed_builds = serializers.SerializerMethodField()

    @extend_schema_field(UnnamedBuildsSerializer(many=True))
    def get_unnamed_builds(self, _: Exposure) -> Any:
        """By product, most units first; a warning, not suspects."""
        return UnnamedBuildsSerializer(self.context["unnamed_builds"], many=True).data


class RecallSerializer(serializers.ModelSerializer[RecallCase]):
    origin = serializers.CharField()
    state = serializers.CharField()
    opened_by = serializers.CharField(source="opened_by.username")
    listed_count = serializers.IntegerField()
    open_count = serializers.IntegerField(help_text="Still exposed; a case closes at zero.")

    class Meta:
        model = RecallCase
        fields = [
            "number", "title", "origin", "query", "reason", "state", "opened_at_seq", "as_of_seq",
            "opened_by", "opened_at", "closed_at", "conclusion", "listed_count", "open_count",
        ]  # fmt: skip


class StandingSerializer(serializers.Serializer[Any]):
    place = serializers.CharField()
    kind = serializers.CharField()
    listed = serializers.IntegerField()
    left = serializers.IntegerField(help_text="Still exposed.")


class RecallDetailSerializer(RecallSerializer):
    by_place = StandingSerializer(source="standings", many=True)
    by_rack = TotalSerializer(source="racks.rows", many=True)
    by_rack_count = serializers.IntegerField(
        source="racks.count", help_text="Rows there are; by_rack has the largest 500."
    )
    ultraservers = TotalSerializer(source="systems.rows", many=True)
    ultraserver_count = serializers.IntegerField(
        source="systems.count", help_text="UltraServers there are; above are the first 500."
    )

    class Meta(RecallSerializer.Meta):
        fields = [
            *RecallSerializer.Meta.fields, "by_place", "by_rack", "by_rack_count", "ultraservers",
            "ultraserver_count",
        ]  # fmt: skip


class RecallItemSerializer(serializers.ModelSerializer[RecallItem]):
    place = serializers.CharField()
    serial = serializers.CharField(source="unit.serial", default=None, allow_null=True)
    lot = serializers.CharField(source="lot.code", default=None, allow_null=True)
    rack = serializers.CharField(source="rack.serial", default=None, allow_null=True)
    ultraserver = serializers.CharField(source="ultraserver.serial", default=None, allow_null=True)

    class Meta:
        model = RecallItem
        fields = [
            "serial", "lot", "kind", "quantity", "place", "where", "rack", "ultraserver",
            "customer", "joined_seq", "settled_at", "settlement",
        ]  # fmt: skip


class RecallItemFilter(filters.FilterSet):
    place = filters.ChoiceFilter(choices=choices(Place))
    rack = filters.CharFilter("rack__serial", max_length=80, label="Serial of a rack.")
    settled = filters.BooleanFilter(
        "settled_at", "isnull", exclude=True, label="Whether it is exposed no more."
    )
    q = filters.CharFilter(method="by_start", max_length=80, label="How serial or lot code begins.")

    class Meta:
        model = RecallItem
        fields: list[str] = []

    def by_start(
        self, items: QuerySet[RecallItem], name: str, value: str
    ) -> QuerySet[RecallItem, Any]:
        return items.filter(Q(unit__serial__startswith=value) | Q(lot__code__startswith=value))


class NewestCases(KeysetPagination):
    ordering: ClassVar[str] = "-number"


class RecallListView(StrictQueryMixin, ListAPIView[RecallCase]):
    queryset = listed_cases()
    serializer_class = RecallSerializer
    pagination_class = NewestCases
    rights: ClassVar[dict[str, str]] = {
        "GET": "operations.view_recallcase",
        "POST": "operations.add_recallcase",
    }

    @extend_schema(summary="Recall cases, newest first")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Open a recall case over everything a suspect reaches",
        request=OpenRecallSerializer,
        responses={201: RecallDetailSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        shape = checked_body(request, OpenRecallSerializer)
        command = command_now(request, shape)
        case = open_case(
            question=question_of(shape),
            title=shape["title"],
            reason=shape["reason"],
            actor=person_of(request),
            command=command,
        )
        return Response(detail_of(case.number), status=status.HTTP_201_CREATED)


class RecallPreviewView(StrictQueryMixin):
    """What a recall would reach; nothing is kept."""

    rights: ClassVar[dict[str, str]] = {"POST": "operations.view_recallcase"}

    @extend_schema(
        summary="What a recall would reach, by place; nothing is kept",
        request=QuestionSerializer,
        responses={200: RecallPreviewSerializer},
    )
    def post(self, request: Request) -> Response:
        question = question_of(checked_body(request, QuestionSerializer))
        suspects = suspects_of(question)
        context = {"unnamed_builds": unnamed_builds(suspects.lot_ids)}
        return Response(RecallPreviewSerializer(exposure_of(suspects), context=context).data)


class RecallView(StrictQueryMixin):
    """One case."""

    rights = "operations.view_recallcase"

    @extend_schema(
        summary="One recall case: what is listed and still exposed, by place and rack",
        operation_id="recall_detail",
        responses=RecallDetailSerializer,
    )
    def get(self, request: Request, number: int) -> Response:
        return Response(detail_of(number))


class RecallItemsView(StrictQueryMixin, ListAPIView[RecallItem]):
    """Everything a case lists."""

    queryset = RecallItem.objects.none()
    serializer_class = RecallItemSerializer
    filterset_class = RecallItemFilter
    rights = "operations.view_recallcase"

    def get_queryset(self) -> QuerySet[RecallItem]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return items_wanted(case_by_number(self.kwargs["number"]), ItemsWanted())

    @extend_schema(summary="Everything a recall case lists, settled or exposed")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


def detail_of(number: int) -> dict[str, Any]:
    """The case as an answer tells it."""
    case = case_by_number(number)
    told: Any = case
    told.standings, told.racks, told.systems = standings(case), racks_of(case), systems_of(case)
    found: dict[str, Any] = RecallDetailSerializer(told).data
    return found
