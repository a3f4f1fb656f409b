"""A session of system-level, board or rack tests as its file tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from testing.domain.records import BinRecord
from testing.domain.words import Outcome


@dataclass(frozen=True, slots=True)
class Measurement:
    """One test of one unit. value: None where the test gives no number, or gave none.

    name: with the steps it lies in, as `boot/memory`. is_numeric: it has a number by its nature.
    """

    name: str
    outcome: Outcome
    value: float | None = None
    is_numeric: bool = False
    number: int = 0
    units: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class UnitReport:
    """One insertion of one unit. position: of the unit in the file, a line or a place from 1."""

    position: int
    serial: str
    outcome: Outcome
    measurements: tuple[Measurement, ...] = ()
    hard_bin: int | None = None
    soft_bin: int | None = None
    head: int = 1
    site: int = 0
    is_retest: bool = False
    test_seconds: float | None = None
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionWords:
    """What holds for the whole file; "" and None where it does not say."""

    lot: str = ""
    step: str = ""
    product: str = ""
    sublot: str = ""
    tester: str = ""
    tester_model: str = ""
    load_board: str = ""
    program: str = ""
    revision: str = ""
    temperature_celsius: float | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What could not be taken, where it stood and why."""

    position: int
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Session:
    """A file as read: read = kept + left out holds for its units."""

    words: SessionWords
    units: tuple[UnitReport, ...]
    left_out: tuple[LeftOut, ...] = ()
    bins: tuple[BinRecord, ...] = ()
    notes: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
