from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.db import transaction
from django.http import HttpRequest
from unfold.admin import TabularInline

from finance.admin.prepared import Approval, PreparedAdmin
from finance.models import PostingRules, ScrapReason, StepStage
from finance.selectors.told import told_rules, told_stage
from finance.services import approve_posting_rules, approve_step_stage, copy_reasons


class ScrapReasonInline(TabularInline):
    model = ScrapReason
    extra = 0
    fields = ("reason", "is_normal", "is_missing", "comment")


@admin.register(PostingRules)
class PostingRulesAdmin(PreparedAdmin):
    """New ones begin with the reasons that apply until their first day; there they are changed."""

    fields = ("code", "effective_on", "prepared_by", "approved_by", "approved_at")
    approval = Approval(
        "Approve posting rules",
        "Events of their first day and later are posted by them, and nobody can change them.",
        lambda row, approver, seen: approve_posting_rules(rules=row, approver=approver, seen=seen),
        told_rules,
    )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Sequence[type[TabularInline]]:
        return (ScrapReasonInline,) if obj else ()

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            copy_reasons(rules=obj)


@admin.register(StepStage)
class StepStageAdmin(PreparedAdmin):
    """A step's lots are valued by it once somebody else has approved it."""

    list_display = (
        "step_code", "route", "unit_of_measure", "stage_code", "account", "prepared_by",
        "approved_by", "approved_at",
    )  # fmt: skip
    list_select_related = ("step__route_version__route", "prepared_by", "approved_by")
    fields = (
        "step", "unit_of_measure", "stage", "account", "prepared_by", "approved_by", "approved_at",
    )  # fmt: skip
    search_fields = ("step__code__startswith",)
    autocomplete_fields = ("step",)
    approval = Approval(
        "Approve stages of steps",
        "Lots at these steps are valued at these stages from now on, and that never changes.",
        lambda row, approver, seen: approve_step_stage(stage=row, approver=approver, seen=seen),
        told_stage,
    )

    @display(description="Step")
    def step_code(self, row: Any) -> str:
        return str(row.step.code)

    @display(description="Route")
    def route(self, row: Any) -> str:
        return str(row.step.route_version)

    @display(description="Stage")
    def stage_code(self, row: Any) -> str:
        return str(row.stage_id)
