from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from intake.models import ExpectedFile, FeedMapping, MappedColumn, MappedValue, MatchRule, WaferMap
from intake.services import sample_reading
from intake.services.registry import feed_kinds, mapped_feed_of, mapped_kinds
from supplychain.base.admin import HistoryAdmin, TableAdmin, page_link


class DeletableAdmin(TableAdmin):
    """Rules that nothing refers to may go."""

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(super(TableAdmin, self).has_delete_permission(request, obj))


@admin.register(MatchRule)
class MatchRuleAdmin(DeletableAdmin):
    list_display = ("name", "priority", "step_code", "file_pattern", "flow_pattern", "is_enabled")
    ordering = ("priority", "id")


class MappingForm(forms.ModelForm):  # type: ignore[type-arg]
    """Kinds are those of the feeds that take a mapping."""

    kind = forms.ChoiceField(choices=list, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            kind: Any = self.fields["kind"]
            kind.choices = [(word, word) for word in mapped_kinds()]


class MappedRowForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses a column that the kind does not have."""

    column_field = "ours"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        feed = mapped_feed_of(self.instance.mapping.kind) if self.instance.mapping_id else None
        name = cleaned.get(self.column_field, "")
        if feed is not None and name and name not in feed.columns:
            known = ", ".join(feed.columns)
            raise ValidationError({self.column_field: f"No such column. Known: {known}."})
        return cleaned


class ValueForm(MappedRowForm):
    column_field = "column"


class ColumnInline(TabularInline):
    model = MappedColumn
    form = MappedRowForm
    extra = 1
    tab = False


class ValueInline(TabularInline):
    model = MappedValue
    form = ValueForm
    extra = 1
    tab = False


@admin.register(FeedMapping)
class FeedMappingAdmin(TableAdmin):
    form = MappingForm
    list_display = ("name", "supplier", "kind", "file_pattern", "priority", "is_enabled")
    list_select_related = ("supplier",)
    ordering = ("priority", "id")
    inlines = (ColumnInline, ValueInline)
    readonly_fields = ("how_it_reads",)

    @display(description="How the sample is read")
    def how_it_reads(self, mapping: FeedMapping) -> SafeString | str:
        if not mapping.pk or not mapping.sample.strip():
            return "Paste some lines of a real file into the sample, then save and stay here."
        reading = sample_reading(mapping)
        return render_to_string("admin/intake/sample_reading.html", {"reading": reading})


@admin.register(ExpectedFile)
class ExpectedFileAdmin(DeletableAdmin):
    list_display = (
        "name", "supplier", "kind", "name_pattern", "every_hours", "weekdays", "is_enabled",
    )  # fmt: skip
    list_select_related = ("supplier",)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)
        if "kind" in form.base_fields:
            known = ", ".join(["stdf", *feed_kinds()])
            form.base_fields["kind"].help_text = f"One of {known}; empty = any."
        return form


@admin.register(WaferMap)
class WaferMapAdmin(HistoryAdmin):
    list_display = (
        "wafer_page", "name", "good_count", "known_good_count", "die_count", "differing_count",
        "origin", "axis", "occurred_at",
    )  # fmt: skip
    list_display_links = ("name",)
    list_select_related = ("wafer",)
    search_fields = ("wafer__code__startswith",)
    search_help_text = "Start of a wafer code"
    exclude = ("dies",)

    @display(description="Wafer")
    def wafer_page(self, drawn: WaferMap) -> SafeString:
        return page_link("operations:wafer-detail", drawn.wafer.code)
