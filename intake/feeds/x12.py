"""X12 856 ship notices: one lot of one transaction is one item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from intake.domain.mapping import AS_DOCUMENTED, ColumnMapping
from intake.domain.ship_notices import Notice, NoticeLine, notice_of
from intake.domain.tables import instant_of
from intake.domain.x12 import looks_like_x12, transactions
from intake.feeds.asn import SHARED, receive_announced
from intake.feeds.keys import operation_key
from intake.services.registry import FeedContext, FeedItem, RejectedItem
from supplychain.base.errors import MalformedError

MAPPED = ("supplier", "product", "route", "step")
UTC_OFFSET = "+00:00"


class X12Feed:
    """Delimiters, counts and levels are checked; a contradiction refuses the whole file.

    Route and step are not in a notice: a mapping for the partner gives them.
    """

    kind = "x12-856"
    columns = SHARED

    def recognises(self, name: str, head: bytes) -> bool:
        return name.endswith((".856", ".x12", ".edi")) or looks_like_x12(head)

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        return self.parse_mapped(stream, AS_DOCUMENTED)

    def parse_mapped(
        self, stream: IO[bytes], mapping: ColumnMapping
    ) -> Iterator[FeedItem | RejectedItem]:
        """In the order of the file. X12Error when its frame or a transaction is broken."""
        for notice in [notice_of(one) for one in transactions(stream.read())]:
            lots: dict[str, list[NoticeLine]] = {}
            for line in notice.lines:
                lots.setdefault(line.lot, []).append(line)
            for lot, lines in lots.items():
                yield _item(notice, lot, lines, mapping)

    def apply(self, item: FeedItem, context: FeedContext) -> None:
        receive_announced(item, context)


def _item(
    notice: Notice, lot: str, lines: Sequence[NoticeLine], mapping: ColumnMapping
) -> FeedItem | RejectedItem:
    number = lines[0].number
    products = sorted({line.product for line in lines})
    if len(products) > 1:
        reason = f"Lot {lot} is announced with several products: {', '.join(products)}."
        return RejectedItem(number, reason)
    words = {"supplier": notice.supplier, "product": products[0], "route": "", "step": ""}
    mapped = {
        name: mapping.constants.get(name) or mapping.translated(name, words[name])
        for name in MAPPED
    }
    if not mapped["route"] or not mapped["step"]:
        reason = (
            f"A notice says no route and step for lot {lot}. Add a mapping for the files of "
            f"{notice.supplier} that gives both, then have the file tried again."
        )
        return RejectedItem(number, reason)
    try:
        occurred_at = _shipped_at(notice, mapping)
    except MalformedError as error:
        return RejectedItem(number, error.detail)
    content: dict[str, Any] = {
        "shipment": notice.shipment,
        "occurred_at": occurred_at.isoformat(),
        "lot": lot,
        **mapped,
        "lines": [one for line in lines for one in _lines(line)],
    }
    key = operation_key("asn", mapped["supplier"], f"{notice.shipment}/{lot}", content)
    return FeedItem(number, key, content, occurred_at)


def _lines(line: NoticeLine) -> list[dict[str, str]]:
    origin = {
        "declared_lot": line.declared_lot,
        "declared_wafer": line.declared_wafer,
        "quantity": "",
    }
    if not line.serials:
        return [{"serial": "", **origin, "quantity": str(line.quantity)}]
    return [{"serial": serial, **origin} for serial in line.serials]


def _shipped_at(notice: Notice, mapping: ColumnMapping) -> datetime:
    """Date CCYYMMDD or YYMMDD, time HHMM or HHMMSS, by the mapping's zone, else UTC."""
    day = notice.date if len(notice.date) == 8 else f"20{notice.date}"
    clock = f"{notice.time}000000"[:6]
    text = f"{day[:4]}-{day[4:6]}-{day[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:]}"
    zoned = mapping.instant("occurred_at", text) if mapping.zone else f"{text}{UTC_OFFSET}"
    return instant_of(zoned, "occurred_at")
