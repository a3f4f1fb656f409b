from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin, SimpleListFilter, action, display
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display as unfold_display

from lots.domain.gates import WaiverState, waiver_state
from lots.forms import WaiverForm
from lots.models import Waiver, WaiverUse
from lots.selectors.gates import grant_of
from lots.services.waiving import approve_waiver, request_waiver, revoke_waiver
from supplychain.base.admin import (
    Deed,
    HistoryInline,
    TableAdmin,
    actor,
    confirmed,
    page_link,
)
from supplychain.base.choices import choices, label

LABELS = {
    label(WaiverState.REQUESTED): "warning",
    label(WaiverState.APPROVED): "success",
    label(WaiverState.USED_UP): "info",
    label(WaiverState.EXPIRED): "danger",
    label(WaiverState.REVOKED): "danger",
}
"""State in words → tone of its badge."""


class WaiverStateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return choices(WaiverState)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Waiver]) -> QuerySet[Waiver]:
        now = timezone.now()
        standing = queryset.filter(revoked_at__isnull=True, valid_to__gt=now)
        chosen = {
            WaiverState.REQUESTED: standing.filter(approved_at__isnull=True),
            WaiverState.APPROVED: standing.filter(
                approved_at__isnull=False, used__lt=F("quantity")
            ),
            WaiverState.USED_UP: standing.filter(used=F("quantity")),
            WaiverState.EXPIRED: queryset.filter(revoked_at__isnull=True, valid_to__lte=now),
            WaiverState.REVOKED: queryset.filter(revoked_at__isnull=False),
        }
        return chosen.get(self.value(), queryset)  # type: ignore[call-overload,no-any-return]


class WaiverUseInline(HistoryInline):
    model = WaiverUse
    verbose_name_plural = "uses"
    fields = ("lot_page", "event", "at", "quantity")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaiverUse]:
        rows: QuerySet[WaiverUse] = super().get_queryset(request)
        return rows.select_related("event__lot")

    @display(description="Lot")
    def lot_page(self, use: WaiverUse) -> SafeString:
        return page_link("operations:lot-detail", use.event.lot.code)

    @display(description="Passed at")
    def at(self, use: WaiverUse) -> str:
        return str(localize(timezone.localtime(use.event.occurred_at)))


@admin.register(Waiver)
class WaiverAdmin(TableAdmin):
    """Asked for here by one person, approved or revoked here by another."""

    form = WaiverForm
    list_display = (
        "number", "state", "gate", "step_of_route", "lot_or_product", "passed", "valid_to",
        "requested_by", "approved_by", "reason",
    )  # fmt: skip
    list_select_related = (
        "step__route_version__route", "lot", "product", "requested_by", "approved_by",
    )  # fmt: skip
    list_filter = (
        WaiverStateFilter,
        ("gate", ChoicesDropdownFilter),
        ("product", RelatedDropdownFilter),
    )
    search_fields = ("lot__code__startswith", "product__code__startswith", "step__code__startswith")
    search_help_text = "Start of a lot, product or step code"
    list_before_template = "admin/waivers_head.html"
    autocomplete_fields = ("lot", "product")
    fieldsets = (
        (None, {"fields": ("gate", "step", "lot", "product", "reason")}),
        ("Limits", {"fields": ("quantity", "valid_from", "valid_to")}),
    )
    decided = (
        "Standing",
        {"fields": (
            "state", "used", "requested_by", "requested_at", "approved_by", "approved_at",
            "revoked_by", "revoked_at",
        )},
    )  # fmt: skip
    inlines = (WaiverUseInline,)
    actions = ("approve", "revoke")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was asked stays as asked; another wish is another waiver."""
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"valid_from": timezone.now(), **super().get_changeform_initial_data(request)}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj is None else (*self.fieldsets, self.decided)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else tuple(self.decided[1]["fields"])

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return () if obj is None else self.inlines

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        said = form.cleaned_data
        made = request_waiver(
            order=form.order,
            step=said["step"],
            lot=said["lot"],
            product=said["product"],
            actor=actor(request),
        )
        obj.pk, obj.requested_by = made.pk, made.requested_by

    @display(description="Waiver")
    def number(self, waiver: Waiver) -> str:
        return f"{waiver.pk}"

    @unfold_display(description="State", label=LABELS)  # type: ignore[untyped-decorator]
    def state(self, waiver: Waiver) -> str:
        return label(waiver_state(grant_of(waiver), timezone.now()))

    @display(description="Step")
    def step_of_route(self, waiver: Waiver) -> str:
        return f"{waiver.step.code}, {waiver.step.route_version}"

    @display(description="For")
    def lot_or_product(self, waiver: Waiver) -> SafeString | str:
        if waiver.lot is None:
            return f"All {waiver.product}"
        return page_link("operations:lot-detail", waiver.lot.code)

    @display(description="Passed, units")
    def passed(self, waiver: Waiver) -> str:
        return f"{waiver.used:,} of {waiver.quantity:,}"

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("lots.approve_waiver")

    @action(description="Approve", permissions=["approve"])
    def approve(self, request: HttpRequest, rows: QuerySet[Waiver]) -> HttpResponse | None:
        deed = Deed(
            "approve",
            "Approve waivers",
            "From then on lots pass these gates without what is demanded, up to the quantity and "
            "the end that each waiver names. Your name stands under it.",
            lambda row: approve_waiver(waiver=row, actor=actor(request)),
        )
        return confirmed(self, request, rows, deed)

    @action(description="Revoke or turn down", permissions=["approve"])
    def revoke(self, request: HttpRequest, rows: QuerySet[Waiver]) -> HttpResponse | None:
        deed = Deed(
            "revoke",
            "Revoke waivers",
            "Nothing more passes under these waivers. What has passed stays where it is.",
            lambda row: revoke_waiver(waiver=row, actor=actor(request)),
        )
        return confirmed(self, request, rows, deed)
