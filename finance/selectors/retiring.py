"""What was taken out of service for good, and by which event of the lots ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum

from finance.domain.words import Account
from finance.models import LedgerEntry
from lots.domain.words import Verb
from lots.models import Event


@dataclass(frozen=True, slots=True)
class Retirement:
    """Units of a lot that one event retired: minus for those that came back.

    watt: typical draw of one. seq: of the lots event. day: of the plant. unit_ids: those that the
    event names, if any.
    """

    lot: str
    item: str
    custodian: str
    watt: float | None
    seq: int
    day: date
    quantity: int
    amount: Decimal
    unit_ids: tuple[int, ...]


def retirements(rows: QuerySet[LedgerEntry]) -> list[Retirement]:
    """By day and event; what was taken back is left out. They come to what the rows carry there.

    Two queries.
    """
    sums: Any = (
        rows.filter(account=Account.RETIREMENT)
        .order_by()
        .values(
            "lot", "item", "custodian", "source_seq", "effective_on", watt=F("item__power_watt")
        )
        .annotate(units=Sum("quantity"), money=Sum("amount"))
        .order_by("effective_on", "source_seq", "lot", "item", "custodian")
    )
    found = list(sums)
    events = _events({row["source_seq"] for row in found})
    taken_back = {event.corrects.seq for event in events.values() if event.corrects is not None}
    return [
        _retirement(row, events[row["source_seq"]])
        for row in found
        if row["source_seq"] not in taken_back and events[row["source_seq"]].verb != Verb.CORRECT
    ]


def _events(seqs: set[int]) -> dict[int, Event]:
    rows = Event.objects.filter(seq__in=seqs).select_related("corrects")
    return {event.seq: event for event in rows}


def _retirement(row: dict[str, Any], event: Event) -> Retirement:
    told = [event.payload, *event.payload.get("losses", [])]
    return Retirement(
        row["lot"],
        row["item"],
        row["custodian"],
        row["watt"],
        row["source_seq"],
        row["effective_on"],
        row["units"],
        row["money"],
        tuple(pk for part in told for pk in part.get("unit_ids", [])),
    )
