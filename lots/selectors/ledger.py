"""The ledger, read in its own order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Prefetch, QuerySet, Sum

from lots.domain.words import LineKind
from lots.models import Event, EventLine, LedgerHead, Lot

LIMIT_MAX = 1000


class LineLike(Protocol):
    """A quantity, drafted or stored."""

    @property
    def lot_id(self) -> int: ...
    @property
    def unit_of_measure(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def expected(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class QuantitySum:
    """How much of one kind a lot has seen."""

    unit_of_measure: str
    kind: str
    quantity: int


def head_seq() -> int:
    """The last seq given out; 0 for an empty ledger."""
    return max(LedgerHead.objects.values_list("seq", flat=True), default=0)


def ledger_events() -> QuerySet[Event]:
    """Events with lot, steps, actor and lines."""
    return Event.objects.select_related("lot", "step_from", "step_to", "actor").prefetch_related(
        Prefetch("lines", EventLine.objects.select_related("lot"))
    )


def events_after(seq: int, limit: int) -> QuerySet[Event]:
    """The next events by seq, gapless and in commit order; at most 1000."""
    return ledger_events().filter(seq__gt=seq).order_by("seq")[: min(limit, LIMIT_MAX)]


def events_of_lot(lot: Lot) -> QuerySet[Event]:
    """Everything that happened to the lot or changed its quantity, newest first."""
    own = Event.objects.filter(lot=lot).order_by().values("id")
    shared = EventLine.objects.filter(lot=lot).order_by().values("event_id")
    return ledger_events().filter(id__in=own.union(shared)).order_by("-seq")


def balance_lines(lot: Lot) -> QuerySet[EventLine]:
    """Every quantity of the lot, in the ledger's order."""
    return EventLine.objects.select_related("event").filter(lot=lot).order_by("event__seq", "id")


def quantities_of(lot: Lot) -> list[QuantitySum]:
    """Sums over the lot's life by unit of measure and kind.

    "in" and "good" are left out: they state what stood before and after, not a change.
    """
    sums = (
        EventLine.objects.filter(lot=lot)
        .exclude(kind__in=[LineKind.IN, LineKind.GOOD])
        .order_by("unit_of_measure", "kind")
        .values_list("unit_of_measure", "kind", Sum("quantity"))
    )
    return [QuantitySum(unit, kind, quantity) for unit, kind, quantity in sums]


def content_of(event: Event, lines: Iterable[LineLike]) -> dict[str, object]:
    """What the hash of an event covers: every column but the hashes, and its lines."""
    return {
        "id": event.id,
        "seq": event.seq,
        "op_key": event.op_key,
        "body_sha256": event.body_sha256,
        "verb": event.verb,
        "lot": event.lot_id,
        "step_from": event.step_from_id,
        "step_to": event.step_to_id,
        "reported_quantity": event.reported_quantity,
        "actor": event.actor_id,
        "source": event.source,
        "source_reference": event.source_reference,
        "request_id": event.request_id,
        "reason": event.reason,
        "comment": event.comment,
        "payload": event.payload,
        "corrects": event.corrects_id,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "lines": _sorted(lines),
    }


def _sorted(lines: Iterable[LineLike]) -> Sequence[Sequence[object]]:
    rows = [
        [line.lot_id, str(line.unit_of_measure), str(line.kind), line.quantity, line.expected]
        for line in lines
    ]
    return sorted(rows, key=lambda row: [str(value) for value in row])
