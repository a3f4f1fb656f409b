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
NEXT = timedelta(minutes=1)


@dataclass(slots=True)
class Desk:
    """Keeps each lot's rows in order of what happened, and numbers each vendor's events."""

    seed: int
    outbox: Outbox
    row_count: int = 0
    repeat_count: int = 0
    verbs: Counter[str] = field(default_factory=Counter)
    _numbers: Counter[str] = field(default_factory=Counter)
    _last: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    @property
    def end_at(self) -> datetime:
        """When the line is looked at."""
        return self.outbox.end_at

    def number(self, vendor: str) -> str:
        """The vendor's next event number."""
        self._numbers[vendor] += 1
        return f"{vendor.upper()}-{self._numbers[vendor]:06d}"

    def tell(self, vendor: str, verb: str, lot: str, at: datetime, **words: str) -> datetime:
        """Report one event; returns when it is told, which after the end it is not."""
        if at > self.end_at:
            return at
        event_id = self.number(vendor)
        rng = stream(self.seed, "lag", event_id)
        median = HOLD_LAG_HOURS if verb == "hold" else MOVE_LAG_HOURS
        lag = timedelta(hours=float(median * rng.lognormal(0, 0.15 if verb == "hold" else 0.6)))
        reported_at = max(min(at + lag, self.end_at), self._earliest(vendor, lot, at))
        if reported_at > self.end_at:
            return reported_at
        told_at = self.outbox.slot(vendor, reported_at)
        for code in (lot, words.get("to_lot", "")):
            self._last[code] = max((told_at, vendor), self._last.get(code, (told_at, vendor)))
        row = WipRow(event_id, stamp(at), vendor.upper(), verb, lot, **words)
        self.outbox.report(vendor, reported_at, row)
        self.row_count += 1
        self.verbs[verb] += 1
        self._repeat(vendor, reported_at, row, rng.random(), float(rng.uniform(14, 40)))
        return told_at

    def follows(self, vendor: str, lot: str, sources: Sequence[str], at: datetime) -> datetime:
        """When a file about `lot` can be sent at the earliest: after what it depends on is told."""
        told_at = max([at, *(self._earliest(vendor, code, at) for code in (lot, *sources))])
        told_at += NEXT
        self._last[lot] = (told_at, vendor)
        return told_at

    def _earliest(self, vendor: str, lot: str, at: datetime) -> datetime:
        """After the lot's last news; another vendor's must be a file earlier."""
        told_at, by = self._last.get(lot, (at, vendor))
        return told_at if by == vendor else told_at + NEXT

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
