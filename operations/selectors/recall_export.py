"""A recall's list as rows of text."""

from __future__ import annotations

from collections.abc import Iterator

from operations.models import RecallCase
from operations.selectors.recall_cases import ItemsWanted, items_wanted

BATCH_ROWS = 2000
HEADS = [
    "recall", "serial", "lot", "kind", "quantity", "place", "where", "rack", "ultraserver",
    "customer", "state", "settled_at", "settled_by", "settlement",
]  # fmt: skip


def csv_rows(case: RecallCase) -> Iterator[list[str]]:
    """A head, then every item in order of its listing."""
    yield HEADS
    items = items_wanted(case, ItemsWanted()).order_by("id")
    for item in items.iterator(chunk_size=BATCH_ROWS):
        yield [
            str(case),
            item.unit.serial if item.unit else "",
            item.lot.code if item.lot else "",
            item.kind,
            str(item.quantity),
            item.place,
            item.where,
            item.rack.serial if item.rack else "",
            item.ultraserver.serial if item.ultraserver else "",
            item.customer,
            "settled" if item.settled_at else "exposed",
            item.settled_at.isoformat() if item.settled_at else "",
            item.settled_by.username if item.settled_by else "",
            item.settlement,
        ]
