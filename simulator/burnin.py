"""Oven loads: who sat where, and what the sensors said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from simulator.outbox import stamp

SOCKETS_A_BOARD = 24
LOG_MINUTES = 5
WARM_UP_MINUTES = 40
TARGET_CELSIUS = 125.0
TARGET_VOLT = 1.0
STRESS_HOURS = 8.5
DIP_CELSIUS = 96.0
DIP_HOURS = (3.0, 5.75)
"""From and to, after insertion: an oven trip that leaves the door shut and the clock running."""


@dataclass(frozen=True, slots=True)
class OvenLoad:
    """One load. failed: serials that did not come out alive."""

    lot: str
    oven: str
    started_at: datetime
    serials: tuple[str, ...]
    failed: frozenset[str]
    has_dip: bool

    @property
    def finished_at(self) -> datetime:
        """When the boards come out."""
        return self.started_at + timedelta(minutes=WARM_UP_MINUTES + 15, hours=STRESS_HOURS)


def oven_report(load: OvenLoad, rng: np.random.Generator) -> dict[str, object]:
    """The document that the oven's controller sends."""
    return {
        "format": "burn-in-1",
        "lot": load.lot,
        "step": "BI",
        "oven": load.oven,
        "started_at": stamp(load.started_at),
        "finished_at": stamp(load.finished_at),
        "units": [_unit(load, index, serial) for index, serial in enumerate(load.serials)],
        "log": _log(load, rng),
    }


def _unit(load: OvenLoad, index: int, serial: str) -> dict[str, str]:
    board, socket = divmod(index, SOCKETS_A_BOARD)
    return {
        "serial": serial,
        "board": f"BIB-{load.oven[-2:]}-{board + 1:02d}",
        "socket": f"{'ABCD'[socket // 6]}{socket % 6 + 1}",
        "inserted_at": stamp(load.started_at),
        "removed_at": stamp(load.finished_at),
        "outcome": "fail" if serial in load.failed else "pass",
    }


def _log(load: OvenLoad, rng: np.random.Generator) -> list[list[object]]:
    """Every five minutes: when, degrees Celsius, volt; one line without a sensor value."""
    span = load.finished_at - load.started_at
    count = int(span / timedelta(minutes=LOG_MINUTES)) + 1
    silent = int(rng.integers(20, count - 5))
    lines: list[list[object]] = []
    for index in range(count):
        minutes = index * LOG_MINUTES
        at = load.started_at + timedelta(minutes=minutes)
        celsius = round(_celsius(minutes, load.has_dip) + float(rng.normal(0, 0.4)), 2)
        volt = round(TARGET_VOLT + float(rng.normal(0, 0.004)), 4)
        lines.append([stamp(at), None if index == silent else celsius, volt])
    return lines


def _celsius(minutes: float, has_dip: bool) -> float:
    if minutes < WARM_UP_MINUTES:
        return 25.0 + (TARGET_CELSIUS - 25.0) * minutes / WARM_UP_MINUTES
    if has_dip and DIP_HOURS[0] <= minutes / 60 < DIP_HOURS[1]:
        return DIP_CELSIUS
    return TARGET_CELSIUS
