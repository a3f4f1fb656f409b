"""Lots that were simulated as outcomes alone, written as their testers would send them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from simulator.burnin import OvenLoad, oven_report
from simulator.chance import stream
from simulator.floor import PACKAGE_TESTERS, SORT_TESTERS, SYSTEM_TESTERS
from simulator.outcomes import SortResult, retests_inline
from simulator.programs import Program
from simulator.sessions import Setup, write_session
from simulator.stdf import MISSING_XY
from simulator.streams import BY_STEP, Tested
from simulator.touches import Touches, again

TESTERS = {one.code: one for one in (*SORT_TESTERS, *PACKAGE_TESTERS, *SYSTEM_TESTERS)}
SESSION_GAP = timedelta(minutes=1)
OVEN_BEFORE = timedelta(hours=10)
"""Before the first session, so that the load is over by then."""


@dataclass(frozen=True, slots=True)
class LotFile:
    """One file of a lot at a step."""

    name: str
    content: bytes


def lot_files(lot: Tested, seed: int, started_at: datetime) -> Iterator[LotFile]:
    """A session for each tester, with its retests at the end of each wafer or of the session, and a
    report of each oven load before it. Packed without a time stamp: equal lots give equal bytes."""
    for place, tester in enumerate(dict.fromkeys(lot.tester.tolist())):
        chosen = np.flatnonzero(lot.tester == tester)
        setup = Setup(
            lot=lot.code,
            sublot="",
            program=replace(BY_STEP[lot.step], product=lot.product),
            tester=TESTERS[tester],
            card=str(lot.card[chosen[0]]),
            started_at=started_at + place * SESSION_GAP,
        )
        rng = stream(seed, "lot-file", lot.code, lot.step, tester)
        session = write_session(setup, touches_of(lot, chosen), rng)
        packed = gzip.compress(session.data, 1, mtime=0)
        yield LotFile(f"{lot.code}_{lot.step}_{tester}.stdf.gz", packed)
    for oven in sorted({*lot.oven.tolist()} - {""}):
        load = OvenLoad(
            lot=lot.code,
            oven=oven,
            started_at=started_at - OVEN_BEFORE,
            serials=tuple(_serial(lot, unit) for unit in np.flatnonzero(lot.oven == oven).tolist()),
            failed=frozenset(),
            has_dip=False,
        )
        report = oven_report(load, stream(seed, "lot-oven", lot.code, lot.step, oven))
        content = (json.dumps(report, indent=1) + "\n").encode()
        yield LotFile(f"{lot.code}_{lot.step}_{oven}.burnin.json", content)


def write_lot(folder: Path, lot: Tested, seed: int, started_at: datetime) -> int:
    """All files of a lot at a step into a folder; how many."""
    count = 0
    for file in lot_files(lot, seed, started_at):
        (folder / file.name).write_bytes(file.content)
        count += 1
    return count


def touches_of(lot: Tested, chosen: np.ndarray) -> Touches:
    """Some of a lot's units as a tester touched them, retests in line. chosen: (unit,), rising."""
    program = BY_STEP[lot.step]
    first = _first_touches(lot, chosen)
    retested = np.flatnonzero(lot.is_retested[chosen])
    reruns = again(first, retested, _failing(program, lot.final_bin[chosen[retested]]))
    return retests_inline(SortResult(first, reruns, np.zeros(0, bool))).first


def _first_touches(lot: Tested, chosen: np.ndarray) -> Touches:
    wafer, die, site = lot.wafer[chosen], lot.die[chosen], lot.site[chosen]
    is_placed = die >= 0
    where = np.array([*lot.places, (MISSING_XY, MISSING_XY)])[np.where(is_placed, die, -1)]
    is_next = (np.diff(site, prepend=0) <= 0) | (np.diff(wafer, prepend=wafer[:1]) != 0)
    return Touches(
        wafer_ids=tuple(f"{lot.code}-{number + 1:02d}" for number in range(lot.wafer_count)),
        part_ids=tuple(
            str(place) if is_die else _serial(lot, unit)
            for place, (unit, is_die) in enumerate(zip(chosen, is_placed, strict=True), 1)
        ),
        wafer=wafer,
        x=where[:, 0],
        y=where[:, 1],
        site=site,
        group=np.cumsum(is_next),
        failing=_failing(BY_STEP[lot.step], lot.first_bin[chosen]),
        is_retest=np.zeros(len(chosen), bool),
    )


def _serial(lot: Tested, unit: int) -> str:
    return f"{lot.code}-U{unit + 1:04d}"


def _failing(program: Program, hard_bin: np.ndarray) -> np.ndarray:
    """Index of the first test that ends in each bin, -1 for a pass; (unit,)."""
    index = {0: -1} | {
        test.hard_bin: place for place, test in reversed(list(enumerate(program.tests)))
    }
    return np.array([index[number] for number in hard_bin.tolist()], dtype=int)
