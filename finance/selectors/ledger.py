"""The ledger as readers get it: pages up to a watermark."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from typing import Any

from django.db.models import Max, QuerySet

from finance.domain.chain import GENESIS
from finance.domain.entries import COLUMNS
from finance.domain.queries import LedgerQuery
from finance.models import LedgerEntry, LedgerRow
from supplychain.base.errors import MissingError


@dataclass(frozen=True, slots=True)
class Watermark:
    """The ledger up to a seq. sha256: of that row, so of every row up to it."""

    seq: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """What a query finds. last_seq: of its last row; has_more: whether rows follow it."""

    query: LedgerQuery
    watermark: Watermark
    last_seq: int
    has_more: bool

    @property
    def etag(self) -> str:
        """Changes whenever the rows could: rows never change, so the watermark's hash says it."""
        text = repr((astuple(self.query), self.watermark.sha256, COLUMNS))
        return hashlib.sha256(text.encode()).hexdigest()


def watermark(as_of_seq: int | None) -> Watermark:
    """The ledger as of this seq, or as it stands. MissingError beyond its end."""
    rows = LedgerEntry.objects.order_by("-seq").values_list("seq", "sha256")
    if as_of_seq is not None:
        rows = rows.filter(seq__lte=as_of_seq)
    seq, sha256 = rows.first() or (0, GENESIS)
    if as_of_seq is not None and seq != as_of_seq:
        raise MissingError(
            f"The ledger ends at {seq}; as_of_seq is beyond it.", parameter="as_of_seq"
        )
    return Watermark(seq, sha256)


def ledger_page(query: LedgerQuery) -> LedgerPage:
    """Which rows the query finds, without reading them all."""
    mark = watermark(query.as_of_seq)
    if not (query.period or query.account):
        # seq has no gaps, so nothing needs to be counted.
        last = min(query.after_seq + query.limit, mark.seq)
        return LedgerPage(query, mark, last, last < mark.seq)
    rows = _matching(query, mark)
    nth = rows.values_list("seq", flat=True)[query.limit - 1 : query.limit]
    full = next(iter(nth), None)
    last = full or rows.aggregate(last=Max("seq"))["last"] or 0
    has_more = full is not None and rows.filter(seq__gt=full).exists()
    return LedgerPage(query, mark, last, has_more)


def page_rows(page: LedgerPage) -> QuerySet[LedgerRow]:
    """The page's rows in seq order."""
    return _matching(page.query, page.watermark).filter(seq__lte=page.last_seq)


def ledger_rows(page: LedgerPage) -> list[dict[str, Any]]:
    """The page's rows in the columns of every export."""
    return list(page_rows(page).values(*COLUMNS))


def _matching(query: LedgerQuery, mark: Watermark) -> QuerySet[LedgerRow]:
    rows = LedgerRow.objects.filter(seq__gt=query.after_seq, seq__lte=mark.seq).order_by("seq")
    if query.period:
        rows = rows.filter(period=query.period)
    return rows.filter(account=query.account) if query.account else rows
