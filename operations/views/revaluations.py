from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from finance.domain.legs import Leg
from finance.domain.money import ZERO
from finance.domain.revaluations import (
    RevaluationOrder,
    StockLine,
    posted_totals,
    reasons_left_out,
    totals,
)
from finance.models import Revaluation
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
from operations.views.documents import (
    DocumentActPage,
    DocumentListPage,
    DocumentNewPage,
    DocumentPage,
)

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


class RevaluationNewPage(DocumentNewPage):
    """Shows what a revaluation would move, and prepares it once the person agrees."""

    template_name = "operations/revaluation_new.html"
    title = "Revalue stock"
    right: ClassVar[str] = PREPARE
    form_class = RevaluationForm
    address = "operations:finance-revaluation"

    def first(self) -> dict[str, Any]:
        return {"effective_on": self.books.today(), **self.given}

    def tried(self, order: RevaluationOrder) -> dict[str, Any]:
        found = try_revaluation(order=order, preparer=self.person)
        return {
            "tried": found,
            "foreseen": found.foreseen,
            "posts": posted_totals(found.foreseen.legs),
            **_told(found.lines),
        }

    def prepared(self, order: RevaluationOrder, key: str) -> Revaluation:
        return prepare_revaluation(order=order, key=key, preparer=self.person)


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
