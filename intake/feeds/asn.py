"""Ship notices: finished parts that a vendor announces, with the origin it declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from intake.domain.mapping import AS_DOCUMENTED, ColumnMapping
from intake.domain.tables import count_of, header_of, table_lines
from intake.feeds.grouping import grouped_items
from intake.feeds.lookups import command_of, product_of
from intake.feeds.wip_verbs import KIND_OF_LOT
from intake.services.registry import FeedContext, FeedItem, RejectedItem
from lots.domain.commands import Declaration, LotOrder
from lots.domain.words import Trust, UnitOfMeasure
from lots.models import Event
from lots.services import receive_lot
from supplychain.base.errors import ConflictError, MalformedError

SHARED = ("shipment", "occurred_at", "supplier", "lot", "product", "route", "step")
OWN = ("serial", "declared_lot", "declared_wafer", "quantity")


class AsnFeed:
    """All lines of one shipment and lot are one new lot, its origin declared, not seen."""

    kind = "asn"
    columns = (*SHARED, *OWN)

    def recognises(self, name: str, head: bytes) -> bool:
        return name.endswith(".asn.csv") or {"shipment", *OWN[:3]} <= set(header_of(head))

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        return self.parse_mapped(stream, AS_DOCUMENTED)

    def parse_mapped(
        self, stream: IO[bytes], mapping: ColumnMapping
    ) -> Iterator[FeedItem | RejectedItem]:
        """`quantity` may stand in place of a serial."""
        lines = table_lines(stream, (*SHARED, *OWN[:3]), OWN[3:], mapping)
        return grouped_items(lines, self.kind, SHARED, OWN, _shipment_key)

    def apply(self, item: FeedItem, context: FeedContext) -> None:
        receive_announced(item, context)


def receive_announced(item: FeedItem, context: FeedContext) -> None:
    """A new lot of what a notice announces, with serials or by count alone.

    MalformedError when only some of its units are named; ConflictError for a lot that is here.
    """
    words, lines = item.content, item.content["lines"]
    _refuse_second(words["lot"])
    product = product_of(words["product"])
    unit = UnitOfMeasure(product.kind)
    named = [line for line in lines if line["serial"]]
    counted = sum(_count(line) for line in lines)
    if named and counted != len(named):
        raise MalformedError(
            f"Lot {words['lot']} announces {counted} units and names {len(named)} of them. Name "
            "all or none.",
            field="serial",
        )
    order = LotOrder(
        code=words["lot"],
        kind=KIND_OF_LOT[unit],
        product_code=product.code,
        route_code=words["route"],
        step_code=words["step"],
        custodian_code=words["supplier"],
        unit_of_measure=unit,
        quantity=counted,
        serials=tuple(line["serial"] for line in named),
        declarations=tuple(
            Declaration(line["serial"], line["declared_lot"], line["declared_wafer"])
            for line in named
        ),
        trust=Trust.DECLARED,
    )
    receive_lot(order=order, command=command_of(item, context, {}))


def _refuse_second(lot_code: str) -> None:
    """A lot that grows after it was announced could be shipped on, tested or cut in between."""
    first = Event.objects.filter(lot__code=lot_code).order_by("seq").first()
    if first is not None:
        said = f" ({first.source_reference})" if first.source_reference else ""
        raise ConflictError(
            f"Lot {lot_code} is here since {first.occurred_at:%Y-%m-%d %H:%M %Z}{said}, and a "
            "second shipment does not add to it. Send this shipment under a lot code of its own, "
            f"such as {lot_code}-2; the two are merged here once both arrived.",
            lot=lot_code,
        )


def _count(line: Mapping[str, Any]) -> int:
    """Of a line: one for a serial, else the quantity it gives."""
    text = str(line.get("quantity", ""))
    if line["serial"] or not text:
        return 1
    return count_of(text, "quantity")


def _shipment_key(values: dict[str, str]) -> str:
    return f"{values['shipment']}/{values['lot']}" if values["shipment"] else ""
