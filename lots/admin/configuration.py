from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin import action, display
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from lots.models import Bill, BillLine, Lot, Product, Supplier
from lots.services.releasing import draft_bill, release_bill, retire_bill
from supplychain.base.admin import Deed, TableAdmin, VersionAdmin, actor, confirmed


@admin.register(Supplier)
class SupplierAdmin(TableAdmin):
    list_display = ("code", "name", "role", "country", "title")
    search_fields = ("code__startswith", "name__startswith")
    ordering = ("code",)


@admin.register(Product)
class ProductAdmin(TableAdmin):
    list_display = ("code", "name", "family", "stepping", "kind", "supplier", "power")
    list_select_related = ("supplier",)
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("supplier", RelatedDropdownFilter),
        "is_engineering",
    )
    search_fields = ("code__startswith", "family__startswith")
    ordering = ("code",)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Product | None = None
    ) -> Sequence[Any]:
        """What the books go by stays once there is a lot of it; the database sees to it."""
        fields: Sequence[Any] = super().get_readonly_fields(request, obj)
        if obj is None or not Lot.objects.filter(product=obj).exists():
            return fields
        return (*fields, "supplier", "is_engineering")

    @display(description="Power, W")
    def power(self, product: Product) -> str:
        return "—" if product.power_watt is None else f"{product.power_watt:,.0f}"


class BillLineInline(TabularInline):
    model = BillLine
    extra = 0
    autocomplete_fields = ("component",)


@admin.register(Bill)
class BillAdmin(VersionAdmin):
    """Prepared by one person, released by another, then frozen."""

    list_display = ("version_name", "state", "prepared_by", "released_by", "released_at")
    list_select_related = ("product", "prepared_by", "released_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("product__code__startswith",)
    autocomplete_fields = ("product",)
    fields = (
        "product", "version", "note", "state", "prepared_by", "released_by", "released_at",
    )  # fmt: skip
    readonly_fields = ("state", "prepared_by", "released_by", "released_at")
    inlines = (BillLineInline,)
    actions = ("new_version", "release", "retire")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whoever changed it last prepared it, so that nobody releases a change of their own."""
        obj.prepared_by = request.user
        super().save_model(request, obj, form, change)

    @display(description="Bill of materials")
    def version_name(self, bill: Bill) -> str:
        return str(bill)

    def has_draft_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("lots.add_bill")

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("lots.release_bill")

    @action(description="New version from it", permissions=["draft"])
    def new_version(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        deed = Deed(
            "new_version",
            "Draft a new version",
            "A draft with the same lines is made in your name. Change it, then have another "
            "person release it.",
            lambda row: draft_bill(bill=row, actor=actor(request)),
        )
        return confirmed(self, request, rows, deed)

    @action(description="Release", permissions=["release"])
    def release(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        deed = Deed(
            "release",
            "Release bills of materials",
            "Units are built by these bills. Their lines are frozen for ever.",
            lambda row: release_bill(bill=row, actor=actor(request)),
        )
        return confirmed(self, request, rows, deed)

    @action(description="Retire", permissions=["release"])
    def retire(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        deed = Deed(
            "retire",
            "Retire bills of materials",
            "Nothing more is built by these bills. What was built stands.",
            lambda row: retire_bill(bill=row),
        )
        return confirmed(self, request, rows, deed)
