"""Units of oven loads, as pages of JSON or whole as a file."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request

from supplychain.base.api import KeysetPagination
from supplychain.base.tables import TableView, table_answer, table_responses
from testing.models import BurnInUnit
from testing.selectors.tables import BURN_IN_COLUMNS, burn_in_pieces, schema_of


class BurnInResultSerializer(serializers.ModelSerializer[BurnInUnit]):
    lot = serializers.CharField(source="run.lot_step.lot.code")
    step = serializers.CharField(source="run.lot_step.step.code")
    load = serializers.CharField(source="run.source_sha256", help_text="SHA-256 of its file.")
    oven = serializers.CharField(source="run.oven.code")
    board = serializers.CharField(source="board.code")
    serial = serializers.CharField(source="unit.serial")
    hours_required = serializers.FloatField(source="run.requirement.hours")

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
