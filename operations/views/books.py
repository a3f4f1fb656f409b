"""What pages of the books share: who may see them, as of when, and tables to take away."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpResponse

from finance.domain.queries import as_of_date, as_of_seq, period_code
from finance.models import Entity, LedgerRead
from finance.selectors.calendar import entity, periods_until
from finance.selectors.closing import period_by_code
from finance.selectors.ledger import Watermark, watermark
from finance.services import log_read
from operations.views.page import Page
from operations.views.sheets import sheet_lines
from supplychain.base.requests import request_id

QUERY_CHARACTERS_MAX = 400
VIEW = "finance.view_ledgerentry"


@dataclass(frozen=True, slots=True)
class BooksMoment:
    """The ledger up to a seq, facts up to a day (None: any). period: whose end that is, or ""."""

    mark: Watermark
    day: date | None
    period: str


class BooksPage(Page):
    """A page that shows the ledger."""

    right: ClassVar[str] = VIEW

    @cached_property
    def books(self) -> Entity:
        """Whose books they are."""
        return entity()

    @cached_property
    def given(self) -> dict[str, str]:
        """What the address asks; an empty answer of a form asks nothing."""
        return {name: said for name, said in self.request.GET.dict().items() if said}

    def moment(self) -> BooksMoment:
        """The end of a period, as it was closed if it was; or a seq and a day; or now."""
        seq, day = as_of_seq(self.given), as_of_date(self.given)
        if "end_of" not in self.given:
            return BooksMoment(watermark(seq), day, "")
        period = period_by_code(period_code({"period": self.given["end_of"]}))
        mark = watermark(period.closed_seq if seq is None else seq)
        return BooksMoment(mark, day or period.ends_on, period.code)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        periods = list(periods_until(self.books.today()).values_list("code", flat=True))
        parts = {"entity": self.books, "currency": self.books.currency, "periods": periods}
        return super().get_context_data(**{**parts, **kwargs})

    def table_file(
        self, name: str, head: Sequence[str], rows: Iterable[Sequence[object]], seq: int
    ) -> HttpResponse:
        """Rows as CSV. Who took them is kept, as for everything read over the API."""
        read = LedgerRead(
            reader=self.person,
            query=f"page {name}?{self.request.META.get('QUERY_STRING', '')}"[:QUERY_CHARACTERS_MAX],
            media_type="csv",
            as_of_seq=seq,
            request_id=request_id(),
        )
        body = b"".join(log_read(read=read, chunks=_csv(head, list(rows))))
        response = HttpResponse(body, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}-{seq}.csv"'
        response["X-As-Of-Seq"] = str(seq)
        return response


def _csv(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Generator[tuple[bytes, int]]:
    yield "".join(sheet_lines((head, *rows))).encode(), len(rows)
