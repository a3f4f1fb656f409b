from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import action, display
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from intake.models import FeedRow, RawFile
from intake.services import replay_rows, retry_file
from supplychain.base.admin import Deed, HistoryAdmin, actor, confirmed, page_link, with_selected


@admin.register(RawFile)
class RawFileAdmin(HistoryAdmin):
    list_display = ("file_page", "kind", "state", "message", "lot", "step", "size", "received_at")
    list_display_links = None
    list_select_related = ("lot", "step")
    list_filter = (("state", ChoicesDropdownFilter), ("received_at", RangeDateTimeFilter))
    search_fields = ("name__startswith", "sha256__startswith")
    search_help_text = "Start of a file name or checksum"
    actions = ("try_again",)

    @display(description="File")
    def file_page(self, file: RawFile) -> SafeString:
        return page_link("operations:file-detail", file.sha256, file.name)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("intake.change_rawfile")

    @action(description="Try again", permissions=["retry"])
    def try_again(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        deed = Deed(
            "try_again",
            "Try again",
            "These files are loaded again now; what was recorded before stays.",
            lambda row: retry_file(file=row),
        )
        return confirmed(self, request, rows, deed)


@admin.register(FeedRow)
class FeedRowAdmin(HistoryAdmin):
    list_display = ("row_page", "op_key", "state", "occurred_at", "reason", "awaits")
    list_display_links = ("op_key",)
    list_select_related = ("file",)
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("op_key__startswith",)
    search_help_text = "Start of an operation key"
    actions = ("replay", "drop")

    @display(description="File, row")
    def row_page(self, row: FeedRow) -> SafeString:
        address = reverse("operations:file-row", args=[row.file.sha256, row.number])
        name = f"{row.file.name}, row {row.number}"
        return format_html('<a class="sc-page-link" href="{}">{}</a>', address, name)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("intake.change_feedrow")

    @action(description="Try again", permissions=["replay"])
    def replay(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        deed = Deed(
            "replay",
            "Try again",
            "These rows leave quarantine and are applied if the rules allow it now.",
            lambda row: replay_rows(rows=[row], actor=actor(request)),
        )
        return confirmed(self, request, rows, deed)

    @action(description="Drop", permissions=["replay"])
    def drop(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return with_selected(request, "operations:file-rows-act", rows, "drop")
