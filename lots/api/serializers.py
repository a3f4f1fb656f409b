from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lots.models import Event, EventLine, Hold, Lot, LotLineage, Wafer
from lots.selectors import QuantitySum
from lots.selectors.queues import Clock, clocks_of


class EventLineSerializer(serializers.ModelSerializer[EventLine]):
    lot = serializers.CharField(source="lot.code")

    class Meta:
        model = EventLine
        fields = ["lot", "unit_of_measure", "kind", "quantity", "expected"]


class EventSerializer(serializers.ModelSerializer[Event]):
    lot = serializers.CharField(source="lot.code")
    step_from = serializers.CharField(source="step_from.code", default=None, allow_null=True)
    step_to = serializers.CharField(source="step_to.code", default=None, allow_null=True)
    actor = serializers.CharField(source="actor.username", default=None, allow_null=True)
    lines = EventLineSerializer(many=True)

    class Meta:
        model = Event
        fields = [
            "seq", "id", "op_key", "verb", "lot", "step_from", "step_to", "reported_quantity",
            "actor", "source", "source_reference", "request_id", "reason", "comment", "payload",
            "corrects", "occurred_at", "recorded_at", "sha256", "lines",
        ]  # fmt: skip


class LotSerializer(serializers.ModelSerializer[Lot]):
    product = serializers.CharField(source="product.code")
    route = serializers.CharField(source="route_version.route.code")
    route_version = serializers.IntegerField(source="route_version.version")
    step = serializers.CharField(source="step.code")
    custodian = serializers.CharField(source="custodian.code")
    is_on_hold = serializers.BooleanField()

    class Meta:
        model = Lot
        fields = [
            "code", "kind", "purpose", "is_hot", "product", "route", "route_version", "step",
            "step_entered_at", "custodian", "state", "is_on_hold", "unit_of_measure", "quantity",
            "started_at", "due_on", "customer", "is_pilot", "tracked_in_at", "equipment",
            "rework_attempt", "version", "recorded_at",
        ]  # fmt: skip


class HoldSerializer(serializers.ModelSerializer[Hold]):
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)
    releasing_role = serializers.CharField(
        source="releasing_role.name", default=None, allow_null=True
    )

    class Meta:
        model = Hold
        fields = [
            "id", "hold_class", "reason", "scope", "bin_number", "owner", "releasing_role",
            "due_on", "placed_at", "released_at", "disposition",
        ]  # fmt: skip


class WaferSerializer(serializers.ModelSerializer[Wafer]):
    class Meta:
        model = Wafer
        fields = ["code", "number", "is_diced", "is_scrapped", "is_withdrawn"]


class ParentSerializer(serializers.ModelSerializer[LotLineage]):
    lot = serializers.CharField(source="parent.code")

    class Meta:
        model = LotLineage
        fields = ["lot", "kind"]


class ChildSerializer(serializers.ModelSerializer[LotLineage]):
    lot = serializers.CharField(source="child.code")

    class Meta:
        model = LotLineage
        fields = ["lot", "kind"]


class QuantitySerializer(serializers.Serializer[QuantitySum]):
    unit_of_measure = serializers.CharField()
    kind = serializers.CharField()
    quantity = serializers.IntegerField()


class QueueTimeSerializer(serializers.Serializer[Clock]):
    from_step = serializers.CharField(source="from_code", help_text="Counted from its end.")
    to_step = serializers.CharField(source="to_code")
    since = serializers.DateTimeField()
    hours_max = serializers.FloatField()
    until = serializers.DateTimeField(help_text="Work at `to_step` must have begun by then.")


class LotDetailSerializer(LotSerializer):
    quantities = serializers.SerializerMethodField()
    holds = HoldSerializer(many=True)
    wafers = WaferSerializer(many=True)
    parents = ParentSerializer(source="parent_links", many=True)
    children = ChildSerializer(source="child_links", many=True)
    queue_times = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()

    class Meta(LotSerializer.Meta):
        fields = [
            *LotSerializer.Meta.fields, "quantities", "holds", "wafers", "parents", "children",
            "queue_times", "events",
        ]  # fmt: skip

    @extend_schema_field(QuantitySerializer(many=True))
    def get_quantities(self, lot: Lot) -> Any:
        return QuantitySerializer(self.context["quantities"], many=True).data

    @extend_schema_field(QueueTimeSerializer(many=True))
    def get_queue_times(self, lot: Lot) -> Any:
        return [QueueTimeSerializer(clock).data for clock in clocks_of(lot)]

    @extend_schema_field(EventSerializer(many=True))
    def get_events(self, lot: Lot) -> Any:
        return EventSerializer(self.context["events"], many=True).data
