"""How events become rows of WIP reports: late by hours, holds by most of a day, some told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.chance import stream
from simulator.outbox import Outbox, WipRow, stamp

MOVE_LAG_HOURS = 2.4
HOLD_LAG_HOURS = 17.6
REPEAT_RATIO = 0.07


@dataclass(slots=True)
class Desk:
    """Keeps each lot's rows in order of what happened, and numbers each vendor's events."""

    seed: int
    outbox: Outbox
    row_count: int = 0
    repeat_count: int = 0
    verbs: Counter[str] = field(default_factory=Counter)
    _numbers: Counter[str] = field(default_factory=Counter)
    _last: dict[str, datetime] = field(default_factory=dict)

    @property
    def end_at(self) -> datetime:
        """When the line is looked at."""
        return self.outbox.end_at

    def number(self, vendor: str) -> str:
        """The vendor's next event number."""
        self._numbers[vendor] += 1
        return f"{vendor.upper()}-{self._numbers[vendor]:06d}"

    def tell(self, vendor: str, verb: str, lot: str, at: datetime, **words: str) -> datetime:
        """Report one event; returns when. Events of the future are not told."""
        if at > self.end_at:
            return at
        event_id = self.number(vendor)
        rng = stream(self.seed, "lag", event_id)
        median = HOLD_LAG_HOURS if verb == "hold" else MOVE_LAG_HOURS
        lag = timedelta(hours=float(median * rng.lognormal(0, 0.15 if verb == "hold" else 0.6)))
        reported_at = max(min(at + lag, self.end_at), self._last.get(lot, at))
        self._last[lot] = reported_at
        if words.get("to_lot"):
            self._last[words["to_lot"]] = max(
                reported_at, self._last.get(words["to_lot"], reported_at)
            )
        row = WipRow(event_id, stamp(at), vendor.upper(), verb, lot, **words)
        self.outbox.report(vendor, reported_at, row)
        self.row_count += 1
        self.verbs[verb] += 1
        self._repeat(vendor, reported_at, row, rng.random(), float(rng.uniform(14, 40)))
        return reported_at

    def follows(self, lot: str, sources: Sequence[str], at: datetime) -> datetime:
        """When news of `lot` may be told at the earliest, as it depends on its sources."""
        known = max([at, *(self._last.get(source, at) for source in sources)])
        self._last[lot] = max(known, self._last.get(lot, known))
        return self._last[lot]

    def _repeat(
        self, vendor: str, reported_at: datetime, row: WipRow, chance: float, hours: float
    ) -> None:
        again_at = reported_at + timedelta(hours=hours)
        if chance < REPEAT_RATIO and again_at <= self.end_at:
            self.outbox.report(vendor, again_at, row)
            self.repeat_count += 1

    def move(self, vendor: str, lot: str, at: datetime, step: str, quantity: int) -> None:
        """The lot enters a step; quantity as the vendor counts it."""
        self.tell(vendor, "move", lot, at, step=step, quantity=str(quantity))

    def ship(self, vendor: str, lot: str, at: datetime, to: str, quantity: int) -> None:
        """The whole lot leaves for another company."""
        self.tell(vendor, "ship", lot, at, to=to, quantity=str(quantity))

    def arrive(self, vendor: str, lot: str, at: datetime, step: str, quantity: int) -> None:
        """The shipped lot is received and counted."""
        self.tell(vendor, "arrive", lot, at, step=step, quantity=str(quantity))
