from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from finance.selectors.ledger import watermark
from finance.selectors.reconciling import reconciliation
from operations.views.books import BooksPage
from supplychain.base.snapshots import snapshot

ROWS_SHOWN = 500
HEAD = (
    "account", "stage", "item", "unit_of_measure", "custodian", "ledger", "events", "there",
    "unserialised", "differing", "is_proven", "as_of_seq", "amount",
)  # fmt: skip


class ReconciliationPage(BooksPage):
    """The books, the lots' events and what is there, counted beside each other."""

    template_name = "operations/reconciliation.html"
    title = "Reconciliation"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        with snapshot():
            found, mark = reconciliation(), watermark(None)
        parts = {
            "found": found,
            "faulty": len({row.lot for row in found.faults}),
            "differences": found.differences[:ROWS_SHOWN],
            "hidden": max(0, len(found.differences) - ROWS_SHOWN),
            "mark": mark,
        }
        return super().get_context_data(**{**parts, **kwargs})


class ReconciliationCsv(BooksPage):
    """Every stock with its counts."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with snapshot():
            found, mark = reconciliation(), watermark(None)
        rows = (
            (
                line.stock.account, line.stock.stage, line.stock.item, line.stock.unit_of_measure,
                line.stock.custodian, line.ledger, line.events, line.there,
                line.unserialised, line.differing, str(line.is_proven).lower(), mark.seq,
                line.amount,
            )
            for line in found.stocks
        )  # fmt: skip
        return self.table_file("reconciliation", HEAD, rows, mark.seq)
