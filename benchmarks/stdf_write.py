"""How fast test files are written and read back, against packing the same bytes once.

Floor: one struct.pack for each reading and one join, with no meaning at all.
`.venv/bin/python -m benchmarks.stdf_write`
"""

from __future__ import annotations

import struct
import sys
import time
from datetime import UTC, datetime

import numpy as np

from intake.domain.stdf.decoder import decode
from simulator.chance import stream
from simulator.floor import SORT_TESTERS
from simulator.outcomes import retests_inline, sort_wafers
from simulator.programs import CP1
from simulator.sessions import Session, Setup, write_session
from simulator.wafers import DIES

WAFERS = 25
ROUNDS = 5


def main() -> None:
    """Print MB/s of the best of five rounds, and the ratio to the floor."""
    session, write_seconds = best_write()
    megabytes = len(session.data) / 1e6
    floor = min(pack_seconds(session.reading_count) for _ in range(ROUNDS))
    read_seconds = min(decode_seconds(session.data) for _ in range(ROUNDS))
    for what, taken in [
        ("floor: pack", floor),
        ("write", write_seconds),
        ("decode", read_seconds),
    ]:
        sys.stdout.write(f"{what:12} {megabytes / taken:8.1f} MB/s {taken / floor:6.1f} x\n")


def best_write() -> tuple[Session, float]:
    """One wafer lot at first sort, and the shortest time to write it."""
    rng = stream(20, "benchmark")
    names = tuple(f"W-{number:02d}" for number in range(1, WAFERS + 1))
    lot = retests_inline(sort_wafers(CP1, names, np.ones((WAFERS, len(DIES)), bool), rng))
    setup = Setup("W", "", CP1, SORT_TESTERS[0], "PC", datetime(2026, 1, 1, tzinfo=UTC))
    times = []
    session = write_session(setup, lot.first, rng)
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        session = write_session(setup, lot.first, rng)
        times.append(time.perf_counter() - begun)
    return session, min(times)


def pack_seconds(count: int) -> float:
    """As many records of a PTR's size as the session has readings."""
    pack = struct.Struct("<HBBIBBBBf").pack
    begun = time.perf_counter()
    records = [pack(22, 15, 10, 1000, 1, 1, 0, 0, 0.5) + b"\x09IDDQ_CORE" for _ in range(count)]
    b"".join(records)
    return time.perf_counter() - begun


def decode_seconds(data: bytes) -> float:
    """The project's own decoder."""
    begun = time.perf_counter()
    decode([data])
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
