from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from finance.domain.cost_table import COLUMNS
from finance.models import CostVersion
from finance.selectors.costs import (
    cost_table,
    cost_version,
    cost_versions,
    costs_of,
    posted_otherwise,
    version_before,
)
from finance.selectors.ledger import watermark
from finance.selectors.told import costs_as_shown
from finance.services import approve_cost_version
from finance.services.cost_import import RIGHT as PREPARE
from finance.services.cost_import import import_costs
from finance.services.revaluations import PREPARE as REVALUE
from operations.forms.costs import CostImportForm
from operations.selectors.cost_tables import changes_from, cost_lines, cost_view, gone_count
from operations.views.books import BooksPage
from operations.views.page import seen_of
from supplychain.base.errors import SupplychainError

LOOK = "finance.view_costversion"
APPROVE = "finance.approve_costversion"
ROWS_SHOWN = 300


class CostListPage(BooksPage):
    """Every version of standard costs: what is in force, what comes, what waits."""

    template_name = "operations/cost_list.html"
    title = "Standard costs"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = cost_lines(self.books.today())
        parts = {
            "lines": lines,
            "drafts": [line for line in lines if line.state == "draft"],
            "may_prepare": self.may(PREPARE),
        }
        return super().get_context_data(**{**parts, **kwargs})


class CostVersionPage(BooksPage):
    """One version: its costs, and what differs from another one."""

    template_name = "operations/cost_version.html"
    right: ClassVar[str] = LOOK

    def version(self) -> CostVersion:
        return cost_version(self.kwargs["code"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version()
        named = self.given.get("against", "")
        parts = {
            "version": version,
            "title": f"Standard costs {version.code}",
            "view": cost_view(version, cost_version(named) if named else None),
            "others": cost_versions().exclude(pk=version.pk).values_list("code", flat=True),
            "may_approve": self.may(APPROVE) and version.approved_at is None,
            "may_give_up": self.may(PREPARE) and version.approved_at is None,
            "may_revalue": self.may(REVALUE) and version.approved_at is not None,
        }
        return super().get_context_data(**{**parts, **kwargs})


class CostCsv(CostVersionPage):
    """The costs in the columns of an import."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        version = self.version()
        rows = (
            (
                item, stage, cost.unit_cost,
                cost.yield_ratio if cost.yield_ratio is not None else "", supplier,
            )
            for (item, stage, supplier), cost in sorted(costs_of(version).items())
        )  # fmt: skip
        return self.table_file(f"costs-{version.code}", COLUMNS, rows, watermark(None).seq)


class CostApprovalPage(CostVersionPage):
    """Shows what an approval puts in force, and approves once the person agrees."""

    template_name = "operations/cost_approval.html"
    right: ClassVar[str] = APPROVE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = super().get_context_data(**kwargs)
        version, view = parts["version"], parts["view"]
        before = version_before(version.effective_on) if "against" in self.given else view.before
        seen = costs_as_shown(version, dict(view.costs), before).sha256
        waits = version.approved_at is None
        return {**parts, "seen": seen, "posted": posted_otherwise(version) if waits else 0}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            version = approve_cost_version(
                version=self.version(), approver=self.person, seen=seen_of(request)
            )
        except SupplychainError as error:
            context = self.get_context_data(error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(
            request, f"Approved: {version.code} applies from {version.effective_on}, and is frozen."
        )
        return HttpResponseRedirect(reverse("operations:finance-cost-version", args=[version.code]))


class CostImportPage(BooksPage):
    """A table of costs is shown with its faults and changes first, and imported then."""

    template_name = "operations/cost_import.html"
    title = "Import standard costs"
    right: ClassVar[str] = PREPARE
    form_class: ClassVar[type[CostImportForm]] = CostImportForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"form": self.form_class(), **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form_class(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            if request.POST.get("go") == "import":
                return self.take(form)
            parts = self.preview(form)
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        return self.render_to_response(self.get_context_data(form=form, **parts))

    def preview(self, form: CostImportForm) -> dict[str, Any]:
        said = form.cleaned_data
        table = cost_table(said["table"])
        before = version_before(said["effective_on"])
        changes = changes_from(before, table.costs)
        return {
            "table": table,
            "text": said["table"],
            "faults": table.faults[:ROWS_SHOWN],
            "before": before,
            "changes": changes[:ROWS_SHOWN],
            "change_count": len(changes),
            "gone_count": gone_count(changes),
        }

    def take(self, form: CostImportForm) -> HttpResponseBase:
        said = form.cleaned_data
        version = import_costs(
            code=said["code"],
            effective_on=said["effective_on"],
            table=cost_table(said["table"]),
            preparer=self.person,
        )
        messages.success(
            self.request, f"{version.code} is imported; it waits for somebody else's approval."
        )
        return HttpResponseRedirect(reverse("operations:finance-cost-version", args=[version.code]))
