from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from finance.domain.assumptions import COLUMNS
from finance.domain.rollup import roll_up
from finance.selectors.costs import cost_version, cost_versions, version_before
from finance.selectors.ledger import watermark
from finance.selectors.rollups import assumption_table, assumptions_of, stage_codes
from finance.services.cost_import import RIGHT as PREPARE
from finance.services.rollups import change_assumption, prepare_roll_up
from operations.forms.costs import AssumptionForm, AssumptionImportForm
from operations.selectors.cost_tables import changes_from, gone_count
from operations.selectors.rollups import explained_view, roll_up_view, tried
from operations.views.books import BooksPage
from operations.views.costs import ROWS_SHOWN, CostImportPage, CostVersionPage
from supplychain.base.errors import ForbiddenError, SupplychainError


class RollUpPage(CostVersionPage):
    """What a version is rolled up from, what each cost is built of, and what would move."""

    template_name = "operations/cost_roll_up.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.version()
        named = self.given.get("against", "")
        against = cost_version(named) if named else None
        cost = self.given.get("cost", "")
        is_own = version.prepared_by_id == self.person.pk and version.approved_at is None
        parts = {
            "version": version,
            "title": f"Roll-up {version.code}",
            "found": roll_up_view(version),
            "against": against,
            "explained": explained_view(version, against, cost) if against else None,
            "others": cost_versions()
            .filter(assumptions__isnull=False)
            .exclude(pk=version.pk)
            .distinct()
            .values_list("code", flat=True),
            "may_change": self.may(PREPARE) and is_own,
            **self.tried(),
        }
        return BooksPage.get_context_data(self, **{**parts, **kwargs})

    def tried(self) -> dict[str, Any]:
        """What another value on one line would move, when one is given."""
        if "line" not in self.given:
            return {"form": AssumptionForm()}
        form = AssumptionForm(self.given)
        if not form.is_valid():
            return {"form": form}
        line, value = form.cleaned_data["line"], form.cleaned_data["value"]
        try:
            return {"form": form, "is_tried": True, "moved": tried(self.version(), line, value)}
        except SupplychainError as error:
            return {"form": form, "error": error}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may(PREPARE):
            raise ForbiddenError("Ask an administrator for a role that may prepare costs.")
        form = AssumptionForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        line, value = form.cleaned_data["line"], form.cleaned_data["value"]
        try:
            version = change_assumption(
                version=self.version(), line=line, value=value, preparer=self.person
            )
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, f"Line {line} is {said(value)}; the costs follow it.")
        return HttpResponseRedirect(reverse("operations:finance-cost-roll-up", args=[version.code]))


class AssumptionCsv(CostVersionPage):
    """The assumptions in the columns of an import."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        version = self.version()
        rows = (
            (row.kind, row.item, row.stage, row.component, row.supplier, row.value, row.source)
            for row in assumptions_of(version)
        )
        return self.table_file(f"assumptions-{version.code}", COLUMNS, rows, watermark(None).seq)


class AssumptionImportPage(CostImportPage):
    """A table of assumptions is rolled up and shown first, and kept then."""

    template_name = "operations/assumption_import.html"
    title = "Roll costs up"
    form_class = AssumptionImportForm

    def preview(self, form: Any) -> dict[str, Any]:
        words = form.cleaned_data
        table = assumption_table(words["table"])
        before = version_before(words["effective_on"])
        rolled = {} if table.faults else roll_up(table.rows, stage_codes())
        changes = changes_from(before, {key: one.standard for key, one in rolled.items()})
        return {
            "table": table,
            "text": words["table"],
            "faults": table.faults[:ROWS_SHOWN],
            "before": before,
            "rolled": rolled,
            "changes": changes[:ROWS_SHOWN],
            "change_count": len(changes),
            "gone_count": gone_count(changes),
        }

    def take(self, form: Any) -> HttpResponseBase:
        words = form.cleaned_data
        version = prepare_roll_up(
            code=words["code"],
            effective_on=words["effective_on"],
            table=assumption_table(words["table"]),
            preparer=self.person,
        )
        messages.success(
            self.request, f"{version.code} is rolled up; it waits for somebody else's approval."
        )
        return HttpResponseRedirect(reverse("operations:finance-cost-roll-up", args=[version.code]))


def said(value: Decimal) -> str:
    """Without zeros that say nothing."""
    return f"{value.normalize():f}"
