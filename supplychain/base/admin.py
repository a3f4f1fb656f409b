"""Lists that stay fast on millions of rows, and history that nobody edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import ShowFacets, display
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Field, Model, QuerySet
from django.forms import Field as FormField
from django.forms import SplitDateTimeWidget
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldBooleanWidget

from supplychain.base.errors import SupplychainError

SELECTED_MAX = 100
FOUND_MAX = 1000
TOO_MANY = f"Pick at most {SELECTED_MAX} rows at a time. Nothing was changed."


class TableAdmin(ModelAdmin):
    """A list without counts. Search is by prefix on indexed columns; sorting by the key alone."""

    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_disable_select_all = True
    list_fullwidth = True
    list_filter_submit = True
    sortable_by: Iterable[str] = ()
    ordering: tuple[str, ...] = ("-pk",)
    actions: Sequence[str] | None = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows that any one field finds by its own index; of a field at most 1,000.

        Django joins the fields by OR, which over several tables no index can answer. The keys are
        read first: the planner would else walk the whole table in its order to meet them.
        """
        words = search_term.split()
        if len(self.search_fields) < 2 or len(words) != 1 or "\0" in search_term:
            found: tuple[QuerySet[Any], bool]
            found = super().get_search_results(request, queryset, search_term)
            return found
        rows = self.model.objects.order_by()
        first, *others = (
            rows.filter(**{field: words[0]}).values_list("pk", flat=True)[:FOUND_MAX]
            for field in self.search_fields
        )
        return queryset.filter(pk__in=list(first.union(*others))), False

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> FormField | None:
        """Both boxes of a date and time have a name: the theme's say only what kind they are."""
        field: FormField | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, SplitDateTimeWidget):
            name = capfirst(db_field.verbose_name)
            for box, what in zip(field.widget.widgets, ("date", "time"), strict=True):
                box.attrs["aria-label"] = f"{name}, {what}"
        return field

    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Model) -> str:
        """The box before a row; the theme's own says the same of every row."""
        return pick_box(obj, "action-select")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing that others refer to is deleted here; it is retired or corrected."""
        return False


class HistoryAdmin(TableAdmin):
    """Facts written by services: to be looked at, never edited."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Facts come in by files and services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A correction is a new fact."""
        return False


class HistoryInline(TabularInline):
    """Rows below a fact, as they stand."""

    extra = 0
    can_delete = False
    show_change_link = False
    per_page = 25

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Facts come in by files and services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A correction is a new fact."""
        return False


class VersionAdmin(TableAdmin):
    """Configuration in versions: a draft is open to change, a released version is frozen."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Drafts only."""
        is_draft = obj is None or getattr(obj, "state", "") == "draft"
        return is_draft and super().has_change_permission(request, obj)


def actor(request: HttpRequest) -> User:
    """The person at the page; the admin lets nobody else in."""
    assert isinstance(request.user, User), "the admin asked for the sign-in"
    return request.user


def pick_box(row: Model, css_class: str) -> str:
    """A box that picks the row. css_class: by which scripts find it."""
    names = {"class": css_class, "aria-label": f"Pick {row}"}
    box = UnfoldBooleanWidget(names, lambda _: False)
    return str(box.render(ACTION_CHECKBOX_NAME, str(row.pk)))


def page_link(view: str, key: object, text: object = None) -> SafeString:
    """A link to one of the site's own pages."""
    address = reverse(view, args=[key])
    return format_html('<a class="sc-page-link" href="{}">{}</a>', address, text or key)


def with_selected(
    request: HttpRequest, view: str, rows: QuerySet[Any], *words: str
) -> HttpResponse | None:
    """On to the page that shows what an action would do to the picked rows, and asks."""
    keys = list(rows.values_list("pk", flat=True)[: SELECTED_MAX + 1])
    if len(keys) > SELECTED_MAX:
        messages.error(request, TOO_MANY)
        return None
    query = urlencode({"pick": keys}, doseq=True)
    return HttpResponseRedirect(f"{reverse(view, args=words)}?{query}")


@dataclass(frozen=True, slots=True)
class Deed:
    """An action on picked rows. effect: what will be true afterwards, as a sentence.

    shown: of a row, what the person agrees to: lines of text, and their hash, which comes back as
    seen_of().
    """

    name: str
    title: str
    effect: str
    run: Callable[[Any], object]
    shown: Callable[[Any], tuple[Sequence[str], str]] = field(default=lambda _row: ((), ""))


def confirmed(
    model_admin: Any, request: HttpRequest, rows: QuerySet[Any], deed: Deed
) -> HttpResponse | None:
    """Ask first, on a page that names the rows and the effect; then do it to all or to none."""
    picked = list(rows[: SELECTED_MAX + 1])
    if len(picked) > SELECTED_MAX:
        messages.error(request, TOO_MANY)
        return None
    if request.POST.get("confirmed"):
        _do(request, picked, deed)
        return None
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": deed.title,
        "deed": deed,
        "picked": [(row, *deed.shown(row)) for row in picked],
    }
    return TemplateResponse(request, "admin/confirm_deed.html", context)


def seen_of(request: HttpRequest, row: Model) -> str:
    """The hash of what the page of a deed showed of the row."""
    return request.POST.get(f"seen-{row.pk}", "")


def _do(request: HttpRequest, picked: Sequence[Any], deed: Deed) -> None:
    try:
        with transaction.atomic():
            for row in picked:
                deed.run(row)
    except SupplychainError as error:
        messages.error(request, f"{error.detail} Nothing was changed.")
    else:
        messages.success(request, f"{deed.title}: done for {len(picked)}.")
