from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse

from finance.domain.entries import COLUMNS
from finance.domain.queries import SEQ_MAX, period_code, whole_number
from finance.domain.words import CARRYING, Account, Side
from finance.models import LedgerRow
from finance.selectors.balances import BUCKET
from finance.selectors.lines import (
    LOTS_SHOWN,
    LinesAsked,
    asked_lines,
    line_sums,
    lines_page,
    lots_held,
)
from finance.selectors.variances import SHOWN as VARIANCES
from operations.selectors.transactions import transaction_view
from operations.views.books import BooksMoment, BooksPage
from supplychain.base.errors import MalformedError, RefusedError

WORD_MAX = 64
WITH_LOTS = {*CARRYING, *VARIANCES}
CSV_LINES_MAX = 50_000
NUMBERS = ("quantity", "amount")
KEPT = ("kind", "stage", "custodian", "owner", "unit_of_measure", "as_of_date", "as_of_seq")
"""What a table's link asks; the form has no field for it, and keeps it."""


class LinesPage(BooksPage):
    """Lines of the ledger behind a sum, of a lot or of an event; each leads to its transaction."""

    template_name = "operations/ledger_lines.html"
    title = "Ledger lines"

    def asked(self, moment: BooksMoment) -> LinesAsked:
        given = self.given
        side = given.get("side", "")
        if side and side not in set(Side):
            raise MalformedError(f"side is one of: {', '.join(Side)}.")
        return LinesAsked(
            as_of_seq=moment.mark.seq,
            as_of_date=moment.day,
            bucket={name: given[name][:WORD_MAX] for name in BUCKET if name in given},
            lot=given.get("lot", "").strip()[:WORD_MAX],
            event=whole_number(given, "event", 0, (1, SEQ_MAX)) if "event" in given else None,
            period=period_code(given) if "period" in given else "",
            side=Side(side) if side else None,
            is_late="late" in given,
            kind=given.get("kind", "")[:WORD_MAX],
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        moment = self.moment()
        asked = self.asked(moment)
        is_summed = "sums" in self.given or (asked.is_narrowed and "after" not in self.given)
        after = whole_number(self.given, "after", 0, (0, SEQ_MAX))
        parts = {
            "moment": moment,
            "asked": asked,
            "page": lines_page(asked, after),
            "is_summed": is_summed,
            "sums": line_sums(asked) if is_summed else [],
            "lots": lots_held(asked) if is_summed and _has_lots(asked) else [],
            "lots_shown": LOTS_SHOWN,
            "accounts": list(Account),
            "sides": list(Side),
            "kept": [(name, self.given.get(name, "")) for name in KEPT],
            "kept_words": ", ".join(
                f"{name.replace('_', ' ')} {self.given[name]}"
                for name in KEPT
                if name in self.given
            ),
        }
        return super().get_context_data(**{**parts, **kwargs})


def _has_lots(asked: LinesAsked) -> bool:
    account = asked.bucket.get("account", "")
    return not account or account in WITH_LOTS


class LinesCsv(LinesPage):
    """The same lines, in the columns of every export."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        moment = self.moment()
        found = asked_lines(self.asked(moment)).order_by()
        if found[: CSV_LINES_MAX + 1].count() > CSV_LINES_MAX:
            raise RefusedError(
                f"These are more than {CSV_LINES_MAX:,} lines. Narrow them, or ask for an export."
            )
        rows = LedgerRow.objects.filter(seq__in=found.values("seq")).order_by("seq")
        cells = (
            [_cell(name, value) for name, value in zip(COLUMNS, row, strict=True)]
            for row in rows.values_list(*COLUMNS)
        )
        return self.table_file("ledger-lines", COLUMNS, cells, moment.mark.seq)


class TransactionPage(BooksPage):
    """One balanced transaction: its lines, and the event of the lots ledger behind it."""

    template_name = "operations/ledger_transaction.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        view = transaction_view(self.kwargs["number"])
        parts = {"view": view, "title": f"Transaction {self.kwargs['number']}"}
        return super().get_context_data(**{**parts, **kwargs})


def _cell(name: str, value: str | int | None) -> str | int | Decimal | None:
    """The view gives numbers as text, in which a minus would be taken for a formula."""
    return Decimal(value) if name in NUMBERS and value else value
