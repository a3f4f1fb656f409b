from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin, SimpleListFilter, display
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display as unfold_display

from lots.domain.words import LotState
from lots.models import Hold, Lot, Unit, Wafer
from supplychain.base.admin import HistoryAdmin, page_link, pick_box

OPEN_HOLD = Hold.objects.filter(lot=OuterRef("pk"), released_at__isnull=True)


class AttentionFilter(SimpleListFilter):
    title = "attention"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [("held", "On hold"), ("late", "Late"), ("hot", "Hot lot")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lot]) -> QuerySet[Lot]:
        if self.value() == "held":
            return queryset.filter(Exists(OPEN_HOLD))
        if self.value() == "late":
            return queryset.filter(state=LotState.ACTIVE, due_on__lt=timezone.localdate())
        if self.value() == "hot":
            return queryset.filter(is_hot=True)
        return queryset


class OpenHoldFilter(SimpleListFilter):
    title = "state"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [("1", "Open"), ("0", "Released")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        if self.value() in {"0", "1"}:
            return queryset.filter(released_at__isnull=self.value() == "1")
        return queryset


@admin.register(Lot)
class LotAdmin(HistoryAdmin):
    """Lots change by what happens to them; their page offers the verbs."""

    list_display = (
        "lot_page",
        "product",
        "step",
        "custodian",
        "state_word",
        "held",
        "quantity",
        "unit_of_measure",
        "step_entered_at",
        "due_on",
    )
    list_display_links = None
    list_select_related = ("product", "step", "custodian", "route_version__route")
    list_filter = (
        AttentionFilter,
        ("state", ChoicesDropdownFilter),
        ("product", RelatedDropdownFilter),
        ("custodian", RelatedDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("purpose", ChoicesDropdownFilter),
    )
    search_fields = ("code__startswith",)
    search_help_text = "Start of a lot code"

    def get_list_display(self, request: HttpRequest) -> Sequence[str]:
        """With a box before each row for those who may do something with what is ticked."""
        rights = (f"lots.{codename}" for codename, _ in Lot._meta.permissions)
        is_picking = any(request.user.has_perm(right) for right in rights)
        return ("action_checkbox", *self.list_display) if is_picking else self.list_display

    @display(description="Pick")
    def action_checkbox(self, obj: Model) -> str:
        """Its class is ours: the admin's script for ticked rows looks for the admin's own bar."""
        return pick_box(obj, "sc-pick")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lot]:
        rows: QuerySet[Lot] = super().get_queryset(request)
        return rows.annotate(is_held=Exists(OPEN_HOLD))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lot], search_term: str
    ) -> tuple[QuerySet[Lot], bool]:
        """As written or in capitals, as most codes are: both are found by the index."""
        found, is_doubled = super().get_search_results(request, queryset, search_term)
        capital, _ = super().get_search_results(request, queryset, search_term.upper())
        return found | capital, is_doubled

    @display(description="Lot")
    def lot_page(self, lot: Lot) -> SafeString:
        return page_link("operations:lot-detail", lot.code)

    @display(description="State")
    def state_word(self, lot: Lot) -> str:
        return lot.get_state_display()

    @unfold_display(description="Hold", label={"On hold": "warning"})  # type: ignore[untyped-decorator]
    def held(self, lot: Any) -> str | None:
        return "On hold" if lot.is_held else None


@admin.register(Hold)
class HoldAdmin(HistoryAdmin):
    list_display = (
        "lot_page",
        "hold_class",
        "reason",
        "owner",
        "placed_at",
        "due_on",
        "released_at",
        "disposition",
    )
    list_display_links = None
    list_select_related = ("lot", "owner")
    list_filter = (OpenHoldFilter, ("hold_class", ChoicesDropdownFilter))
    search_fields = ("lot__code__startswith",)
    search_help_text = "Start of a lot code"

    @display(description="Lot")
    def lot_page(self, hold: Hold) -> SafeString:
        return page_link("operations:lot-detail", hold.lot.code)


@admin.register(Wafer)
class WaferAdmin(HistoryAdmin):
    list_display = ("wafer_page", "lot", "number", "is_diced", "is_scrapped", "is_withdrawn")
    list_display_links = None
    list_select_related = ("lot",)
    list_filter = ("is_diced", "is_scrapped", "is_withdrawn")
    search_fields = ("code__startswith",)
    search_help_text = "Start of a wafer code"

    @display(description="Wafer")
    def wafer_page(self, wafer: Wafer) -> SafeString:
        return page_link("operations:wafer-detail", wafer.code)


@admin.register(Unit)
class UnitAdmin(HistoryAdmin):
    list_display = ("unit_page", "kind", "product", "lot", "wafer", "x", "y", "state", "trust")
    list_display_links = None
    list_select_related = ("product", "lot", "wafer")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("trust", ChoicesDropdownFilter),
        ("product", RelatedDropdownFilter),
    )
    search_fields = ("serial__startswith",)
    search_help_text = "Start of a serial, as written"

    @display(description="Serial")
    def unit_page(self, unit: Unit) -> SafeString:
        return page_link("operations:unit-detail", unit.serial)
