from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from intake.domain.words import OPEN_ROW_STATES
from intake.models import FeedRow
from intake.selectors import row_of_file, rows_by_id
from intake.services import drop_rows, repair_row, replay_rows
from operations.forms.files import DropForm, RepairForm
from operations.views.page import Page, picked_ids
from supplychain.base.errors import ForbiddenError, MissingError, SupplychainError

RIGHT = "intake.change_feedrow"
PICKED_MAX = 500
TITLES = {"drop": "Drop rows", "replay": "Try rows again"}


class FileRowPage(Page):
    """One row: what the partner wrote, what became of it, and the repair it may need."""

    template_name = "operations/file_row.html"
    right = "intake.view_feedrow"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = kwargs.get("row") or self.row()
        may = row.state in OPEN_ROW_STATES and self.may(RIGHT)
        parts = {
            "row": row,
            "title": f"Row {row.number} of {row.file.name}",
            "form": RepairForm(row=row),
            "drop_form": DropForm(),
            "may_decide": may,
        }
        return super().get_context_data(**{**parts, **kwargs})

    def row(self) -> FeedRow:
        return row_of_file(self.kwargs["sha256"], self.kwargs["number"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may(RIGHT):
            raise ForbiddenError("Your role may not repair rows. Ask an administrator for it.")
        row = self.row()
        form = RepairForm(request.POST, row=row)
        if not form.is_valid():
            context = self.get_context_data(row=row, form=form)
            return self.render_to_response(context, status=400)
        try:
            repair_row(row=row, content=form.content(), actor=self.person)
        except SupplychainError as error:
            context = self.get_context_data(row=row, form=form, error=error)
            return self.render_to_response(context, status=error.status)
        messages.success(request, f"Row {row.number} was repaired; it is tried in a moment.")
        return HttpResponseRedirect(reverse("operations:file-detail", args=[row.file.sha256]))


class FileRowsActPage(Page):
    """Several rows at once: dropped with one reason, or tried again."""

    template_name = "operations/file_rows_act.html"
    right = RIGHT

    def picked(self) -> list[FeedRow]:
        picked = self.request.POST.getlist("pick") or self.request.GET.getlist("pick")
        ids = picked_ids(picked)
        rows = rows_by_id(ids[:PICKED_MAX])
        if not rows:
            raise MissingError("No row was picked. Tick the rows first.")
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        act = self.kwargs["act"]
        if act not in TITLES:
            raise MissingError(f"Nobody can {act} rows on a page.")
        parts = {
            "act": act,
            "title": TITLES[act],
            "picked": kwargs.get("picked") or self.picked(),
            "form": DropForm() if act == "drop" else None,
        }
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = self.picked()
        form = DropForm(request.POST)
        if self.kwargs["act"] == "drop" and not form.is_valid():
            context = self.get_context_data(picked=rows, form=form)
            return self.render_to_response(context, status=400)
        try:
            return self.done(rows, self.act(rows, form))
        except SupplychainError as error:
            context = self.get_context_data(picked=rows, form=form, error=error)
            return self.render_to_response(context, status=error.status)

    def act(self, rows: list[FeedRow], form: DropForm) -> int:
        if self.kwargs["act"] == "drop":
            reason = form.cleaned_data["reason"]
            return drop_rows(rows=rows, reason=reason, actor=self.person)
        return replay_rows(rows=rows, actor=self.person)

    def done(self, rows: list[FeedRow], count: int) -> HttpResponse:
        left = len(rows) - count
        rest = f" {left} cannot be read or are settled, and stay." if left else ""
        messages.success(self.request, f"{self.kwargs['act'].capitalize()}: {count} rows.{rest}")
        return HttpResponseRedirect(reverse("operations:file-detail", args=[rows[0].file.sha256]))
