"""What burn-in says about life in use, over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from quality.domain.burn_in_plans import Assumed
from quality.selectors.lives import Reliability, burnt_in_products, reliability
from supplychain.base.api import StrictQueryMixin
from supplychain.base.errors import MissingError


class ReliabilityQuerySerializer(serializers.Serializer[dict[str, Any]]):
    """Temperatures are of the junction. gamma: per volt; left out, voltage counts for nothing."""

    product = serializers.CharField(max_length=64)
    step = serializers.CharField(max_length=32, default="")
    use_celsius = serializers.FloatField()
    stress_celsius = serializers.FloatField()
    activation_ev = serializers.FloatField(default=0.7)
    gamma = serializers.FloatField(default=0.0)
    use_volt = serializers.FloatField(default=0.0)
    stress_volt = serializers.FloatField(default=0.0)
    confidence = serializers.FloatField(default=0.6, help_text="Of bounds, 0.5 to 0.999.")
    early_hours = serializers.FloatField(default=8760.0, help_text="Of use, counted as early.")
    ppm_max = serializers.FloatField(default=1000.0, help_text="Early fails that are allowed.")


class FailureRateSerializer(serializers.Serializer[Any]):
    activation_ev = serializers.FloatField()
    acceleration = serializers.FloatField(help_text="Hours of use for an hour of burn-in.")
    fit = serializers.FloatField(help_text="Failures in 1e9 h of use, upper bound.")
    early_ppm = serializers.FloatField(help_text="Units per million in early life, upper bound.")


class FittedLifeSerializer(serializers.Serializer[Any]):
    shape = serializers.FloatField()
    scale_hours = serializers.FloatField(source="scale")


class BurnInPlanSerializer(serializers.Serializer[Any]):
    hours = serializers.FloatField()
    lost_ratio = serializers.FloatField(source="lost", help_text="Of the units, in burn-in.")
    early_ppm = serializers.FloatField(help_text="Of those that pass, in early life.")


class LotLostSerializer(serializers.Serializer[Any]):
    lot = serializers.CharField()
    step = serializers.CharField()
    finished_at = serializers.DateTimeField()
    submitted = serializers.IntegerField(source="fallout.submitted")
    failed = serializers.IntegerField(source="fallout.failed")
    allowed = serializers.IntegerField(source="fallout.allowed")
    is_exceeded = serializers.BooleanField(source="fallout.is_exceeded")


class ReliabilitySerializer(serializers.Serializer[Reliability]):
    """rate, life, hours_needed: null where they cannot be told. lots: against PDA, oldest first."""

    method = serializers.CharField()
    units = serializers.IntegerField(source="lives.units")
    failed = serializers.SerializerMethodField()
    left_out = serializers.IntegerField(source="lives.left_out")
    device_hours = serializers.FloatField(source="lives.hours", help_text="Proven, under stress.")
    defective_ppm = serializers.FloatField(help_text="Found bad by burn-in, upper bound.")
    units_to_prove = serializers.IntegerField(source="proof")
    rate = FailureRateSerializer(allow_null=True)
    sensitivity = FailureRateSerializer(many=True)
    life = FittedLifeSerializer(allow_null=True)
    plans = BurnInPlanSerializer(many=True)
    hours_needed = serializers.FloatField(source="needed", allow_null=True)
    lots = LotLostSerializer(many=True)

    def get_failed(self, found: Reliability) -> int:
        return len(found.lives.failed)


class ReliabilityView(StrictQueryMixin):
    rights = "testing.view_burninunit"
    query_parameters: ClassVar[frozenset[str]] = frozenset(ReliabilityQuerySerializer().fields)

    @extend_schema(
        summary="Failure rate, fitted life and burn-in times of a product, from its oven loads",
        operation_id="reliability",
        parameters=[ReliabilityQuerySerializer],
        responses=ReliabilitySerializer,
    )
    def get(self, request: Request) -> Response:
        query = ReliabilityQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        said = dict(query.validated_data)
        code, step = said.pop("product"), said.pop("step")
        product = burnt_in_products().filter(code=code).first()
        if product is None:
            raise MissingError("No unit of such a product was burnt in.", field="product")
        return Response(ReliabilitySerializer(reliability(product, step, Assumed(**said))).data)
