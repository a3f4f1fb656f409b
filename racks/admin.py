from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from racks.models import (
    Commissioning,
    CommissioningReading,
    CoolantWindow,
    Hall,
    Placement,
    Rack,
    RackPlacement,
    Site,
)
from supplychain.base.admin import HistoryAdmin, HistoryInline, TableAdmin, page_link


@admin.register(Site)
class SiteAdmin(TableAdmin):
    list_display = ("code", "name", "country")
    search_fields = ("code__startswith",)
    ordering = ("code",)


@admin.register(Hall)
class HallAdmin(TableAdmin):
    list_display = ("site", "code")
    list_select_related = ("site",)
    list_filter = (("site", RelatedDropdownFilter),)
    search_fields = ("code__startswith",)


class RackPlacementInline(HistoryInline):
    model = RackPlacement
    fields = ("position", "valid_from", "valid_to")


@admin.register(Rack)
class RackAdmin(HistoryAdmin):
    list_display = ("rack_page", "name", "recorded_at")
    list_display_links = None
    search_fields = ("serial__startswith",)
    inlines = (RackPlacementInline,)

    @display(description="Rack")
    def rack_page(self, rack: Rack) -> SafeString:
        return page_link("operations:rack-detail", rack.serial)


@admin.register(Placement)
class PlacementAdmin(HistoryAdmin):
    list_display = ("unit_page", "rack_page", "slot_number", "valid_from", "valid_to")
    list_display_links = None
    list_select_related = ("unit", "slot__rack")
    search_fields = ("unit__serial__startswith", "slot__rack__serial__startswith")
    search_help_text = "Start of a unit's or rack's serial"

    @display(description="Unit")
    def unit_page(self, placement: Placement) -> SafeString:
        return page_link("operations:unit-detail", placement.unit.serial)

    @display(description="Rack")
    def rack_page(self, placement: Placement) -> SafeString:
        return page_link("operations:rack-detail", placement.slot.rack.serial)

    @display(description="Slot")
    def slot_number(self, placement: Placement) -> int:
        return placement.slot.number


class CommissioningReadingInline(HistoryInline):
    model = CommissioningReading
    fields = ("kind", "value", "limit_low", "limit_high", "verdict", "measured_at")


@admin.register(Commissioning)
class CommissioningAdmin(HistoryAdmin):
    list_display = ("rack", "verdict", "kilowatts", "window", "started_at", "finished_at")
    list_select_related = ("rack", "window")
    list_filter = (("verdict", ChoicesDropdownFilter),)
    search_fields = ("rack__serial__startswith",)
    inlines = (CommissioningReadingInline,)


@admin.register(CoolantWindow)
class CoolantWindowAdmin(TableAdmin):
    """What a fluid must keep to. A change is a new version."""

    list_display = ("fluid", "version", "supply_celsius_min", "supply_celsius_max")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)
