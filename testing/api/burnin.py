"""Units of oven loads, as pages of JSON or whole as a file."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.db.models import Exists, OuterRef
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request

from supplychain.base.api import KeysetPagination, StrictQueryMixin
from supplychain.base.tables import TableView, table_answer, table_responses
from testing.models import BurnInUnit, LotStep
from testing.selectors import LotFallout, burn_in_fallout
from testing.selectors.tables import BURN_IN_COLUMNS, burn_in_pieces, schema_of


class BurnInResultSerializer(serializers.ModelSerializer[BurnInUnit]):
    lot = serializers.CharField(source="run.lot_step.lot.code")
    step = serializers.CharField(source="run.lot_step.step.code")
    load = serializers.CharField(source="run.source_sha256", help_text="SHA-256 of its file.")
    oven = serializers.CharField(source="run.oven.code")
    board = serializers.CharField(source="board.code")
    serial = serializers.CharField(source="unit.serial")
    hours_required = serializers.FloatField(source="run.requirement.hours")
    failed_ratio_max = serializers.FloatField(
        source="run.requirement.failed_ratio_max", help_text="Of the lot's units, allowed to fail."
    )

    class Meta:
        model = BurnInUnit
        fields = list(BURN_IN_COLUMNS)


class BurnInResultFilter(filters.FilterSet):
    lot = filters.CharFilter("run__lot_step__lot__code", max_length=64, label="Lot code.")
    oven = filters.CharFilter("run__oven__code", max_length=120, label="Oven, as in its files.")
    board = filters.CharFilter("board__code", max_length=120, label="Burn-in board.")
    load = filters.CharFilter(
        "run__source_sha256", max_length=64, label="SHA-256 of the load's file."
    )

    class Meta:
        model = BurnInUnit
        fields: list[str] = []


class BurnInResultPagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["run_id", "id"]


class BurnInResultListView(TableView, ListAPIView[BurnInUnit]):
    """Every unit of every load, by load."""

    queryset = BurnInUnit.objects.select_related(
        "run__lot_step__lot", "run__lot_step__step", "run__oven", "run__requirement", "board",
        "unit",
    )  # fmt: skip
    serializer_class = BurnInResultSerializer
    filterset_class = BurnInResultFilter
    pagination_class = BurnInResultPagination

    @extend_schema(
        summary="Units of oven loads: pages of JSON, or all as CSV, Parquet or Arrow",
        responses=table_responses(BurnInResultSerializer(many=True)),
    )
    def get(  # type: ignore[override]  # a stream is no DRF response
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Socket, proven hours and outcome of each unit."""
        kind = self.streamed_kind(request)
        if not kind:
            return self.list(request, *args, **kwargs)
        rows = self.filter_queryset(BurnInUnit.objects.all())
        schema = schema_of(tuple(BURN_IN_COLUMNS))
        return table_answer(burn_in_pieces(rows), schema, kind, "burn-in")


class FalloutListSerializer(serializers.ListSerializer[LotStep]):
    """Two queries a page, however long it is."""

    def to_representation(self, data: Any) -> list[Any]:
        steps = list(data)
        found = burn_in_fallout([step.pk for step in steps])
        return [FalloutSerializer.written(step, found[step.pk]) for step in steps]


class FalloutSerializer(serializers.Serializer[LotStep]):
    """What burn-in cost a lot, against the percent defective allowable (PDA)."""

    id = serializers.IntegerField(help_text="Of the lot at the step.")
    lot = serializers.CharField()
    step = serializers.CharField()
    submitted = serializers.IntegerField(help_text="Units with a load.")
    failed = serializers.IntegerField(help_text="Units that their last load left failed.")
    allowed = serializers.IntegerField(help_text="Units that may fail, one at least.")
    failed_ratio_max = serializers.FloatField(help_text="Of the newest load's requirement.")
    is_exceeded = serializers.BooleanField()
    serials = serializers.ListField(child=serializers.CharField(), help_text="Of failed units.")

    class Meta:
        list_serializer_class = FalloutListSerializer

    @staticmethod
    def written(step: LotStep, lost: LotFallout) -> dict[str, Any]:
        """One lot at one step."""
        judged = lost.judged
        return {
            "id": step.pk,
            "lot": step.lot.code,
            "step": step.step.code,
            "submitted": judged.submitted,
            "failed": judged.failed,
            "allowed": judged.allowed,
            "failed_ratio_max": judged.ratio_max,
            "is_exceeded": judged.is_exceeded,
            "serials": lost.failed,
        }


class FalloutFilter(filters.FilterSet):
    lot = filters.CharFilter("lot__code", max_length=64, label="Lot code.")
    step = filters.CharFilter("step__code", max_length=32, label="Step code.")

    class Meta:
        model = LotStep
        fields: list[str] = []


class FalloutPagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["id"]


@extend_schema(summary="Units that burn-in cost each lot, and how many it may cost")
class FalloutListView(StrictQueryMixin, ListAPIView[LotStep]):
    """Lots at burn-in steps with a load, oldest first."""

    queryset = LotStep.objects.filter(
        Exists(BurnInUnit.objects.filter(run__lot_step=OuterRef("pk")))
    ).select_related("lot", "step")
    rights = "testing.view_burninunit"
    serializer_class = FalloutSerializer
    filterset_class = FalloutFilter
    pagination_class = FalloutPagination
