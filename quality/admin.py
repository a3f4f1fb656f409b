from __future__ import annotations

from django.contrib import admin
from django.contrib.admin import action, display
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)

from quality.models import (
    Disposition,
    DownBin,
    Issue,
    IssueEvent,
    RequiredSignature,
    Rule,
    Signature,
    YieldFigure,
    YieldLimit,
)
from supplychain.base.admin import HistoryAdmin, HistoryInline, TableAdmin, page_link, with_selected


class IssueEventInline(HistoryInline):
    model = IssueEvent
    fields = ("at", "actor", "kind", "state_from", "state_to", "note")


@admin.register(Issue)
class IssueAdmin(HistoryAdmin):
    """The whole list with every filter; the queue page is where issues are worked on."""

    list_display = (
        "issue_page", "title", "severity", "state", "rule", "lot", "step", "owner", "opened_at",
    )  # fmt: skip
    list_display_links = None
    list_select_related = ("rule", "lot", "step", "owner")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("severity", ChoicesDropdownFilter),
        ("rule", RelatedDropdownFilter),
        ("opened_at", RangeDateTimeFilter),
    )
    search_fields = ("number__startswith", "lot__code__startswith")
    search_help_text = "Start of an issue number or lot code"
    inlines = (IssueEventInline,)
    actions = ("acknowledge", "assign", "resolve", "dismiss")

    @display(description="Issue")
    def issue_page(self, issue: Issue) -> SafeString:
        return page_link("operations:issue-detail", issue.number)

    def has_acknowledge_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("quality.acknowledge_issue")

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("quality.assign_issue")

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("quality.resolve_issue")

    def has_dismiss_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("quality.dismiss_issue")

    @action(description="Acknowledge", permissions=["acknowledge"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Issue]) -> HttpResponse | None:
        return with_selected(request, "operations:issues-act", queryset, "acknowledge")

    @action(description="Assign", permissions=["assign"])
    def assign(self, request: HttpRequest, queryset: QuerySet[Issue]) -> HttpResponse | None:
        return with_selected(request, "operations:issues-act", queryset, "assign")

    @action(description="Resolve", permissions=["resolve"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Issue]) -> HttpResponse | None:
        return with_selected(request, "operations:issues-act", queryset, "resolve")

    @action(description="Dismiss", permissions=["dismiss"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Issue]) -> HttpResponse | None:
        return with_selected(request, "operations:issues-act", queryset, "dismiss")


class SignatureInline(HistoryInline):
    model = Signature
    fields = ("role", "person", "signed_at", "is_refusal", "note")


@admin.register(Disposition)
class DispositionAdmin(HistoryAdmin):
    """All of them; they are worked on at their issue."""

    list_display = (
        "number", "issue_page", "kind", "lot", "quantity", "state", "proposed_by", "proposed_at",
    )  # fmt: skip
    list_select_related = ("issue", "lot", "proposed_by")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("proposed_at", RangeDateTimeFilter),
    )
    search_fields = ("issue__number__startswith", "lot__code__startswith")
    search_help_text = "Start of an issue number or lot code"
    inlines = (SignatureInline,)

    @display(description="Issue")
    def issue_page(self, disposition: Disposition) -> SafeString:
        return page_link("operations:issue-detail", disposition.issue.number)


@admin.register(RequiredSignature)
class RequiredSignatureAdmin(TableAdmin):
    """Who must sign which kind of disposition; what is proposed keeps what it asked for."""

    list_display = ("kind", "role", "above_quantity", "unit_of_measure")
    list_select_related = ("role",)
    list_filter = (("kind", ChoicesDropdownFilter),)
    ordering = ("kind", "id")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("quality.delete_requiredsignature")


@admin.register(Rule)
class RuleAdmin(TableAdmin):
    list_display = ("code", "name", "detector", "severity", "is_enabled", "holds_lot")
    list_filter = (("severity", ChoicesDropdownFilter), "is_enabled", "holds_lot")
    search_fields = ("code__startswith",)
    ordering = ("code",)
    readonly_fields = ("code", "detector")


@admin.register(YieldLimit)
class YieldLimitAdmin(TableAdmin):
    list_display = ("product", "step_code", "statistic", "lowest", "is_enabled", "comment")
    list_select_related = ("product",)
    list_filter = (("product", RelatedDropdownFilter), ("statistic", ChoicesDropdownFilter))
    search_fields = ("product__code__startswith", "step_code__startswith")
    autocomplete_fields = ("product",)

    @display(description="Lowest, %")
    def lowest(self, limit: YieldLimit) -> str:
        return f"{limit.ratio_min * 100:.1f}"


@admin.register(DownBin)
class DownBinAdmin(TableAdmin):
    list_display = ("product", "step_code", "hard_bin", "comment")
    list_select_related = ("product",)
    list_filter = (("product", RelatedDropdownFilter),)
    search_fields = ("product__code__startswith", "step_code__startswith")
    autocomplete_fields = ("product",)
    ordering = ("product", "step_code", "hard_bin")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("quality.delete_downbin")


@admin.register(YieldFigure)
class YieldFigureAdmin(HistoryAdmin):
    list_display = (
        "lot_page",
        "step",
        "scope",
        "scope_key",
        "tested",
        "first_percent",
        "final_percent",
        "retested",
        "recovered",
        "step_percent",
        "policy",
        "revision",
        "is_current",
    )
    list_display_links = ("scope",)
    list_select_related = ("lot_step__lot", "lot_step__step")
    list_filter = (
        ("scope", ChoicesDropdownFilter),
        "is_current",
        ("started_at", RangeDateTimeFilter),
    )
    search_fields = ("lot_step__lot__code__startswith",)
    search_help_text = "Start of a lot code"

    @display(description="Lot")
    def lot_page(self, figure: YieldFigure) -> SafeString:
        return page_link("operations:lot-detail", figure.lot_step.lot.code)

    @display(description="Step")
    def step(self, figure: YieldFigure) -> str:
        return figure.lot_step.step.code

    @display(description="First pass, %")
    def first_percent(self, figure: YieldFigure) -> str:
        return _percent(figure.first_ratio)

    @display(description="Final, %")
    def final_percent(self, figure: YieldFigure) -> str:
        return _percent(figure.final_ratio)

    @display(description="Step, %")
    def step_percent(self, figure: YieldFigure) -> str:
        return _percent(figure.step_ratio)


def _percent(ratio: float | None) -> str:
    return "—" if ratio is None else f"{ratio * 100:.1f}"
