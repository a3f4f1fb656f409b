from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin import action, display
from django.db.models import Case, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from finance.admin.prepared import Approval, PreparedAdmin
from finance.models import (
    AssetPlan,
    AssetPlanLine,
    CostVersion,
    ExportFile,
    ExportJob,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    LedgerRead,
    Period,
    PeriodClose,
    PeriodReopening,
    PostingGap,
    PostingProfile,
    ProfileAccount,
    Revaluation,
    RevaluationLine,
    StandardCost,
    WriteDown,
    WriteDownLine,
)
from finance.selectors.closing import close_checklist
from finance.selectors.told import told_costs, told_plan, told_profile
from finance.services import (
    approve_asset_plan,
    approve_cost_version,
    approve_posting_profile,
    soft_close_period,
)
from supplychain.base.admin import (
    Deed,
    HistoryAdmin,
    HistoryInline,
    actor,
    confirmed,
    page_link,
)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(HistoryAdmin):
    exclude = ("effective_text", "recorded_text")
    list_display = (
        "seq",
        "transaction",
        "line",
        "kind",
        "account",
        "stage_code",
        "item_code",
        "lot_page",
        "quantity",
        "unit_of_measure",
        "rounded_amount",
        "currency",
        "effective_on",
        "period_code",
    )
    list_filter = (
        ("account", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("period", RelatedDropdownFilter),
    )
    search_fields = ("lot__code__startswith",)
    search_help_text = "Start of a lot code"
    ordering = ("-seq",)

    @display(description="Stage")
    def stage_code(self, entry: Any) -> str:
        return str(entry.stage_id or "—")

    @display(description="Item")
    def item_code(self, entry: Any) -> str:
        return str(entry.item_id)

    @display(description="Amount, to the cent")
    def rounded_amount(self, entry: Any) -> str:
        return f"{entry.amount:,.2f}"

    @display(description="Period")
    def period_code(self, entry: Any) -> str:
        return str(entry.period_id)

    @display(description="Lot")
    def lot_page(self, entry: Any) -> SafeString | str:
        return page_link("operations:lot-detail", entry.lot_id) if entry.lot_id else ""


class StandardCostInline(TabularInline):
    model = StandardCost
    extra = 0
    fields = ("item", "stage", "supplier", "unit_cost", "yield_ratio")
    autocomplete_fields = ("item", "supplier")


@admin.register(CostVersion)
class CostVersionAdmin(PreparedAdmin):
    fields = ("code", "effective_on", "prepared_by", "approved_by", "approved_at")
    inlines = (StandardCostInline,)

    approval = Approval(
        "Approve standard costs",
        "From their first day on these costs value the ledger, and nobody can change them.",
        lambda row, approver, seen: approve_cost_version(version=row, approver=approver, seen=seen),
        told_costs,
    )


class AssetPlanLineInline(TabularInline):
    model = AssetPlanLine
    extra = 0
    autocomplete_fields = ("item",)


@admin.register(AssetPlan)
class AssetPlanAdmin(PreparedAdmin):
    fields = ("code", "effective_on", "prepared_by", "approved_by", "approved_at")
    inlines = (AssetPlanLineInline,)

    approval = Approval(
        "Approve plans of assets",
        "From its first day on assets are compared with a plan, and nobody can change it.",
        lambda row, approver, seen: approve_asset_plan(plan=row, approver=approver, seen=seen),
        told_plan,
    )


class ProfileAccountInline(TabularInline):
    model = ProfileAccount
    extra = 0


@admin.register(PostingProfile)
class PostingProfileAdmin(PreparedAdmin):
    fields = (
        "code", "effective_on", "company", "ledger", "journal_source", "journal_category",
        "prepared_by", "approved_by", "approved_at",
    )  # fmt: skip
    inlines = (ProfileAccountInline,)

    approval = Approval(
        "Approve posting profiles",
        "The journals of periods that end on its first day or later follow a profile, and "
        "nobody can change it.",
        lambda row, approver, seen: approve_posting_profile(
            profile=row, approver=approver, seen=seen
        ),
        told_profile,
    )


class PeriodCloseInline(HistoryInline):
    """As reported at the close, and restated since; restating is done over HTTP."""

    model = PeriodClose
    fields = ("version", "seq", "reason", "prepared_by", "approved_by", "approved_at")
    readonly_fields = fields


class PeriodReopeningInline(HistoryInline):
    """Closes that were prepared and taken back, each with the reason."""

    model = PeriodReopening
    fields = ("number", "reason", "prepared_by", "reopened_by", "reopened_at")
    readonly_fields = fields


@admin.register(Period)
class PeriodAdmin(HistoryAdmin):
    """Its close is approved on its page, which shows what is frozen."""

    list_display = (
        "code", "starts_on", "ends_on", "state", "closed_seq", "prepared_by", "approved_by",
        "close_page",
    )  # fmt: skip
    fields = (*list_display, "closed_sha256", "checklist")
    readonly_fields = ("close_page", "checklist")
    list_select_related = ("prepared_by", "approved_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    actions = ("soft_close",)
    inlines = (PeriodReopeningInline, PeriodCloseInline)

    def get_ordering(self, request: HttpRequest) -> Sequence[Any]:
        """The current period first, then back in time; those to come last."""
        is_ahead = Case(When(starts_on__gt=timezone.localdate(), then=1), default=0)
        return (is_ahead.asc(), "-starts_on")

    @display(description="Close")
    def close_page(self, period: Any) -> SafeString:
        return page_link("operations:finance-period", period.code)

    @display(description="Checklist")
    def checklist(self, period: Any) -> SafeString:
        """What stands between the period and its close."""
        lines = [(str(line.check), line.detail) for line in close_checklist(period)]
        return format_html_join(mark_safe("<br>"), "{}: {}", lines)

    def has_close_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("finance.close_period")

    @action(description="Prepare the close", permissions=["close"])
    def soft_close(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        deed = Deed(
            "soft_close",
            "Prepare the close",
            "Late facts of these periods go to the next open one, marked as prior period.",
            lambda row: soft_close_period(period=row, preparer=actor(request)),
        )
        return confirmed(self, request, rows, deed)


@admin.register(PostingGap)
class PostingGapAdmin(HistoryAdmin):
    list_display = ("seq", "code", "detail", "opened_at", "closed_at")
    list_filter = (("code", ChoicesDropdownFilter),)
    ordering = ("-seq",)


@admin.register(LedgerRead)
class LedgerReadAdmin(HistoryAdmin):
    list_display = (
        "reader", "token_key", "read_at", "query", "media_type", "as_of_seq", "row_count",
        "is_whole",
    )  # fmt: skip
    list_select_related = ("reader",)


class ExportFileInline(HistoryInline):
    model = ExportFile
    fields = ("number", "row_count", "byte_count", "sha256", "made_at")
    readonly_fields = fields


@admin.register(ExportJob)
class ExportJobAdmin(HistoryAdmin):
    """Who took the ledger away, how far it is, and what the files must add up to."""

    list_display = (
        "requested_at",
        "format",
        "as_of_seq",
        "period",
        "account",
        "state",
        "row_count",
        "requested_by",
        "finished_at",
    )
    list_select_related = ("requested_by",)
    list_filter = (("state", ChoicesDropdownFilter), ("format", ChoicesDropdownFilter))
    ordering = ("-requested_at", "-id")
    inlines = (ExportFileInline,)


class WriteDownLineInline(HistoryInline):
    model = WriteDownLine
    fields = ("lot", "amount", "carried_quantity", "carried_amount")
    readonly_fields = fields


@admin.register(WriteDown)
class WriteDownAdmin(HistoryAdmin):
    """Prepared on its page or over HTTP, approved by somebody else, then posted and frozen."""

    list_display = (
        "id", "effective_on", "reason", "prepared_by", "approved_by", "approved_at", "transaction",
    )  # fmt: skip
    fields = (*list_display, "evidence")
    list_select_related = ("prepared_by", "approved_by")
    ordering = ("-id",)
    inlines = (WriteDownLineInline,)


class InvoiceLineInline(HistoryInline):
    model = InvoiceLine
    fields = ("lot", "item", "quantity", "unit_price", "amount", "standard_amount")
    readonly_fields = fields


@admin.register(Invoice)
class InvoiceAdmin(HistoryAdmin):
    """Prepared on its page or over HTTP, approved by somebody else, then posted and frozen."""

    list_display = (
        "id", "supplier", "number", "kind", "effective_on", "prepared_by", "approved_by",
        "approved_at", "transaction",
    )  # fmt: skip
    fields = (*list_display, "currency", "evidence")
    list_select_related = ("supplier", "prepared_by", "approved_by")
    ordering = ("-id",)
    inlines = (InvoiceLineInline,)


class RevaluationLineInline(HistoryInline):
    model = RevaluationLine
    fields = (
        "lot_code", "account", "stage_code", "quantity", "carried_amount", "standard_amount",
        "left_out",
    )  # fmt: skip
    readonly_fields = fields

    @display(description="Lot")
    def lot_code(self, row: RevaluationLine) -> str:
        return row.lot_id

    @display(description="Stage")
    def stage_code(self, row: RevaluationLine) -> str:
        return row.stage_id or ""


@admin.register(Revaluation)
class RevaluationAdmin(HistoryAdmin):
    """Prepared on its page or over HTTP, approved by somebody else, then posted and frozen."""

    list_display = (
        "id", "version", "effective_on", "reason", "prepared_by", "approved_by", "approved_at",
        "transaction",
    )  # fmt: skip
    fields = (*list_display, "item", "stage", "custodian", "evidence")
    list_select_related = ("version", "prepared_by", "approved_by")
    ordering = ("-id",)
    inlines = (RevaluationLineInline,)
