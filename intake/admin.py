from __future__ import annotations

from django.contrib import admin
from django.contrib.admin import display
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from intake.models import FeedRow, MatchRule, RawFile
from supplychain.base.admin import HistoryAdmin, TableAdmin, page_link


@admin.register(RawFile)
class RawFileAdmin(HistoryAdmin):
    list_display = ("file_page", "kind", "state", "message", "lot", "step", "size", "received_at")
    list_display_links = None
    list_select_related = ("lot", "step")
    list_filter = (("state", ChoicesDropdownFilter), ("received_at", RangeDateTimeFilter))
    search_fields = ("name__startswith", "sha256__startswith")
    search_help_text = "Start of a file name or checksum"

    @display(description="File")
    def file_page(self, file: RawFile) -> SafeString:
        return page_link("operations:file-detail", file.sha256, file.name)


@admin.register(FeedRow)
class FeedRowAdmin(HistoryAdmin):
    list_display = ("row_page", "op_key", "state", "occurred_at", "reason")
    list_display_links = ("op_key",)
    list_select_related = ("file",)
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("op_key__startswith",)
    search_help_text = "Start of an operation key"

    @display(description="File, row")
    def row_page(self, row: FeedRow) -> SafeString:
        name = f"{row.file.name}, row {row.number}"
        return page_link("operations:file-detail", row.file.sha256, name)


@admin.register(MatchRule)
class MatchRuleAdmin(TableAdmin):
    list_display = ("name", "priority", "step_code", "file_pattern", "flow_pattern", "is_enabled")
    ordering = ("priority", "id")

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return bool(super(TableAdmin, self).has_delete_permission(request, obj))
