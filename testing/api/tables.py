"""Results, summaries and maps, as pages of JSON or whole as a file."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lots.models import Step
from supplychain.base.api import KeysetPagination
from supplychain.base.errors import MissingError
from supplychain.base.tables import TableView, table_answer, table_responses
from testing.api.counting import (
    RUN_CHARACTERS_MAX,
    RUN_LABEL,
    SUPERSEDED_LABEL,
    WITHDRAWN_LABEL,
    CountingFilter,
)
from testing.api.runs import RELEASED_HELP
from testing.models import ReadingSummary, UnitResult
from testing.selectors.maps import wafer_map
from testing.selectors.tables import (
    MAP_COLUMNS,
    RESULT_COLUMNS,
    SUMMARY_COLUMNS,
    map_piece,
    result_pieces,
    schema_of,
    summary_pieces,
    wafer_by_code,
)

NUMBER_MAX = 2**32 - 1


class ResultSerializer(serializers.ModelSerializer[UnitResult]):
    lot = serializers.CharField(source="lot_step.lot.code")
    step = serializers.CharField(source="lot_step.step.code")
    run = serializers.CharField(source="run.key")
    tester = serializers.CharField(source="run.tester.code")
    program = serializers.CharField(source="run.revision.program.code")
    revision = serializers.CharField(source="run.revision.revision")
    is_released = serializers.BooleanField(source="run.is_released", help_text=RELEASED_HELP)
    started_at = serializers.DateTimeField(source="run.started_at")
    unit_key = serializers.CharField(
        help_text="Alike for insertions of one unit at a step of a lot; else without a meaning."
    )
    serial = serializers.CharField(
        source="unit.serial", default=None, allow_null=True,
        help_text="Of the unit, where it is known here.",
    )  # fmt: skip
    wafer = serializers.CharField(source="wafer.code", default=None, allow_null=True)

    class Meta:
        model = UnitResult
        fields = list(RESULT_COLUMNS)


class SummarySerializer(serializers.ModelSerializer[ReadingSummary]):
    lot = serializers.CharField(source="run.lot_step.lot.code")
    step = serializers.CharField(source="run.lot_step.step.code")
    run = serializers.CharField(source="run.key")
    tester = serializers.CharField(source="run.tester.code")
    started_at = serializers.DateTimeField(source="run.started_at")
    number = serializers.IntegerField(source="parameter.number")
    text = serializers.CharField(source="parameter.text")
    occurrence = serializers.IntegerField(source="parameter.occurrence")
    units = serializers.CharField(source="parameter.units")

    class Meta:
        model = ReadingSummary
        fields = list(SUMMARY_COLUMNS)


class ResultFilter(CountingFilter):
    run_path = "run"

    lot = filters.CharFilter("lot_step__lot__code", max_length=64, label="Lot code.")
    step = filters.CharFilter("lot_step__step__code", max_length=32, label="Step code.")
    run = filters.CharFilter("run__key", max_length=RUN_CHARACTERS_MAX, label=RUN_LABEL)
    wafer = filters.CharFilter("wafer__code", max_length=80, label="Wafer code.")
    final = filters.BooleanFilter("is_final", label="Only insertions that decide, or only others.")
    superseded = filters.BooleanFilter(
        "run__superseded_by", "isnull", exclude=True, label=SUPERSEDED_LABEL
    )
    withdrawn = filters.BooleanFilter("run__is_withdrawn", label=WITHDRAWN_LABEL)

    class Meta:
        model = UnitResult
        fields: list[str] = []


class SummaryFilter(CountingFilter):
    run_path = "run"

    lot = filters.CharFilter("run__lot_step__lot__code", max_length=64, label="Lot code.")
    step = filters.CharFilter("run__lot_step__step__code", max_length=32, label="Step code.")
    run = filters.CharFilter("run__key", max_length=RUN_CHARACTERS_MAX, label=RUN_LABEL)
    number = filters.NumberFilter(
        "parameter__number", min_value=0, max_value=NUMBER_MAX, decimal_places=0,
        label="Number of the test.",
    )  # fmt: skip
    superseded = filters.BooleanFilter(
        "run__superseded_by", "isnull", exclude=True, label=SUPERSEDED_LABEL
    )
    withdrawn = filters.BooleanFilter("run__is_withdrawn", label=WITHDRAWN_LABEL)

    class Meta:
        model = ReadingSummary
        fields: list[str] = []


class ResultPagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["run_id", "part_index"]


class SummaryPagination(KeysetPagination):
    ordering: ClassVar[list[str]] = ["run_id", "parameter_id", "head", "site"]


class ResultListView(TableView, ListAPIView[UnitResult]):
    """Every insertion that counts, by run and place in it."""

    queryset = UnitResult.objects.select_related(
        "lot_step__lot", "lot_step__step", "run__tester", "run__revision__program", "wafer", "unit"
    )
    serializer_class = ResultSerializer
    filterset_class = ResultFilter
    pagination_class = ResultPagination

    @extend_schema(
        summary="Results of units: pages of JSON, or all as CSV, Parquet or Arrow",
        responses=table_responses(ResultSerializer(many=True)),
    )
    def get(  # type: ignore[override]  # a stream is no DRF response
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Every insertion of every unit that the filters leave."""
        kind = self.streamed_kind(request)
        if not kind:
            return self.list(request, *args, **kwargs)
        rows = self.filter_queryset(UnitResult.objects.all())
        return table_answer(result_pieces(rows), schema_of(tuple(RESULT_COLUMNS)), kind, "results")


