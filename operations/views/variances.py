from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from finance.domain.queries import as_of_seq, period_code
from finance.selectors.ledger import watermark
from finance.selectors.variances import (
    ACCOUNTS,
    FILTERS,
    VarianceAsked,
    months_shown,
    variances,
)
from operations.views.books import BooksMoment, BooksPage
from supplychain.base.errors import MalformedError

ROWS_SHOWN, WORD_MAX = 500, 64
HEAD = (
    "period", "account", "kind", "item", "stage", "supplier", "unit_of_measure", "quantity",
    "amount", "line_count",
)  # fmt: skip


class VariancePage(BooksPage):
    """What differed from standard, by month drawn and by supplier, item and stage listed."""

    template_name = "operations/variances.html"
    title = "Variances"

    def asked(self) -> VarianceAsked:
        given, mark = self.given, watermark(as_of_seq(self.given))
        account = given.get("account", "")
        if account and account not in ACCOUNTS:
            raise MalformedError(f"account is one of: {', '.join(ACCOUNTS)}.")
        first, last = months_shown(mark.seq)
        return VarianceAsked(
            as_of_seq=mark.seq,
            first=period_code({"period": given["from"]}) if "from" in given else first,
            last=period_code({"period": given["to"]}) if "to" in given else last,
            account=account,
            **{name: given.get(name, "")[:WORD_MAX] for name in FILTERS},
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.asked()
        found = variances(asked)
        parts = {
            "moment": BooksMoment(watermark(asked.as_of_seq), None, ""),
            "asked": asked,
            "found": found,
            "rows": found.rows[:ROWS_SHOWN],
            "hidden": max(0, len(found.rows) - ROWS_SHOWN),
            "accounts": ACCOUNTS,
            "drawn": {
                "months": [month.period for month in found.months],
                "kinds": [
                    {"name": kind, "amounts": [float(month.amounts[at]) for month in found.months]}
                    for at, kind in enumerate(found.kinds)
                ],
            },
        }
        return super().get_context_data(**{**parts, **kwargs})


class VarianceCsv(VariancePage):
    """Every row."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = self.asked()
        rows = ([getattr(row, name) for name in HEAD] for row in variances(asked).rows)
        return self.table_file("variances", HEAD, rows, asked.as_of_seq)
