"""Step yield of a lot over HTTP, from the ledger."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lots.models import Lot
from quality.selectors.step_flow import step_results
from supplychain.base.api import StrictQueryMixin
from supplychain.base.errors import MissingError


class StepYieldQuerySerializer(serializers.Serializer[dict[str, Any]]):
    lot = serializers.CharField(max_length=64, help_text="Lot code.")


class StepYieldSerializer(serializers.Serializer[Any]):
    """One step that the lot has left. Ratios 0 to 1, null when nothing entered."""

    step = serializers.CharField(source="step.code")
    route_version = serializers.CharField(source="step.route_version")
    unit_of_measure = serializers.CharField(source="flow.unit_of_measure")
    entered = serializers.IntegerField(source="flow.entered")
    lost = serializers.IntegerField(
        source="flow.lost", help_text="For reasons that count in yield, less what was found again."
    )
    reworked = serializers.IntegerField(
        source="flow.reworked", help_text="Of those that went on, for a reason that counts."
    )
    left = serializers.IntegerField(source="flow.left", help_text="Good units that went on.")
    step_ratio = serializers.FloatField(source="flow.ratio", allow_null=True)
    first_time_ratio = serializers.FloatField(
        source="flow.first_time_ratio", allow_null=True, help_text="Without the reworked."
    )


class StepYieldView(StrictQueryMixin):
    rights = "quality.view_yieldfigure"
    query_parameters: ClassVar[frozenset[str]] = frozenset(StepYieldQuerySerializer().fields)

    @extend_schema(
        summary="What went into each step of a lot and what came out, in the order it went",
        operation_id="step_yield_list",
        parameters=[StepYieldQuerySerializer],
        responses=StepYieldSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Only steps that the lot has left."""
        query = StepYieldQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        lot = Lot.objects.filter(code=query.validated_data["lot"]).first()
        if lot is None:
            raise MissingError("There is no such lot.", field="lot")
        return Response(StepYieldSerializer(step_results(lot.pk), many=True).data)
