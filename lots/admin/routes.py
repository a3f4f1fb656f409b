from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import action, display
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from lots.forms import CompareForm, QueueLimitForm
from lots.models import QueueLimit, Route, RouteVersion, Step
from lots.selectors.comparing import (
    Difference,
    compare_routes,
    with_standing,
)
from lots.selectors.plans import orphaned_by
from lots.services.releasing import draft_route, release_route, retire_route
from supplychain.base.admin import SELECTED_MAX, Deed, TableAdmin, VersionAdmin, actor, confirmed

ORPHANS_SHOWN_MAX = 20


@admin.register(Route)
class RouteAdmin(TableAdmin):
    list_display = ("code", "name")
    search_fields = ("code__startswith",)
    ordering = ("code",)


class StepInline(TabularInline):
    model = Step
    extra = 0
    fields = (
        "sequence",
        "code",
        "name",
        "kind",
        "supplier",
        "days_min",
        "days_max",
        "requires_results",
        "gate_mode",
        "queue_hours_max",
        "sampling_every",
        "track_depth",
        "is_outsourced",
    )
    autocomplete_fields = ("supplier",)


class QueueLimitInline(TabularInline):
    """The longest times between steps. Steps are saved first, then named here."""

    model = QueueLimit
    form = QueueLimitForm
    extra = 0
    fields = ("from_step", "to_step", "hours_max")

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest | None, **kwargs: Any
    ) -> Any:
        """Only steps of the version at hand."""
        if db_field.name in {"from_step", "to_step"} and request and request.resolver_match:
            version = request.resolver_match.kwargs.get("object_id")
            steps = Step.objects.filter(route_version=version) if version else Step.objects.none()
            kwargs["queryset"] = steps.order_by("sequence")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(RouteVersion)
class RouteVersionAdmin(VersionAdmin):
    """Prepared by one person, released by another, then frozen; lots stay on theirs."""

    list_display = (
        "version_name", "state", "lots", "prepared_by", "released_by", "released_at", "is_free",
        "is_rework", "comparison",
    )  # fmt: skip
    list_select_related = ("route", "prepared_by", "released_by")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("route", RelatedDropdownFilter),
        "is_rework",
    )
    search_fields = ("route__code__startswith",)
    fields = (
        "route", "version", "is_free", "is_rework", "note", "state", "prepared_by", "released_by",
        "released_at", "comparison",
    )  # fmt: skip
    readonly_fields = ("state", "prepared_by", "released_by", "released_at", "comparison")
    inlines = (StepInline, QueueLimitInline)
    actions = ("new_version", "compare", "release", "retire")

    def get_queryset(self, request: HttpRequest) -> QuerySet[RouteVersion]:
        rows: QuerySet[RouteVersion] = super().get_queryset(request)
        return with_standing(rows)

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "compare/",
            self.admin_site.admin_view(self.comparison_page),
            name="lots_routeversion_compare",
        )
        return [page, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Whoever changed it last prepared it, so that nobody releases a change of their own."""
        obj.prepared_by = request.user
        super().save_model(request, obj, form, change)

    @display(description="Version")
    def version_name(self, version: RouteVersion) -> str:
        return str(version)

    @display(description="Lots on it")
    def lots(self, version: Any) -> SafeString:
        address = reverse("admin:lots_lot_changelist")
        return format_html(
            '<a class="sc-page-link" href="{}?route_version__exact={}">{}</a>',
            address,
            version.pk,
            f"{version.lot_count:,}",
        )

    @display(description="Differences")
    def comparison(self, version: Any) -> SafeString | str:
        """A version being added stands before or after none yet."""
        if getattr(version, "earlier_id", None) is None:
            return "—"
        return format_html(
            '<a class="sc-page-link" href="{}">Compare with v{}</a>',
            _comparison(version.earlier_id, version.pk),
            version.earlier_number,
        )

    def comparison_page(self, request: HttpRequest) -> HttpResponse:
        """Two versions side by side, chosen on the page itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = CompareForm(request.GET or None)
        chosen = form.cleaned_data if form.is_valid() else {}
        rows = compare_routes(chosen["before"], chosen["after"]) if chosen else []
        unlike = [row for row in rows if row.difference is not Difference.SAME or row.is_moved]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Compare route versions",
            "form": form,
            "versions": _standing(chosen),
            "before": chosen.get("before"),
            "after": chosen.get("after"),
            "unlike_count": len(unlike),
            "rows": unlike if request.GET.get("only") else rows,
            "is_short": bool(request.GET.get("only")),
        }
        return TemplateResponse(request, "admin/compare_routes.html", context)

    def has_draft_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("lots.add_routeversion")

    def has_release_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("lots.release_routeversion")

    @action(description="New version from it", permissions=["draft"])
    def new_version(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        deed = Deed(
            "new_version",
            "Draft a new version",
            "A draft with the same steps and limits is made in your name. Change it, then have "
            "another person release it.",
            lambda row: draft_route(version=row, actor=actor(request)),
        )
        return confirmed(self, request, rows, deed)

    @action(description="Compare two", permissions=["view"])
    def compare(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        keys = list(rows.order_by("route", "version").values_list("pk", flat=True)[:3])
        if len(keys) != 2:
            messages.error(request, "Pick exactly two versions to compare.")
            return None
        return HttpResponseRedirect(_comparison(*keys))

    @action(description="Release", permissions=["release"])
    def release(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        deed = Deed(
            "release",
            "Release route versions",
            "New lots start on these versions. Their steps are frozen for ever; lots under way "
            f"stay on the version they have.{_orphans(rows)}",
            lambda row: release_route(version=row, actor=actor(request)),
        )
        return confirmed(self, request, rows, deed)

    @action(description="Retire", permissions=["release"])
    def retire(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        deed = Deed(
            "retire",
            "Retire route versions",
            "No more lots start on these versions. Lots under way finish on them.",
            lambda row: retire_route(version=row),
        )
        return confirmed(self, request, rows, deed)


def _orphans(rows: QuerySet[Any]) -> str:
    """Planned actions that no lot on these versions would set off, as a sentence; "" for none."""
    found = [
        f"{action} ({version} has no such step)"
        for version in rows.select_related("route")[:SELECTED_MAX]
        for action in orphaned_by(version)[:ORPHANS_SHOWN_MAX]
    ]
    listed = "; ".join(found[:ORPHANS_SHOWN_MAX])
    return f" Planned actions that new lots would pass: {listed}. Plan them anew." if found else ""


def _comparison(before: int, after: int) -> str:
    query = urlencode({"before": before, "after": after})
    return f"{reverse('admin:lots_routeversion_compare')}?{query}"


def _standing(chosen: dict[str, Any]) -> QuerySet[RouteVersion]:
    keys = [version.pk for version in chosen.values()]
    versions = RouteVersion.objects.filter(pk__in=keys).order_by("route", "version")
    return with_standing(versions)


@admin.register(Step)
class StepAdmin(TableAdmin):
    """Steps are changed in a draft of their route; this list is for looking up."""

    list_display = (
        "code", "route_version", "sequence", "name", "kind", "supplier", "days_max", "gate_mode",
        "queue_hours_max", "sampling_every", "is_outsourced",
    )  # fmt: skip
    list_select_related = ("route_version__route", "supplier")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("supplier", RelatedDropdownFilter),
        ("gate_mode", ChoicesDropdownFilter),
    )
    search_fields = ("code__startswith", "name__startswith")
    ordering = ("route_version", "sequence")

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False
