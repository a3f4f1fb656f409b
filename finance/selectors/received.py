"""What suppliers gave us, goods and work, and what of it is invoiced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import Max, Sum

from finance.domain.invoices import Invoiced, InvoiceOrder, LineOrder, Match, Received, matched
from finance.models import InvoiceLine, ReceivedLine
from supplychain.base.errors import RefusedError

Key = tuple[str, str, str]
"""Lot, item and work."""


def receipts(supplier: str, lots: Collection[str]) -> dict[str, list[Received]]:
    """Lot → what came of it from the supplier and is not taken back, by work and item."""
    rows: Any = (
        ReceivedLine.objects.filter(supplier=supplier, lot__in=lots)
        .values("lot", "item", "unit_of_measure", "work")
        .annotate(units=Sum("quantity"), money=Sum("amount"), at=Max("stage"))
        .filter(units__gt=0)
        .order_by("lot", "work", "item", "unit_of_measure")
    )
    found = defaultdict(list)
    for row in rows:
        found[row["lot"]].append(
            Received(
                row["lot"], row["item"], row["unit_of_measure"], row["at"], row["units"],
                row["money"], row["work"],
            )
        )  # fmt: skip
    return found


def invoiced(supplier: str, lots: Collection[str]) -> dict[Key, Invoiced]:
    """What approved invoices of the supplier say of the lots."""
    rows: Any = (
        InvoiceLine.objects.filter(
            invoice__approved_at__isnull=False, invoice__supplier__code=supplier, lot__code__in=lots
        )
        .values("lot", "item", "work")
        .annotate(units=Sum("quantity"), money=Sum("amount"), standard=Sum("standard_amount"))
        .order_by()
    )
    return {
        (row["lot"], row["item"], row["work"]): Invoiced(
            row["units"], row["money"], row["standard"]
        )
        for row in rows
    }


def matches(order: InvoiceOrder) -> list[Match | RefusedError]:
    """Each line matched, or why it does not fit, in the order of the lines."""
    lots = {line.lot for line in order.lines}
    came, before = receipts(order.supplier, lots), invoiced(order.supplier, lots)
    seen: set[tuple[str, str]] = set()
    found: list[Match | RefusedError] = []
    for line in order.lines:
        own = came.get(line.lot, [])
        done = [before.get((one.lot, one.item, one.work), Invoiced()) for one in own]
        key = line.lot, line.work
        found.append(_matched(line, order, own, done) if key not in seen else _twice(line))
        seen.add(key)
    return found


def _matched(
    line: LineOrder, order: InvoiceOrder, own: list[Received], done: list[Invoiced]
) -> Match | RefusedError:
    try:
        return matched(line, order.kind, own, done)
    except RefusedError as error:
        return error


def _twice(line: LineOrder) -> RefusedError:
    return RefusedError(
        f"Lot {line.lot} is on it twice. Add the lines of a lot up to one.", lot=line.lot
    )
