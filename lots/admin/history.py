from __future__ import annotations

from django.contrib import admin
from django.contrib.admin import display
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from lots.models import Event, EventLine, Genealogy
from supplychain.base.admin import HistoryAdmin, HistoryInline, page_link


class EventLineInline(HistoryInline):
    model = EventLine
    fields = ("lot", "unit_of_measure", "kind", "quantity", "expected")


@admin.register(Event)
class EventAdmin(HistoryAdmin):
    list_display = (
        "seq",
        "verb",
        "lot_page",
        "step_from",
        "step_to",
        "occurred_at",
        "recorded_at",
        "source",
        "actor",
    )
    list_select_related = ("lot", "step_from", "step_to", "actor")
    list_filter = (
        ("verb", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("occurred_at", RangeDateTimeFilter),
    )
    search_fields = ("lot__code__startswith", "op_key__startswith")
    search_help_text = "Start of a lot code or operation key"
    ordering = ("-seq",)
    inlines = (EventLineInline,)

    @display(description="Lot")
    def lot_page(self, event: Event) -> SafeString:
        return page_link("operations:lot-detail", event.lot.code)


@admin.register(Genealogy)
class GenealogyAdmin(HistoryAdmin):
    list_display = ("child_page", "parent_page", "position", "valid_from", "valid_to")
    list_display_links = None
    list_select_related = ("parent", "child")
    search_fields = ("child__serial__startswith", "parent__serial__startswith")
    search_help_text = "Start of a serial"

    @display(description="Part")
    def child_page(self, edge: Genealogy) -> SafeString:
        return page_link("operations:unit-detail", edge.child.serial)

    @display(description="Built into")
    def parent_page(self, edge: Genealogy) -> SafeString:
        return page_link("operations:unit-detail", edge.parent.serial)
