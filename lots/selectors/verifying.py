"""The whole ledger and every projection, read in bounded batches and proven."""

from __future__ import annotations

from collections.abc import Iterator

from lots.domain.balance import Line
from lots.domain.verifying import Entry, Fault, Walk
from lots.domain.words import LineKind, UnitOfMeasure, Verb
from lots.models import Event, LedgerHead, Lot
from lots.selectors.ledger import LIMIT_MAX, content_of, events_after


def first_fault() -> Fault | None:
    """The first fault of the ledger, its head or a lot's projection; None when all is sound."""
    walk = Walk()
    for event in _events():
        if fault := walk.fault_of(_entry(event)):
            return fault
    for head in LedgerHead.objects.all():
        if (head.seq, head.sha256) != (walk.seq, walk.sha256):
            return Fault(walk.seq, f"the ledger's head says {head.seq}")
    lots = Lot.objects.order_by("id").values_list("id", "unit_of_measure", "quantity", "version")
    for pk, unit, quantity, version in lots.iterator(chunk_size=LIMIT_MAX):
        if fault := walk.lot_fault(pk, UnitOfMeasure(unit), quantity, version):
            return fault
    return None


def _events() -> Iterator[Event]:
    seq = 0
    while batch := list(events_after(seq, LIMIT_MAX)):
        yield from batch
        seq = batch[-1].seq


def _entry(event: Event) -> Entry:
    lines = [
        Line(
            line.lot_id,
            UnitOfMeasure(line.unit_of_measure),
            LineKind(line.kind),
            line.quantity,
            line.expected,
        )
        for line in event.lines.all()
    ]
    return Entry(
        seq=event.seq,
        lot_id=event.lot_id,
        verb=Verb(event.verb),
        previous_sha256=event.previous_sha256,
        sha256=event.sha256,
        content=content_of(event, lines),
        lines=lines,
    )
