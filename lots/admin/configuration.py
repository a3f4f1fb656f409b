from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from lots.models import Bill, BillLine, Product, Route, RouteVersion, Step, Supplier
from supplychain.base.admin import TableAdmin, VersionAdmin


@admin.register(Supplier)
class SupplierAdmin(TableAdmin):
    list_display = ("code", "name", "role", "country")
    search_fields = ("code__startswith", "name__startswith")
    ordering = ("code",)


@admin.register(Product)
class ProductAdmin(TableAdmin):
    list_display = ("code", "name", "family", "stepping", "kind", "supplier", "power")
    list_select_related = ("supplier",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("supplier", RelatedDropdownFilter),
        "is_engineering",
    )
    search_fields = ("code__startswith", "family__startswith")
    ordering = ("code",)

    @display(description="Power, W")
    def power(self, product: Product) -> str:
        return "—" if product.power_watt is None else f"{product.power_watt:,.0f}"


class BillLineInline(TabularInline):
    model = BillLine
    extra = 0
    autocomplete_fields = ("component",)


@admin.register(Bill)
class BillAdmin(VersionAdmin):
    list_display = ("product", "version", "state", "released_at")
    list_select_related = ("product",)
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("product__code__startswith",)
    autocomplete_fields = ("product",)
    readonly_fields = ("state", "released_at")
    inlines = (BillLineInline,)


@admin.register(Route)
class RouteAdmin(TableAdmin):
    list_display = ("code", "name")
    search_fields = ("code__startswith",)
    ordering = ("code",)


class StepInline(TabularInline):
    model = Step
    extra = 0
    fields = (
        "sequence",
        "code",
        "name",
        "kind",
        "supplier",
        "days_min",
        "days_max",
        "requires_results",
    )
    autocomplete_fields = ("supplier",)


@admin.register(RouteVersion)
class RouteVersionAdmin(VersionAdmin):
    list_display = ("route", "version", "state", "released_at", "is_free")
    list_select_related = ("route",)
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("route__code__startswith",)
    readonly_fields = ("state", "released_at")
    inlines = (StepInline,)


@admin.register(Step)
class StepAdmin(TableAdmin):
    """Steps are changed in a draft of their route; this list is for looking up."""

    list_display = ("code", "route_version", "sequence", "name", "kind", "supplier", "days_max")
    list_select_related = ("route_version__route", "supplier")
    list_filter = (("kind", ChoicesDropdownFilter), ("supplier", RelatedDropdownFilter))
    search_fields = ("code__startswith", "name__startswith")
    ordering = ("route_version", "sequence")

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False
