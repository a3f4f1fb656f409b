from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from finance.domain.words import OWED_EXPORTS, ExportFormat, ExportState
from finance.models import ExportJob
from finance.selectors.calendar import periods_until
from finance.selectors.exports import export_by_id, exports, query_of
from finance.services import ask_export
from operations.forms.ledger_exports import ExportForm
from operations.views.books import VIEW, BooksPage
from operations.views.nudging import nudge
from operations.views.page import page_number
from supplychain.base.errors import ForbiddenError, RefusedError, SupplychainError

LOOK = "finance.view_exportjob"
ASK = "finance.add_exportjob"
TASK = "finance.work_exports"
ROWS = 50


class ExportListPage(BooksPage):
    """Exports of the ledger, newest first, and asking for one."""

    template_name = "operations/export_list.html"
    title = "Exports of the ledger"
    right: ClassVar[str] = LOOK

    def form(self, data: Any = None) -> ExportForm:
        today = self.books.today()
        return ExportForm(data, periods=list(periods_until(today).values_list("code", flat=True)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = page_number(self.request.GET.get("page", ""))
        found = list(exports()[(page - 1) * ROWS : page * ROWS + 1])
        parts: dict[str, Any] = {
            "jobs": found[:ROWS], "page": page, "has_next": len(found) > ROWS,
        }  # fmt: skip
        if self.may(ASK) and "form" not in kwargs:
            parts["form"] = self.form()
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.may(ASK):
            raise ForbiddenError("Your role may not export the ledger.")
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            job = ask_export(
                query=form.query(),
                kind=ExportFormat(form.cleaned_data["format"]),
                key=form.cleaned_data["op_key"],
                actor=self.person,
            )
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        nudge(TASK)
        return HttpResponseRedirect(reverse("operations:finance-export", args=[job.pk]))


class ExportPage(BooksPage):
    """One export: how far it is, what its files must add up to, and the files."""

    template_name = "operations/export_detail.html"
    right: ClassVar[str] = LOOK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        job = export_by_id(self.kwargs["pk"])
        parts = {
            "job": job,
            "title": f"Export as of line {job.as_of_seq:,}",
            "written": written(job),
            "is_working": job.state in OWED_EXPORTS,
            "may_ask": self.may(ASK),
            "may_download": self.may(VIEW),
        }
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for the same once more: what failed stays as it is, as a record."""
        if not self.may(ASK):
            raise ForbiddenError("Your role may not export the ledger.")
        job = export_by_id(self.kwargs["pk"])
        if job.state != ExportState.FAILED:
            raise RefusedError("Only an export that failed is asked for again.")
        again = ask_export(
            query=query_of(job, job.after_seq, 0),
            kind=ExportFormat(job.format),
            key=f"again-{job.pk}",
            actor=self.person,
        )
        nudge(TASK)
        messages.success(request, "Asked for again, as of the same line of the ledger.")
        return HttpResponseRedirect(reverse("operations:finance-export", args=[again.pk]))


class ExportStatePage(BooksPage):
    """How far an export is, for the script on its page."""

    right: ClassVar[str] = LOOK

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        job = export_by_id(self.kwargs["pk"])
        return JsonResponse(
            {
                "state": job.state,
                "state_word": ExportState(job.state).value.capitalize(),
                "is_working": job.state in OWED_EXPORTS,
                "total": job.row_count or 1,
                "looked_at": written(job),
                "done": written(job),
                "failed": 0,
            }
        )


def written(job: ExportJob) -> int:
    """Rows in finished files."""
    return sum(file.row_count for file in job.files.all())
