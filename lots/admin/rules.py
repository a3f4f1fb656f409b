from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from lots.models import MergeRule, ReasonCode
from supplychain.base.admin import TableAdmin


@admin.register(MergeRule)
class MergeRuleAdmin(TableAdmin):
    """What must be alike before lots merge; a rule of one product beats the general one."""

    list_display = ("attribute", "product", "is_required")
    list_select_related = ("product",)
    list_filter = (
        ("attribute", ChoicesDropdownFilter),
        ("product", RelatedDropdownFilter),
        "is_required",
    )
    search_fields = ("attribute__startswith", "product__code__startswith")
    ordering = ("attribute", "pk")
    autocomplete_fields = ("product",)


@admin.register(ReasonCode)
class ReasonCodeAdmin(TableAdmin):
    """Reasons are switched off, not renamed: events of the past carry them."""

    list_display = ("code", "verb", "name", "counts_in_yield", "is_active")
    list_filter = (("verb", ChoicesDropdownFilter), "counts_in_yield", "is_active")
    search_fields = ("code__startswith", "name__startswith")
    ordering = ("verb", "code")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("verb", "code")
