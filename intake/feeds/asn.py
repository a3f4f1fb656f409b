"""Ship notices: finished parts that a vendor announces by serial, with the origin it declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from intake.domain.tables import header_of, table_lines
from intake.feeds.grouping import grouped_items
from intake.feeds.lookups import command_of
from intake.feeds.wip import KIND_OF_LOT
from intake.services.registry import FeedContext, FeedItem, RejectedItem
from lots.domain.commands import Declaration, LotOrder
from lots.domain.words import Trust, UnitOfMeasure
from lots.models import Product
from lots.services import receive_lot
from supplychain.base.errors import MissingError

SHARED = ("shipment", "occurred_at", "supplier", "lot", "product", "route", "step")
OWN = ("serial", "declared_lot", "declared_wafer")


class AsnFeed:
    """All lines of one shipment and lot are one new lot, its origin declared, not seen."""

    kind = "asn"

    def recognises(self, name: str, head: bytes) -> bool:
        return name.endswith(".asn.csv") or {"shipment", *OWN} <= set(header_of(head))

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        lines = table_lines(stream, (*SHARED, *OWN))
        return grouped_items(lines, self.kind, SHARED, OWN, _shipment_key)

    def apply(self, item: FeedItem, context: FeedContext) -> None:
        words, lines = item.content, item.content["lines"]
        product = Product.objects.filter(code=words["product"]).first()
        if product is None:
            raise MissingError(
                f"There is no product {words['product']}. Check the code or add it.",
                product=words["product"],
            )
        unit = UnitOfMeasure(product.kind)
        order = LotOrder(
            code=words["lot"],
            kind=KIND_OF_LOT[unit],
            product_code=product.code,
            route_code=words["route"],
            step_code=words["step"],
            custodian_code=words["supplier"],
            unit_of_measure=unit,
            quantity=len(lines),
            serials=tuple(line["serial"] for line in lines),
            declarations=tuple(
                Declaration(line["serial"], line["declared_lot"], line["declared_wafer"])
                for line in lines
            ),
            trust=Trust.DECLARED,
        )
        receive_lot(order=order, command=command_of(item, context, {}))


def _shipment_key(values: dict[str, str]) -> str:
    return f"{values['shipment']}/{values['lot']}" if values["shipment"] else ""
