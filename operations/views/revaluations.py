from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from finance.domain.legs import Leg
from finance.domain.money import ZERO
from finance.domain.revaluations import (
    StockLine,
    posted_totals,
    reasons_left_out,
    totals,
)
from finance.selectors.ledger import watermark
from finance.selectors.revaluations import (
    listed_revaluations,
    revaluation_by_id,
    stock_lines,
)
from finance.services import prepare_revaluation, try_revaluation
from finance.services.revaluations import PREPARE, REVALUATIONS
from operations.domain.revaluation_drawing import draw_differences
from operations.forms.revaluations import RevaluationForm
from operations.views.books import BooksPage
from operations.views.documents import DocumentActPage, DocumentListPage, DocumentPage
from operations.views.page import sent_key
from supplychain.base.errors import SupplychainError

LOOK = "finance.view_revaluation"
LOTS_SHOWN = 200
COLUMNS = (
    "lot", "account", "stage", "item", "unit_of_measure", "owner", "custodian", "quantity",
    "carried_amount", "standard_amount", "difference", "left_out",
)  # fmt: skip


class RevaluationListPage(DocumentListPage):
    """Every revaluation, newest first: what waits, and what was posted."""

    template_name = "operations/revaluation_list.html"
    title = "Revaluations"
    right: ClassVar[str] = LOOK
    trade = REVALUATIONS

    def listed(self) -> QuerySet[Any]:
        return listed_revaluations()


class RevaluationNewPage(BooksPage):
    """Shows what a revaluation would move, and prepares it once the person agrees."""

    template_name = "operations/revaluation_new.html"
    title = "Revalue stock"
    right: ClassVar[str] = PREPARE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = {"effective_on": timezone.localdate(), **self.given}
        parts = {"form": RevaluationForm(initial=first), "op_key": uuid.uuid4().hex}
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, key = RevaluationForm(request.POST), sent_key(request)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=400)
        try:
            if request.POST.get("go") == "prepare" and key:
                return self.prepare(form, key)
            tried = try_revaluation(order=form.order(), preparer=self.person)
        except SupplychainError as error:
            context = self.get_context_data(form=form, error=error)
            return self.render_to_response(context, status=error.status)
        parts = {
            "tried": tried,
            "foreseen": tried.foreseen,
            "posts": posted_totals(tried.foreseen.legs),
            **_told(tried.lines),
        }
        return self.render_to_response(self.get_context_data(form=form, **parts))

    def prepare(self, form: RevaluationForm, key: str) -> HttpResponseBase:
        document = prepare_revaluation(
            order=form.order(), key=f"page:{self.person.pk}:{key}", preparer=self.person
        )
        messages.success(
            self.request, f"{document} is prepared; it waits for somebody else's approval."
        )
        return HttpResponseRedirect(reverse("operations:finance-revaluation", args=[document.pk]))


class RevaluationPage(DocumentPage):
    """One revaluation: what it moves, what its approval would post, or what it posted."""

    template_name = "operations/revaluation.html"
    right: ClassVar[str] = LOOK
    trade = REVALUATIONS
    address = "operations:finance-revaluation"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = super().get_context_data(**kwargs)
        foreseen = parts.get("foreseen")
        legs: Iterable[Leg] = foreseen.legs if foreseen else ()
        return {**parts, "posts": posted_totals(legs), **_told(stock_lines(parts["document"]))}


class RevaluationActPage(RevaluationPage, DocumentActPage):
    """Approves a revaluation, or gives it up; what would be posted is on its page."""


class RevaluationCsv(RevaluationPage):
    """Every lot of it, those left out too."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        document = revaluation_by_id(self.kwargs["pk"])
        rows = (
            (
                line.lot, line.position.account, line.position.stage, line.position.item,
                line.position.unit, line.position.owner, line.position.custodian, line.quantity,
                line.carried, line.standard, line.difference, line.left_out or "",
            )
            for line in stock_lines(document)
        )  # fmt: skip
        return self.table_file(f"revaluation-{document.pk}", COLUMNS, rows, watermark(None).seq)


def _told(lines: Sequence[StockLine]) -> dict[str, Any]:
    """Sums and their picture, and the first of the lots that are revalued and left out."""
    summed = totals(lines)
    revalued = [line for line in lines if line.left_out is None]
    left_out = [line for line in lines if line.left_out is not None]
    return {
        "bars": draw_differences(summed),
        "carried": sum((total.carried for total in summed), ZERO),
        "standard": sum((total.standard for total in summed), ZERO),
        "difference": sum((total.difference for total in summed), ZERO),
        "lots": revalued[:LOTS_SHOWN],
        "lots_hidden": max(0, len(revalued) - LOTS_SHOWN),
        "left_out": left_out[:LOTS_SHOWN],
        "left_out_hidden": max(0, len(left_out) - LOTS_SHOWN),
        "reasons": sorted(reasons_left_out(lines).items()),
    }
