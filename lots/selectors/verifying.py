"""The whole ledger and every projection, read in bounded batches and proven."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from django.db.models import Q

from lots.domain.balance import Line
from lots.domain.verifying import Entry, Fault, Walk
from lots.domain.words import LineKind, UnitOfMeasure, Verb
from lots.models import Event, Hold, LedgerHead, Lot
from lots.selectors.as_of import LotAsOf, lots_as_of
from lots.selectors.ledger import LIMIT_MAX, content_of, events_after
from lots.selectors.verifying_standings import standing_fault, standings, told_of
from lots.selectors.verifying_units import unit_fault

LOTS_AT_ONCE = 500
Place: TypeAlias = tuple[str, int, str, str, str]
"""Route, its version, step, state and custodian, by their codes."""
SAID = ("purpose", "is_hot", "due_on", "customer", "is_tracked_in")


def first_fault() -> Fault | None:
    """The first fault of the ledger, its head or what is projected from it; None when sound."""
    walk, told = Walk(), standings()
    for events in _batches():
        for event, says in zip(events, told_of(events), strict=True):
            if fault := walk.fault_of(_entry(event)):
                return fault
            told.tell(says)
    for head in LedgerHead.objects.all():
        if (head.seq, head.sha256) != (walk.seq, walk.sha256):
            return Fault(walk.seq, f"the ledger's head says {head.seq}")
    lots = Lot.objects.order_by("id").values_list("id", "unit_of_measure", "quantity", "version")
    for pk, unit, quantity, version in lots.iterator(chunk_size=LIMIT_MAX):
        if fault := walk.lot_fault(pk, UnitOfMeasure(unit), quantity, version):
            return fault
    return _past_fault(walk.seq) or standing_fault(told, walk.seen) or unit_fault()


def _past_fault(seq: int) -> Fault | None:
    """The first lot that is or says something else than its ledger tells of it."""
    before = None
    while told := lots_as_of(seq=seq, before=before, limit=LOTS_AT_ONCE):
        ids = [lot.id for lot in told]
        stands, says = _standings(ids), _said(ids)
        for lot in told:
            if stands[lot.id] != (_place(lot), lot.hold_reasons):
                return Fault(lot.last_seq, _differing(lot, *stands[lot.id]))
            if what := _misquoted(lot, says[lot.id]):
                return Fault(lot.last_seq, what)
        before = told[-1].id
    return None


def _misquoted(lot: LotAsOf, says: Sequence[object]) -> str:
    for name, value in zip(SAID, says, strict=True):
        if value != (told := getattr(lot, name)):
            return f"lot {lot.code} says {name} {value}, its ledger says {told}"
    return ""


def _said(ids: list[int]) -> dict[int, tuple[object, ...]]:
    """Lot → what its own row says of SAID."""
    rows = Lot.objects.filter(id__in=ids).annotate(is_tracked_in=Q(tracked_in_at__isnull=False))
    return {row[0]: row[1:] for row in rows.values_list("id", *SAID)}


def _place(lot: LotAsOf) -> Place:
    return lot.route, lot.route_version, lot.step, lot.state, lot.custodian


def _differing(lot: LotAsOf, place: Place, holds: list[str]) -> str:
    return (
        f"lot {lot.code} says {_worded(place, holds)}, "
        f"its ledger says {_worded(_place(lot), lot.hold_reasons)}"
    )


def _worded(place: Place, holds: list[str]) -> str:
    route, version, step, state, custodian = place
    held = f", on hold ({'; '.join(holds)})" if holds else ""
    return f"{state} at {step} of {route} v{version} with {custodian or 'nobody'}{held}"


def _standings(ids: list[int]) -> dict[int, tuple[Place, list[str]]]:
    """Lot → where and how it stands by its own row, and why it is on hold."""
    holds: dict[int, list[str]] = {pk: [] for pk in ids}
    still = Hold.objects.filter(lot__in=ids, released_at__isnull=True).order_by("id")
    for pk, reason in still.values_list("lot_id", "reason"):
        holds[pk].append(reason)
    version = "step__route_version"
    rows = Lot.objects.filter(id__in=ids).values_list(
        "id", f"{version}__route__code", f"{version}__version", "step__code", "state",
        "custodian__code",
    )  # fmt: skip
    return {row[0]: (row[1:], holds[row[0]]) for row in rows}


def _batches() -> Iterator[list[Event]]:
    seq = 0
    while batch := list(events_after(seq, LIMIT_MAX)):
        yield batch
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
