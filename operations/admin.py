"""People, roles and the schedule, in the same dress as everything else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from knox.models import AuthToken
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from operations.models import BulkItem, BulkJob, RecallCase, RecallItem
from supplychain.base.admin import HistoryAdmin, TableAdmin, page_link

for model in (
    User,
    Group,
    AuthToken,
    PeriodicTask,
    IntervalSchedule,
    CrontabSchedule,
    SolarSchedule,
    ClockedSchedule,
):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """Nobody is deleted: history names them. Who leaves is made inactive."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = (
        "username",
        "first_name",
        "last_name",
        "email",
        "roles",
        "is_active",
        "last_login",
    )
    list_filter = ("is_active", "groups")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Roles", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": (
                    "username",
                    "usable_password",
                    "password1",
                    "password2",
                    "is_staff",
                    "groups",
                ),
            },
        ),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ("groups",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="Roles")
    def roles(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all()) or "none"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"is_staff": True}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Group)
class RoleAdmin(GroupAdmin, ModelAdmin):
    """Roles of the reference file are renewed at each start; your own are left alone."""


@admin.register(AuthToken)
class TokenAdmin(HistoryAdmin):
    """Hashes of tokens. A new one is made with `./run manage make_token`."""

    list_display = ("user", "token_key", "created", "expiry")
    list_display_links = None
    list_select_related = ("user",)
    ordering = ("-created",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("knox.delete_authtoken"))


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(TableAdmin):
    """Tasks and intervals come from the rooms; here they are switched on and off."""

    list_display = ("name", "task", "interval", "enabled", "last_run_at", "total_run_count")
    list_select_related = ("interval",)
    fields = (
        "name",
        "task",
        "interval",
        "enabled",
        "description",
        "last_run_at",
        "total_run_count",
    )
    readonly_fields = ("name", "task", "interval", "description", "last_run_at", "total_run_count")
    ordering = ("name",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LogEntry)
class LogEntryAdmin(HistoryAdmin):
    list_display = ("action_time", "user", "content_type", "object_repr", "action_flag")
    list_select_related = ("user", "content_type")


@admin.register(BulkJob)
class BulkJobAdmin(HistoryAdmin):
    """What was asked of many lots; the job's own page shows how far it is."""

    list_display = ("job_page", "state", "created_by", "created_at", "finished_at")
    list_display_links = None
    list_select_related = ("created_by",)
    list_filter = (("state", ChoicesDropdownFilter), ("verb", ChoicesDropdownFilter))
    ordering = ("-created_at",)

    @admin.display(description="Job")
    def job_page(self, job: BulkJob) -> SafeString:
        return page_link("operations:job-detail", job.pk, f"{job.get_verb_display()} lots")


@admin.register(BulkItem)
class BulkItemAdmin(HistoryAdmin):
    """Every lot of every job, with its outcome."""

    list_display = ("lot_page", "job", "state", "attempt", "reason")
    list_display_links = None
    list_select_related = ("lot", "job")
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("lot__code__startswith",)
    search_help_text = "Start of a lot code"

    @admin.display(description="Lot")
    def lot_page(self, item: BulkItem) -> SafeString:
        return page_link("operations:lot-detail", item.lot.code)


@admin.register(RecallCase)
class RecallCaseAdmin(HistoryAdmin):
    """Every case; its own page shows what is still exposed."""

    list_display = ("case_page", "title", "origin", "state", "opened_by", "opened_at", "closed_at")
    list_display_links = None
    list_select_related = ("opened_by",)
    list_filter = (("state", ChoicesDropdownFilter), ("origin", ChoicesDropdownFilter))
    ordering = ("-number",)

    @admin.display(description="Case", ordering="number")
    def case_page(self, case: RecallCase) -> SafeString:
        return page_link("operations:recall-detail", case.number, str(case))


@admin.register(RecallItem)
class RecallItemAdmin(HistoryAdmin):
    """What every case found, and what became of it."""

    list_display = ("case", "unit", "lot", "place", "where", "quantity", "settled_at")
    list_display_links = None
    list_select_related = ("case", "unit", "lot")
    list_filter = (("place", ChoicesDropdownFilter),)
    search_fields = ("unit__serial__startswith",)
    search_help_text = "Start of a serial"
