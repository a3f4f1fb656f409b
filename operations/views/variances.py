from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from finance.selectors.ledger import watermark
from finance.selectors.variances import (
    ACCOUNTS,
    COLUMNS,
    VarianceAsked,
    variances,
    variances_asked,
)
from operations.views.books import BooksMoment, BooksPage

ROWS_SHOWN = 500


class VariancePage(BooksPage):
    """What differed from standard, by month drawn and by supplier, item and stage listed."""

    template_name = "operations/variances.html"
    title = "Variances"

    def asked(self) -> VarianceAsked:
        return variances_asked(self.given, is_recent=True)

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
        rows = ([getattr(row, name) for name in COLUMNS] for row in variances(asked).rows)
        return self.table_file("variances", COLUMNS, rows, asked.as_of_seq)
