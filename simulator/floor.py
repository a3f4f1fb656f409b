"""What all parts of the line share: its chance, its desk, its die bank, its testers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from simulator.chance import stream
from simulator.desk import Desk
from simulator.outbox import Outbox
from simulator.sessions import Session, Setup, Tester, write_session
from simulator.touches import Touches
from simulator.truth import Truth

SORT_TESTERS = (
    Tester("S7-01", "T7"),
    Tester("S7-02", "T7"),
    Tester("S9-01", "T9", flags_retests=False),
    Tester("S5-04", "T5", order=">", flags_retests=False, repeats_limits=True),
)
PACKAGE_TESTERS = (
    Tester("F7-01", "T7"),
    Tester("F7-02", "T7"),
    Tester("F8-01", "T8", flags_retests=False, repeats_limits=True),
)
SYSTEM_TESTERS = (Tester("L1-01", "SLT1"), Tester("L1-02", "SLT1"))
PACKED_RATIO = 0.75


@dataclass(slots=True)
class Bank:
    """Proven dies of one lot, waiting to be built into packages."""

    lot: str
    available_at: datetime
    dies: list[str]


@dataclass(slots=True)
class Chips:
    """Packages of one lot that went all the way into stock."""

    lot: str
    stocked_at: datetime
    serials: list[str]


@dataclass(slots=True)
class Floor:
    """The simulated line while it runs."""

    seed: int
    outbox: Outbox
    desk: Desk
    truth: Truth
    banks: list[Bank] = field(default_factory=list)
    stock: list[Chips] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)

    @property
    def end_at(self) -> datetime:
        """When the line is looked at."""
        return self.outbox.end_at

    def rng(self, *words: str) -> np.random.Generator:
        """Chance of its own for one thing."""
        return stream(self.seed, *words)

    def days_ago(self, days: float) -> datetime:
        """An instant before the end, to the second."""
        return (self.end_at - timedelta(days=days)).replace(microsecond=0)

    def started(self, lot: str) -> None:
        """Count a lot."""
        self.truth.lots.append(lot)

    def test(
        self, setup: Setup, touches: Touches, rng: np.random.Generator, note: str = ""
    ) -> Session:
        """Run one session and send its file half an hour to two hours after it ended."""
        session = write_session(setup, touches, rng)
        self.send_session(setup, session, rng, note)
        return session

    def send_session(
        self, setup: Setup, session: Session, rng: np.random.Generator, note: str = ""
    ) -> None:
        """Send a session's file, mostly packed; count what arrives."""
        name = f"{setup.lot}_{setup.program.step}{note}_{setup.tester.code}.stdf"
        at = session.finished_at + timedelta(minutes=int(rng.integers(30, 120)))
        is_packed = rng.random() < PACKED_RATIO
        send = self.outbox.send_packed if is_packed else self.outbox.send
        if send("osat1", at, name, session.data):
            self.figures["test_files"] += 1
            self.figures["test_bytes"] += len(session.data)
            self.figures["insertions"] += session.part_count
            self.figures["readings"] += session.reading_count
