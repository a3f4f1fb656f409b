"""The ledger folded in plain Python: what lots were at a moment, without asking the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lots.models import Event, EventLine, Hold, Lot

WAYS = {"ship": "shipped", "bank": "banked", "receive": "active", "unbank": "active"}
Facts = tuple[str, str, str, int, str, int]


@dataclass
class Stood:
    """One lot on its way through the fold."""

    step: str
    unit: str
    quantity: int
    way: str = "active"
    end: str = ""
    holds: set[int] = field(default_factory=set)

    @property
    def state(self) -> str:
        return self.end if self.end and self.quantity <= 0 else self.way


class Fold:
    """Code → step, state, unit of measure, quantity, custodian and number of open holds."""

    def __init__(self, seq: int | None = None, by: datetime | None = None) -> None:
        self.is_by_time = by is not None
        self.events = list(
            Event.objects.order_by("seq")
            .select_related("lot", "step_to", "step_from")
            .prefetch_related("lines__lot")
        )
        self.births: dict[str, Event] = {}
        for event in _counted(self.events, seq, None):
            for line in event.lines.all():
                self.births.setdefault(line.lot.code, event)
        self.counted = _counted(self.events, seq, by)
        known = {event.pk for event in self.counted}
        self.lots = {
            code: _born(event, code) for code, event in self.births.items() if event.pk in known
        }
        for event in self.counted:
            self._apply(event)
        self._hold(known)

    def facts(self) -> dict[str, Facts]:
        return {
            code: (
                lot.step,
                lot.state,
                lot.unit,
                lot.quantity,
                self._custodian(code, len(self.events) + 1),
                len(lot.holds),
            )
            for code, lot in self.lots.items()
        }

    def _apply(self, event: Event) -> None:
        for code in {line.lot.code for line in event.lines.all()} & self.lots.keys():
            _count(self.lots[code], event, _lines(event, code))
        lot = self.lots.get(event.lot.code)
        if lot is None:
            return
        lot.way = WAYS.get(event.verb, lot.way)
        if event.step_to and (self.is_by_time or event.verb != "late-move"):
            lot.step = event.step_to.code

    def _hold(self, known: set[UUID]) -> None:
        for row in Hold.objects.select_related("placed_by__lot"):
            code = row.placed_by.lot.code
            for event in self.events:  # a part that is split off takes its holds along
                is_told = event.pk in known and row.pk in event.payload.get("holds", [])
                if is_told and event.lot.code == code:
                    code = event.payload["child"]
            is_open = row.placed_by_id in known and row.released_by_id not in known
            if is_open and code in self.lots:
                self.lots[code].holds.add(row.pk)

    def _custodian(self, code: str, until_seq: int) -> str:
        named = [
            str(event.payload["custodian"])
            for event in self.counted
            if event.lot.code == code
            and event.seq < until_seq
            and event.verb in {"receive", "assemble"}
            and "custodian" in event.payload
        ]
        if named:
            return named[-1]
        birth = self.births[code]
        return "" if birth.lot.code == code else self._custodian(birth.lot.code, birth.seq)


def _counted(events: Sequence[Event], seq: int | None, by: datetime | None) -> list[Event]:
    known = [event for event in events if seq is None or event.seq <= seq]
    undone = {event.corrects_id for event in known if event.verb == "correct"}
    counted = [
        event
        for event in known
        if event.verb != "correct"
        and event.pk not in undone
        and (by is None or event.occurred_at <= by)
    ]
    return counted if by is None else sorted(counted, key=lambda one: (one.occurred_at, one.seq))


def _lines(event: Event, code: str) -> list[EventLine]:
    return [line for line in event.lines.all() if line.lot.code == code]


def _born(event: Event, code: str) -> Stood:
    place = event.step_to or event.step_from
    assert place is not None
    came = next(line for line in _lines(event, code) if line.kind == "in")
    return Stood(place.code, came.unit_of_measure, came.quantity)


def _count(lot: Stood, event: Event, lines: Sequence[EventLine]) -> None:
    if event.verb == "dice":
        lot.unit, lot.quantity = "die", 0
    lot.quantity += sum(
        {"good": 1, "in": -1}.get(line.kind, 0) * line.quantity
        for line in lines
        if line.unit_of_measure == lot.unit
    )
    remained = sum(line.quantity for line in lines if line.kind == "good")
    came = sum(line.quantity for line in lines if line.kind == "in")
    if came and not remained:
        is_used = any(line.kind in {"consumed", "split-out"} for line in lines)
        lot.end = "finished" if is_used else "scrapped"


def projected() -> dict[str, Facts]:
    """The same facts as the tables of lots and holds have them now."""
    lots = Lot.objects.select_related("step", "custodian").prefetch_related("holds")
    return {
        lot.code: (
            lot.step.code,
            lot.state,
            lot.unit_of_measure,
            lot.quantity,
            lot.custodian.code,
            sum(one.released_at is None for one in lot.holds.all()),
        )
        for lot in lots
    }
