"""Tracing for programs: the same answers as the pages of a unit."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from operations.selectors.concerns import concerns_of, issues_about
from operations.selectors.trace import Trace, serial_in_slot, trace_of
from supplychain.base.api import StrictQueryMixin


class TracedUnitSerializer(serializers.Serializer[Any]):
    """Who it is, and the lot, wafer and die position it comes from."""

    serial = serializers.CharField()
    kind = serializers.CharField()
    product = serializers.CharField(source="product.code")
    state = serializers.CharField()
    trust = serializers.CharField(help_text="`declared` where only the vendor says so.")
    lot = serializers.CharField(source="lot.code", default=None, allow_null=True)
    wafer = serializers.CharField(source="wafer.code", default=None, allow_null=True)
    x = serializers.IntegerField(allow_null=True, help_text="Die steps; null off a wafer.")
    y = serializers.IntegerField(allow_null=True)


class TraceNodeSerializer(serializers.Serializer[Any]):
    """A unit reached over one genealogy edge or more."""

    unit = TracedUnitSerializer()
    built_into = serializers.CharField(source="edge.parent.serial")
    position = serializers.CharField(source="edge.position", help_text="Its place in the parent.")
    depth = serializers.IntegerField(help_text="1 for the nearest.")
    since = serializers.DateTimeField(source="edge.valid_from")


class PlaceSerializer(serializers.Serializer[Any]):
    """The rack slot, and where that rack stands; site, hall and position empty if not placed."""

    site = serializers.CharField()
    hall = serializers.CharField()
    position = serializers.CharField()
    rack = serializers.CharField()
    slot = serializers.IntegerField()
    since = serializers.DateTimeField()


class MaterialSerializer(serializers.Serializer[Any]):
    """Parts without serials from one lot, and the unit whose assembly took them."""

    serial = serializers.CharField()
    lot = serializers.CharField(source="lot_code")
    product = serializers.CharField()
    quantity = serializers.IntegerField(help_text="Taken for all units of that assembly.")
    seq = serializers.IntegerField(help_text="Of the assembly in the event ledger.")
    retold_seq = serializers.IntegerField(
        allow_null=True, help_text="Of the reissue that says so; null as the assembly said it."
    )
    occurred_at = serializers.DateTimeField()


class HeldLotSerializer(serializers.Serializer[Any]):
    """An open hold on the unit's own lot, the lot of a part in it, or one of their material."""

    lot = serializers.CharField(source="lot.code")
    reason = serializers.CharField()
    placed_at = serializers.DateTimeField()


class TraceSerializer(serializers.Serializer[Any]):
    """Both directions from one unit: up to its rack slot, down to dies on their wafers."""

    unit = TracedUnitSerializer()
    containers = serializers.ListField(child=TraceNodeSerializer())
    parts = serializers.ListField(child=TraceNodeSerializer())
    materials = serializers.ListField(child=MaterialSerializer())
    lot = serializers.CharField(source="unit.lot.code", default=None, allow_null=True)
    wafer = serializers.CharField(source="unit.wafer.code", default=None, allow_null=True)
    x = serializers.IntegerField(source="unit.x", allow_null=True)
    y = serializers.IntegerField(source="unit.y", allow_null=True)
    placement = PlaceSerializer(source="place", allow_null=True)
    trust = serializers.CharField(source="unit.trust")
    holds = serializers.SerializerMethodField()
    issues = serializers.SerializerMethodField(
        help_text="Numbers of open issues about the unit or its lots; null without the right."
    )

    @extend_schema_field(HeldLotSerializer(many=True))
    def get_holds(self, trace: Trace) -> Any:
        """Open holds on its lots, oldest first; at most 50."""
        return HeldLotSerializer(concerns_of(trace).holds, many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.CharField(), allow_null=True))
    def get_issues(self, trace: Trace) -> list[str] | None:
        """Newest first; at most 50."""
        if not self.context["may_see_issues"]:
            return None
        return [issue.number for issue in issues_about(trace)]


def traced(request: Request, serial: str) -> Response:
    """The unit's trace, with issues for those who may see them."""
    context = {"may_see_issues": request.user.has_perm("quality.view_issue")}
    return Response(TraceSerializer(trace_of(serial), context=context).data)


class UnitTraceView(StrictQueryMixin):
    """Trace of one unit by serial."""

    rights = "lots.view_unit"

    @extend_schema(
        summary="Where a unit is and what it is made of",
        operation_id="unit_trace",
        responses=TraceSerializer,
    )
    def get(self, request: Request, serial: str) -> Response:
        """Containers up to the rack slot, parts down to die, wafer, X and Y."""
        return traced(request, serial)


class SlotTraceView(StrictQueryMixin):
    """Trace of what sits in a rack slot."""

    rights = "lots.view_unit"

    @extend_schema(
        summary="What sits in a rack slot, down to die, wafer, X and Y",
        operation_id="slot_trace",
        responses=TraceSerializer,
    )
    def get(self, request: Request, serial: str, number: int) -> Response:
        """The unit in the slot now, traced both ways."""
        return traced(request, serial_in_slot(serial, number))
