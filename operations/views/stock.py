from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from operations.selectors.stock import FILTERS, StockAsked, stock
from operations.views.books import BooksMoment, BooksPage

WORD_MAX = 64
HEAD = (
    "account", "stage", "item", "unit_of_measure", "owner", "custodian", "quantity", "amount",
    "currency", "as_of_seq", "as_of_date",
)  # fmt: skip


class StockPage(BooksPage):
    """Where the money sits, by stage, item and custodian: a picture, and what it was drawn from."""

    template_name = "operations/stock.html"
    title = "Inventory by stage"

    def asked(self, moment: BooksMoment) -> StockAsked:
        words = {name: self.given.get(name, "").strip()[:WORD_MAX] for name in FILTERS}
        return StockAsked(moment.mark.seq, moment.day, **words)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        moment = self.moment()
        asked = self.asked(moment)
        parts = {"moment": moment, "asked": asked, "stock": stock(asked)}
        return super().get_context_data(**{**parts, **kwargs})


class StockCsv(StockPage):
    """The same buckets as rows."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data()
        moment, currency = context["moment"], context["currency"]
        rows = (
            (
                bucket.account, bucket.stage or "", bucket.item, bucket.unit_of_measure,
                bucket.owner, bucket.custodian, row.quantity, row.amount, currency,
                moment.mark.seq, moment.day or "",
            )
            for row in context["stock"].rows
            for bucket in [row.bucket]
        )  # fmt: skip
        return self.table_file("inventory", HEAD, rows, moment.mark.seq)