class SummaryListView(TableView, ListAPIView[ReadingSummary]):
    """Summaries per run that counts, test, head and site."""

    queryset = ReadingSummary.objects.select_related(
        "run__lot_step__lot", "run__lot_step__step", "run__tester", "parameter"
    )
    serializer_class = SummarySerializer
    filterset_class = SummaryFilter
    pagination_class = SummaryPagination

    @extend_schema(
        summary="Summaries of tests by head and site: pages of JSON, or all as a file",
        responses=table_responses(SummarySerializer(many=True)),
    )
    def get(  # type: ignore[override]  # a stream is no DRF response
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Values in base units; null where there are too few values."""
        kind = self.streamed_kind(request)
        if not kind:
            return self.list(request, *args, **kwargs)
        rows = self.filter_queryset(ReadingSummary.objects.all())
        schema = schema_of(tuple(SUMMARY_COLUMNS))
        return table_answer(summary_pieces(rows), schema, kind, "summaries")


class DieSerializer(serializers.Serializer[Any]):
    """One die as its deciding insertion left it."""

    x = serializers.IntegerField()
    y = serializers.IntegerField()
    hard_bin = serializers.IntegerField(allow_null=True)
    soft_bin = serializers.IntegerField(allow_null=True)
    outcome = serializers.CharField()
    attempts = serializers.IntegerField(help_text="Insertions of the die at the step.")


class WaferMapSerializer(serializers.Serializer[Any]):
    """All dies of a wafer at a step, in order of y and x."""

    wafer = serializers.CharField()
    step = serializers.CharField()
    dies = DieSerializer(many=True)


class WaferMapView(TableView):
    """The map of one wafer."""

    rights = "testing.view_unitresult"
    query_parameters = frozenset({"step"})

    @extend_schema(
        summary="Wafer map at a step: JSON, CSV, Parquet or Arrow",
        operation_id="wafer_map",
        parameters=[
            OpenApiParameter(
                "step", {"type": "string", "minLength": 1, "maxLength": 32}, required=True,
                description="Step code.",
            )
        ],
        responses=table_responses(WaferMapSerializer),
    )  # fmt: skip
    def get(self, request: Request, code: str) -> HttpResponseBase:
        """Dies as their deciding insertions left them. 404 for an unknown wafer or step."""
        kind = self.streamed_kind(request)
        wafer = wafer_by_code(code)
        if wafer is None:
            raise MissingError(f"There is no wafer {code}. Check the code.")
        word = request.query_params.get("step", "")
        step = Step.objects.filter(lot_steps__runs__run_wafers__wafer=wafer, code=word).first()
        if step is None:
            raise MissingError(f"Wafer {code} has no results at step {word!r}.", step=word)
        dies = wafer_map(wafer, step)
        if kind:
            pieces = iter([map_piece(dies)])
            return table_answer(pieces, schema_of(MAP_COLUMNS), kind, "map")
        body = {"wafer": wafer.code, "step": step.code, "dies": dies}
        return Response(WaferMapSerializer(body).data)
