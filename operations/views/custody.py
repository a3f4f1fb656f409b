from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse

from finance.selectors.custody import custodian_by_code, custodians, custody
from operations.views.books import BooksPage

WORD_MAX = 64
ROWS_SHOWN = 2_000
HEAD = (
    "custodian", "item", "lot", "account", "stage", "owner", "quantity", "unit_of_measure",
    "as_of_seq", "as_of_date",
)  # fmt: skip


class CustodyPage(BooksPage):
    """What a custodian holds by item and lot: a statement to print, sign and send back."""

    template_name = "operations/custody.html"
    title = "Custodian statement"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        moment = self.moment()
        code = self.given.get("custodian", "")[:WORD_MAX]
        parts: dict[str, Any] = {
            "moment": moment,
            "custodians": custodians(moment.mark.seq, moment.day),
        }
        if code:
            rows = custody(code, moment.mark.seq, moment.day)
            sums: Counter[tuple[str, str]] = Counter()
            for row in rows:
                sums[row.item, row.unit_of_measure] += row.quantity
            parts |= {
                "custodian": custodian_by_code(code),
                "rows": rows[:ROWS_SHOWN],
                "row_count": len(rows),
                "sums": [(item, unit, quantity) for (item, unit), quantity in sums.items()],
            }
        return super().get_context_data(**{**parts, **kwargs})


class CustodyCsv(BooksPage):
    """The same rows, all of them."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        moment = self.moment()
        code = custodian_by_code(self.given.get("custodian", "")[:WORD_MAX]).code
        rows = (
            (
                code, row.item, row.lot, row.account, row.stage, row.owner, row.quantity,
                row.unit_of_measure, moment.mark.seq, moment.day or "",
            )
            for row in custody(code, moment.mark.seq, moment.day)
        )  # fmt: skip
        return self.table_file(f"custody-{code}", HEAD, rows, moment.mark.seq)
