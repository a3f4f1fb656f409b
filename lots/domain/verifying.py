"""The ledger proven from its own rows: no gap, no broken link, no quantity out of nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lots.domain.balance import Line, imbalances
from lots.domain.chain import FIRST_SHA256, event_sha256
from lots.domain.words import LineKind, UnitOfMeasure, Verb


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the ledger fails first, and how."""

    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as stored. content: what its hash covers."""

    seq: int
    lot_id: int
    verb: Verb
    previous_sha256: str
    sha256: str
    content: Mapping[str, object]
    lines: Sequence[Line]


@dataclass(slots=True)
class Walk:
    """A walk along the ledger from its start, and what every lot has on the way.

    good: (lot, unit of measure) → quantity; versions: lot → events so far; seen: lot → last seq.
    """

    seq: int = 0
    sha256: str = FIRST_SHA256
    good: dict[tuple[int, UnitOfMeasure], int] = field(default_factory=dict)
    versions: dict[int, int] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)

    def fault_of(self, entry: Entry) -> Fault | None:
        """The fault of the next event; without one, the walk goes on past it."""
        what = self._chain_fault(entry) or self._quantity_fault(entry)
        if what:
            return Fault(self.seq + 1 if entry.seq != self.seq + 1 else entry.seq, what)
        self.seq, self.sha256 = entry.seq, entry.sha256
        for lot_id in {entry.lot_id, *(line.lot_id for line in entry.lines)}:
            self.versions[lot_id] = self.versions.get(lot_id, 0) + 1
            self.seen[lot_id] = entry.seq
        for line in entry.lines:
            if line.kind is LineKind.GOOD:
                self.good[line.lot_id, line.unit_of_measure] = line.quantity
        return None

    def lot_fault(
        self, lot_id: int, unit: UnitOfMeasure, quantity: int, version: int
    ) -> Fault | None:
        """The fault of a lot's projection after the whole walk."""
        good, events = self.good.get((lot_id, unit), 0), self.versions.get(lot_id, 0)
        if (good, events) == (quantity, version):
            return None
        what = (
            f"lot {lot_id} says {quantity} {unit} at version {version}, "
            f"its ledger says {good} at version {events}"
        )
        return Fault(self.seen.get(lot_id, 0), what)

    def _chain_fault(self, entry: Entry) -> str:
        if entry.seq != self.seq + 1:
            return f"the event is missing; {entry.seq} comes next"
        if entry.previous_sha256 != self.sha256:
            return "the event does not vouch for the one before"
        if event_sha256(entry.previous_sha256, entry.content) != entry.sha256:
            return "the event was changed after it was written"
        return ""

    def _quantity_fault(self, entry: Entry) -> str:
        for (lot_id, unit), amount in imbalances(entry.lines).items():
            return f"lot {lot_id} is out of balance by {amount} {unit}"
        for line in entry.lines:
            key = (line.lot_id, line.unit_of_measure)
            is_first = key not in self.good and entry.verb is Verb.RECEIVE
            if line.kind is LineKind.IN and not is_first and line.quantity != self.good.get(key, 0):
                return f"lot {key[0]} had {self.good.get(key, 0)} {key[1]}, {line.quantity} came in"
        return ""
