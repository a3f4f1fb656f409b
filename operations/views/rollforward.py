from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from finance.domain.queries import period_code
from finance.selectors.balances import Rolled
from finance.selectors.calendar import last_period_with_lines
from operations.selectors.rolling import RollAsked, rolled
from operations.views.books import BooksPage

WORD_MAX = 64
MEASURES = ("money", "units")
SIDES = ("opening", "incoming", "outgoing", "closing", "check")
HEAD = (
    "period", "account", "stage", "item", "unit_of_measure", "owner", "custodian",
    *(f"quantity_{side}" for side in SIDES), *(f"amount_{side}" for side in SIDES), "as_of_seq",
)  # fmt: skip


class RollforwardPage(BooksPage):
    """Opening + in - out = closing of a period; every figure leads to its lines."""

    template_name = "operations/rollforward.html"
    title = "Roll-forward"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given, moment = self.given, self.moment()
        code = period_code(given) if "period" in given else last_period_with_lines(moment.mark.seq)
        asked = RollAsked(
            period=code,
            as_of_seq=moment.mark.seq,
            account=given.get("account", "")[:WORD_MAX],
            stage=given.get("stage", "")[:WORD_MAX],
            item=given.get("item", "")[:WORD_MAX],
        )
        parts = {
            "moment": moment,
            "asked": asked,
            "view": rolled(asked) if code else None,
            "by": "units" if given.get("by") == "units" else "money",
            "measures": MEASURES,
        }
        return super().get_context_data(**{**parts, **kwargs})


class RollforwardCsv(RollforwardPage):
    """Units and money of every bucket, one beside the other."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data()
        asked, view = context["asked"], context["view"]
        rows = (
            (
                asked.period, bucket.account, bucket.stage or "", bucket.item,
                bucket.unit_of_measure, bucket.owner, bucket.custodian, *_sides(row.quantity),
                *_sides(row.amount), asked.as_of_seq,
            )
            for group in (view.groups if view else [])
            for row in group.rows
            for bucket in [row.bucket]
        )  # fmt: skip
        return self.table_file("rollforward", HEAD, rows, asked.as_of_seq)


def _sides(rolled: Rolled) -> list[object]:
    return [getattr(rolled, side) for side in SIDES]
