"""What stands in service against the plan, month by month."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from finance.api import parameters
from finance.api.reading import logged
from finance.api.registers import RegisterView
from finance.api.serializers import MoneyField, UnitsField
from finance.domain.plan_comparing import Compared, ComparedMonth
from finance.domain.queries import as_of_date, as_of_seq
from finance.selectors.asset_plans import asset_plan, plan_in_force, plan_view
from finance.selectors.calendar import entity
from finance.selectors.ledger import watermark
from supplychain.base.snapshots import snapshot


class ComparedSerializer(serializers.Serializer[Compared]):
    """actual: null where its month has not come. ratio: of the difference against the plan."""

    planned = MoneyField(allow_null=True)
    actual = MoneyField(allow_null=True)
    difference = MoneyField(allow_null=True)
    ratio = MoneyField(allow_null=True)


class ComparedUnitsSerializer(serializers.Serializer[Compared]):
    """In whole units."""

    planned = UnitsField(allow_null=True)
    actual = UnitsField(allow_null=True)
    difference = UnitsField(allow_null=True)
    ratio = MoneyField(allow_null=True)


class ComparedMonthSerializer(serializers.Serializer[ComparedMonth]):
    """At the end of the month: units in service, and what each costs on average."""

    item = serializers.CharField()
    month = serializers.CharField()
    quantity = ComparedUnitsSerializer()
    unit = ComparedSerializer(help_text="Of one unit: a server, an UltraServer, a system.")
    chip = ComparedSerializer()
    megawatt = ComparedSerializer()


class AssetPlanSerializer(serializers.Serializer[Any]):
    as_of_seq = serializers.IntegerField()
    as_of_date = serializers.DateField(allow_null=True)
    plan = serializers.CharField(allow_null=True, help_text="Null while none is in force.")
    results = ComparedMonthSerializer(many=True)


class AssetPlanView(RegisterView):
    """Units in service and their cost against the plan."""

    rights = "finance.view_assetplan"
    query_parameters: ClassVar[frozenset[str]] = frozenset({"plan", "as_of_seq", "as_of_date"})

    @extend_schema(
        operation_id="finance_asset_plan",
        summary="Assets against the plan",
        parameters=[
            OpenApiParameter("plan", str, description="Another than the one in force, drafts too."),
            parameters.AS_OF_SEQ,
            parameters.AS_OF_DATE,
        ],
        responses=AssetPlanSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """By item and month; nothing without a plan."""
        given = request.query_params.dict()
        seq, day = as_of_seq(given), as_of_date(given)
        today = entity().today()
        with snapshot():
            mark = watermark(seq)
            named = given.get("plan")
            plan = asset_plan(named) if named else plan_in_force(day or today)
            view = plan and plan_view(plan, as_of_seq=mark.seq, today=today, day=day)
        months = view.months if view else []
        content = {
            "as_of_seq": mark.seq,
            "as_of_date": day,
            "plan": plan.code if plan else None,
            "results": months,
        }
        shown = AssetPlanSerializer(content).data
        return logged(request, shown, len(months), mark.seq)
