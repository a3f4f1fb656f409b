from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import EmptyFieldListFilter, action, display
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from supplychain.base.admin import (
    HistoryAdmin,
    HistoryInline,
    TableAdmin,
    page_link,
    with_selected,
)
from testing.models import (
    BinDefinition,
    BoardLayout,
    BurnInRequirement,
    BurnInRun,
    Equipment,
    Parameter,
    ProgramRevision,
    ReadingSummary,
    Run,
    RunWafer,
)


class RunWaferInline(HistoryInline):
    model = RunWafer
    fields = ("wafer", "started_at", "finished_at", "part_count", "good_count")
    ordering = ("wafer",)


class ReadingSummaryInline(HistoryInline):
    model = ReadingSummary
    fields = (
        "parameter",
        "head",
        "site",
        "executed_count",
        "count",
        "fail_count",
        "mean",
        "deviation",
        "minimum",
        "median",
        "maximum",
    )
    ordering = ("parameter", "head", "site")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReadingSummary]:
        rows: QuerySet[ReadingSummary] = super().get_queryset(request)
        return rows.select_related("parameter")


@admin.register(Run)
class RunAdmin(HistoryAdmin):
    list_display = (
        "run_page",
        "lot_page",
        "step",
        "revision",
        "tester",
        "started_at",
        "insertion_count",
        "unit_count",
        "first_pass_count",
        "final_pass_count",
        "is_partial",
        "counts",
    )
    list_select_related = ("lot_step__lot", "lot_step__step", "revision__program", "tester")
    list_display_links = None
    list_filter = (
        ("started_at", RangeDateTimeFilter),
        "is_partial",
        ("superseded_by", EmptyFieldListFilter),
        "is_withdrawn",
    )
    search_fields = ("lot_step__lot__code__startswith", "tester__code__startswith")
    search_help_text = "Start of a lot code or tester"
    inlines = (RunWaferInline, ReadingSummaryInline)
    actions = ("match_anew",)

    def has_match_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("intake.change_rawfile")

    @action(description="Match anew", permissions=["match"])
    def match_anew(self, request: HttpRequest, queryset: QuerySet[Run]) -> HttpResponse | None:
        return with_selected(request, "operations:runs-match-anew", queryset)

    @display(description="Run", ordering="source_name")
    def run_page(self, run: Run) -> SafeString:
        return page_link("operations:run-detail", run.key, run.source_name)

    @display(description="Lot")
    def lot_page(self, run: Run) -> SafeString:
        return page_link("operations:lot-detail", run.lot_step.lot.code)

    @display(description="Step")
    def step(self, run: Run) -> str:
        return run.lot_step.step.code

    @display(description="Counts", boolean=True)
    def counts(self, run: Run) -> bool:
        return run.superseded_by_id is None and not run.is_withdrawn


@admin.register(BurnInRun)
class BurnInRunAdmin(HistoryAdmin):
    list_display = (
        "run_page", "lot", "step", "oven", "started_at", "finished_at", "hours", "hours_required",
    )  # fmt: skip
    list_display_links = None
    list_select_related = ("lot_step__lot", "lot_step__step", "oven", "requirement")
    list_filter = (("started_at", RangeDateTimeFilter),)
    search_fields = ("lot_step__lot__code__startswith", "oven__code__startswith")
    search_help_text = "Start of a lot code or oven"

    @display(description="Run")
    def run_page(self, run: BurnInRun) -> SafeString:
        return page_link("operations:burnin-detail", run.pk, f"Burn-in {run.pk}")

    @display(description="Lot")
    def lot(self, run: BurnInRun) -> SafeString:
        return page_link("operations:lot-detail", run.lot_step.lot.code)

    @display(description="Step")
    def step(self, run: BurnInRun) -> str:
        return run.lot_step.step.code

    @display(description="Chargeable, h")
    def hours(self, run: BurnInRun) -> str:
        return f"{run.chargeable_hours:.2f}"

    @display(description="Required, h")
    def hours_required(self, run: BurnInRun) -> str:
        return f"{run.requirement.hours:.1f}"


class BinInline(HistoryInline):
    model = BinDefinition
    fields = ("kind", "number", "name", "passes")


@admin.register(ProgramRevision)
class ProgramRevisionAdmin(HistoryAdmin):
    """Revisions come in with test files; they are released and retired on their own pages."""

    list_display = ("revision_page", "product", "state", "released_at")
    list_display_links = None
    list_select_related = ("program__product",)
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("program__code__startswith", "revision__startswith")
    search_help_text = "Start of a program or revision"
    inlines = (BinInline,)

    @display(description="Program and revision")
    def revision_page(self, revision: ProgramRevision) -> SafeString:
        return page_link("operations:program-detail", revision.pk, str(revision))

    @display(description="Product")
    def product(self, revision: ProgramRevision) -> str:
        return revision.program.product.code


@admin.register(Parameter)
class ParameterAdmin(HistoryAdmin):
    list_display = ("number", "text", "revision", "kind", "limit_low", "limit_high", "units")
    list_select_related = ("revision__program",)
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("revision__program__code__startswith",)
    search_help_text = "Start of a program"


@admin.register(BoardLayout)
class BoardLayoutAdmin(TableAdmin):
    """Where the sockets of burn-in boards lie; also imported as CSV."""

    list_display = ("code", "rows", "columns", "socket_count")
    search_fields = ("code__startswith",)

    @display(description="Rows")
    def rows(self, layout: BoardLayout) -> int:
        return len(layout.sockets)

    @display(description="Columns")
    def columns(self, layout: BoardLayout) -> int:
        return len(layout.sockets[0])

    @display(description="Sockets")
    def socket_count(self, layout: BoardLayout) -> int:
        return sum(bool(name) for row in layout.sockets for name in row)


@admin.register(Equipment)
class EquipmentAdmin(TableAdmin):
    list_display = ("code", "kind", "model", "supplier", "layout")
    list_select_related = ("supplier", "layout")
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("code__startswith",)
    autocomplete_fields = ("supplier", "layout")


@admin.register(BurnInRequirement)
class BurnInRequirementAdmin(TableAdmin):
    """What a product must see in the oven. A change is a new version."""

    list_display = (
        "product",
        "version",
        "step_code",
        "hours",
        "temperature_celsius_min",
        "temperature_celsius_max",
        "voltage_min",
        "voltage_max",
        "failed_ratio_max",
    )
    list_select_related = ("product",)
    autocomplete_fields = ("product",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)
