from __future__ import annotations

from collections import defaultdict
from typing import Any, ClassVar

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView

from racks.models import (
    Commissioning,
    CommissioningReading,
    Rack,
    RackPlacement,
    RackPosition,
    Site,
)
from racks.selectors import (
    Deployed,
    SlotView,
    deployed,
    latest_commissionings,
    listed_racks,
    listed_sites,
    rack_elevation,
)
from supplychain.base.api import KeysetPagination, StrictQueryMixin


class DeployedSerializer(serializers.Serializer[Deployed]):
    family = serializers.CharField()
    product = serializers.CharField()
    is_chip = serializers.BooleanField()
    unit_count = serializers.IntegerField()
    megawatts = serializers.FloatField(help_text="Beyond the parts inside, so that rows add up.")


class SiteSerializer(serializers.ModelSerializer[Site]):
    rack_count = serializers.IntegerField()
    chip_count = serializers.SerializerMethodField()
    megawatts = serializers.SerializerMethodField()
    deployed = serializers.SerializerMethodField()

    class Meta:
        model = Site
        fields = [
            "code", "name", "country", "rack_count", "chip_count", "megawatts", "deployed",
        ]  # fmt: skip

    def get_chip_count(self, site: Site) -> int:
        return sum(row.unit_count for row in self._rows(site) if row.is_chip)

    def get_megawatts(self, site: Site) -> float:
        return sum(row.megawatts for row in self._rows(site))

    @extend_schema_field(DeployedSerializer(many=True))
    def get_deployed(self, site: Site) -> Any:
        rows: Any = self._rows(site)
        return DeployedSerializer(rows, many=True).data

    def _rows(self, site: Site) -> list[Deployed]:
        rows: list[Deployed] = self.context["deployed"][site.code]
        return rows


class RackSerializer(serializers.ModelSerializer[Rack]):
    site = serializers.SerializerMethodField()
    hall = serializers.SerializerMethodField()
    position = serializers.SerializerMethodField()
    slot_count = serializers.IntegerField()
    unit_count = serializers.IntegerField(help_text="Slots that are filled.")

    class Meta:
        model = Rack
        fields = ["serial", "name", "site", "hall", "position", "slot_count", "unit_count"]

    def get_site(self, rack: Rack) -> str | None:
        position = _position(rack)
        return position.hall.site.code if position else None

    def get_hall(self, rack: Rack) -> str | None:
        position = _position(rack)
        return position.hall.code if position else None

    def get_position(self, rack: Rack) -> str | None:
        position = _position(rack)
        return position.code if position else None


def _position(rack: Rack) -> RackPosition | None:
    """Where the rack stands, as `listed_racks` brought it along."""
    standing: list[RackPlacement] = getattr(rack, "standing", [])
    return standing[0].position if standing else None


class SlotSerializer(serializers.Serializer[SlotView]):
    number = serializers.IntegerField()
    kind = serializers.CharField()
    serial = serializers.CharField(source="unit.serial", default=None, allow_null=True)
    product = serializers.CharField(source="unit.product.code", default=None, allow_null=True)
    lot = serializers.CharField(source="unit.lot.code", default=None, allow_null=True)
    since = serializers.DateTimeField(allow_null=True)


class ReadingSerializer(serializers.ModelSerializer[CommissioningReading]):
    class Meta:
        model = CommissioningReading
        fields = ["kind", "value", "limit_low", "limit_high", "verdict", "measured_at"]


class CommissioningSerializer(serializers.ModelSerializer[Commissioning]):
    window = serializers.CharField(source="window.__str__")
    readings = ReadingSerializer(many=True)

    class Meta:
        model = Commissioning
        fields = ["window", "kilowatts", "verdict", "started_at", "finished_at", "readings"]


class RackDetailSerializer(RackSerializer):
    slots = serializers.SerializerMethodField()
    commissioning = serializers.SerializerMethodField(help_text="The latest round; null: none yet.")

    class Meta(RackSerializer.Meta):
        fields = [*RackSerializer.Meta.fields, "slots", "commissioning"]

    @extend_schema_field(SlotSerializer(many=True))
    def get_slots(self, rack: Rack) -> Any:
        slots: Any = rack_elevation(rack)
        return SlotSerializer(slots, many=True).data

    @extend_schema_field(CommissioningSerializer(allow_null=True))
    def get_commissioning(self, rack: Rack) -> Any:
        latest = latest_commissionings().filter(rack=rack).first()
        return CommissioningSerializer(latest).data if latest else None


class SitePagination(KeysetPagination):
    ordering: ClassVar[str] = "code"


class RackFilter(filters.FilterSet):
    """Where racks stand now."""

    site = filters.CharFilter(method="at_site", max_length=32, label="Site code.")

    class Meta:
        model = Rack
        fields: list[str] = []

    def at_site(self, racks: QuerySet[Rack], name: str, value: str) -> QuerySet[Rack, Any]:
        return racks.filter(
            placements__position__hall__site__code=value, placements__valid_to__isnull=True
        )


@extend_schema(summary="Sites with chips and megawatts in place")
class SiteListView(StrictQueryMixin, ListAPIView[Site]):
    queryset = listed_sites()
    serializer_class = SiteSerializer
    pagination_class = SitePagination

    def get_serializer_context(self) -> dict[str, Any]:
        by_site: dict[str, list[Deployed]] = defaultdict(list)
        if not getattr(self, "swagger_fake_view", False):
            for row in deployed():
                by_site[row.site].append(row)
        return {**super().get_serializer_context(), "deployed": by_site}


@extend_schema(summary="Racks, newest first")
class RackListView(StrictQueryMixin, ListAPIView[Rack]):
    queryset = listed_racks()
    serializer_class = RackSerializer
    filterset_class = RackFilter


@extend_schema(summary="One rack: its slots from the bottom up, and its latest commissioning")
class RackDetailView(StrictQueryMixin, RetrieveAPIView[Rack]):
    queryset = listed_racks()
    serializer_class = RackDetailSerializer
    lookup_field = "serial"
