"""Costs rolled up: the assumptions of a version, what each cost is built of, and preparing one."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from finance.api.reading import BooksMixin
from finance.api.serializers import MoneyField
from finance.domain.assumptions import ROWS_MAX, SOURCE_MAX
from finance.domain.rollup import roll_up
from finance.domain.rollup_changes import Explanation, explain
from finance.domain.words import AssumptionKind
from finance.models import CostVersion
from finance.selectors.costs import cost_version
from finance.selectors.rollups import assumption_rows, assumptions_of, stage_codes
from finance.services.cost_import import RIGHT as PREPARE
from finance.services.rollups import prepare_roll_up
from supplychain.base.choices import choices

LOOK = "finance.view_costversion"
CODE_MAX, WORD_MAX = 32, 64


class AssumptionSerializer(serializers.Serializer[Any]):
    """value: money for prices and conversion, a count of dies or components, a ratio of yield."""

    kind = serializers.ChoiceField(choices=choices(AssumptionKind))
    item = serializers.CharField(max_length=WORD_MAX)
    stage = serializers.CharField(max_length=WORD_MAX)
    component = serializers.CharField(
        max_length=WORD_MAX, allow_blank=True, default="", help_text="Of a bill only."
    )
    supplier = serializers.CharField(max_length=WORD_MAX, allow_blank=True, default="")
    value = MoneyField()
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=SOURCE_MAX, allow_blank=True, default=""
    )


class AssumptionLineSerializer(AssumptionSerializer):
    line = serializers.IntegerField()


class RolledCostSerializer(serializers.Serializer[Any]):
    """material + yield_loss + conversion + parts = unit_cost, exactly."""

    item = serializers.CharField()
    stage = serializers.CharField()
    supplier = serializers.CharField(allow_blank=True, help_text="Empty for lots of all others.")
    unit_cost = MoneyField()
    yield_ratio = serializers.DecimalField(max_digits=7, decimal_places=6, allow_null=True)
    material = MoneyField(source="build_up.material")
    yield_loss = MoneyField(source="build_up.yield_loss")
    conversion = MoneyField(source="build_up.conversion")
    parts = MoneyField(source="build_up.parts")


class MovedSerializer(serializers.Serializer[Any]):
    item = serializers.CharField()
    stage = serializers.CharField()
    supplier = serializers.CharField(allow_blank=True)
    before = MoneyField(allow_null=True)
    after = MoneyField(allow_null=True)
    change = MoneyField()


class AssumptionChangeSerializer(serializers.Serializer[Any]):
    before = AssumptionLineSerializer(allow_null=True)
    after = AssumptionLineSerializer(allow_null=True)


class StepSerializer(serializers.Serializer[Any]):
    changes = AssumptionChangeSerializer(many=True)
    moved = MovedSerializer(many=True)


class ExplanationSerializer(serializers.Serializer[Any]):
    """One change after another, on top of those before it: steps sum to moved for each cost."""

    against = serializers.CharField()
    steps = StepSerializer(many=True)
    moved = MovedSerializer(many=True)


class RollUpSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    effective_on = serializers.DateField()
    prepared_by = serializers.CharField()
    approved_by = serializers.CharField(allow_null=True)
    assumptions = AssumptionLineSerializer(many=True)
    results = RolledCostSerializer(many=True)
    explanation = ExplanationSerializer(allow_null=True)


class RollUpOrderSerializer(serializers.Serializer[Any]):
    version = serializers.CharField(max_length=CODE_MAX)
    effective_on = serializers.DateField()
    assumptions = serializers.ListField(child=AssumptionSerializer(), max_length=ROWS_MAX)


class RollUpListView(BooksMixin):
    """Preparing a version from assumptions."""

    rights = PREPARE

    @extend_schema(
        operation_id="finance_cost_roll_up_create",
        summary="Roll standard costs up as a draft",
        request=RollUpOrderSerializer,
        responses={201: RollUpSerializer},
    )
    def post(self, request: Request) -> Response:
        """Lines of the bills are added; a draft of yours is replaced, for somebody to approve."""
        shape = RollUpOrderSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        said = shape.validated_data
        rows = [{**row, "value": str(row["value"])} for row in said["assumptions"]]
        version = prepare_roll_up(
            code=said["version"],
            effective_on=said["effective_on"],
            table=assumption_rows(rows),
            preparer=cast("User", request.user),
        )
        return Response(RollUpSerializer(_told(version, None)).data, status=201)


class RollUpDetailView(BooksMixin):
    """One version's assumptions and what they come to."""

    rights = LOOK
    query_parameters: ClassVar[frozenset[str]] = frozenset({"against"})

    @extend_schema(
        operation_id="finance_cost_roll_up_retrieve",
        summary="Assumptions and build-up of a cost version",
        parameters=[
            OpenApiParameter("against", str, description="Explain what differs from this version.")
        ],
        responses=RollUpSerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        """Empty lists for a version that was not rolled up."""
        against = request.query_params.get("against")
        version, other = cost_version(code), cost_version(against) if against else None
        content = RollUpSerializer(_told(version, other)).data
        return Response(content)


def _told(version: CostVersion, against: CostVersion | None) -> dict[str, Any]:
    stages, rows = stage_codes(), assumptions_of(version)
    rolled = roll_up(rows, stages)
    explanation = explain(assumptions_of(against), rows, stages) if against else None
    return {
        "version": version.code,
        "effective_on": version.effective_on,
        "prepared_by": version.prepared_by.username,
        "approved_by": version.approved_by.username if version.approved_by else None,
        "assumptions": rows,
        "results": [rolled[key] for key in sorted(rolled)],
        "explanation": _explained(against, explanation),
    }


def _explained(
    against: CostVersion | None, explanation: Explanation | None
) -> dict[str, Any] | None:
    if against is None or explanation is None:
        return None
    return {
        "against": against.code, "steps": explanation.steps, "moved": explanation.moved,
    }  # fmt: skip
