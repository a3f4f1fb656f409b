"""One tester session as one STDF file: from who was touched and what failed to bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from simulator.programs import PASS_BIN, Program, Test
from simulator.stdf import StdfWriter
from simulator.touches import Touches, runs
from simulator.wafers import DIE_HEIGHT_MM, DIE_WIDTH_MM, RADIUS_MM

PIN_COUNT = 4
FAILED = 0x80
PART_FAILED = 0x08
SUPERSEDES_PART_ID = 0x01
SUPERSEDES_POSITION = 0x02


@dataclass(frozen=True, slots=True)
class Tester:
    """A machine and its habits. order: byte order; flags_retests: sets PRR PART_FLG bits 0 or 1."""

    __test__ = False

    code: str
    model: str
    order: str = "<"
    flags_retests: bool = True
    repeats_limits: bool = False


@dataclass(frozen=True, slots=True)
class Setup:
    """What the MIR and SDR of a session say. card: probe card at sort, load board later."""

    lot: str
    sublot: str
    program: Program
    tester: Tester
    card: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A written file. part_ends: byte offset after each PRR; reading_count: PTR, MPR and FTR."""

    data: bytes
    started_at: datetime
    finished_at: datetime
    part_count: int
    reading_count: int
    part_ends: tuple[int, ...]


@dataclass(slots=True)
class _Bench:
    """Everything a session needs while it is written."""

    setup: Setup
    touches: Touches
    values: np.ndarray
    writer: StdfWriter
    clock: int
    seen: set[int] = field(default_factory=set)
    executed: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    full: list[bytes] = field(default_factory=list)
    short: list[bytes] = field(default_factory=list)


def write_session(setup: Setup, touches: Touches, rng: np.random.Generator) -> Session:
    """The whole file: header, wafers or packages, retests among them, summaries."""
    writer = StdfWriter(setup.tester.order)
    clock = int(setup.started_at.timestamp())
    bench = _Bench(setup, touches, _draw(setup.program, touches.failing, rng), writer, clock)
    _prepare_tails(bench)
    _write_header(bench)
    for start, stop in runs(touches.wafer):
        _write_wafer(bench, start, stop)
    _write_summaries(bench)
    finished_at = setup.started_at + timedelta(seconds=bench.clock - clock)
    return Session(
        writer.data(),
        setup.started_at,
        finished_at,
        len(touches.part_ids),
        bench.executed.total(),
        _part_ends(writer.records),
    )


def _part_ends(records: list[bytes]) -> tuple[int, ...]:
    ends = np.cumsum([len(record) for record in records])
    is_end = [record[2:4] == b"\x05\x14" for record in records]
    return tuple(ends[is_end].tolist())


def _draw(program: Program, failing: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Values (part, test, pin): inside the limits, and outside at the failing test on pin 0."""
    shape = (len(failing), len(program.tests), PIN_COUNT)
    values = rng.normal(size=shape)
    side = rng.random(size=shape[0])
    for index, test in enumerate(program.tests):
        low, high = test.limits.low, test.limits.high
        good = test.nominal + test.spread * values[:, index]
        inside = 0.1 * test.spread
        good = np.clip(
            good,
            -np.inf if low is None else low + inside,
            np.inf if high is None else high - inside,
        )
        fails = failing == index
        beyond = test.spread * (0.5 + np.abs(values[:, index, 0]))
        falls = np.full(shape[0], high is None) if low is None or high is None else side < 0.5
        bad = np.where(falls, (low or 0.0) - beyond, (high or 0.0) + beyond)
        good[fails, 0] = bad[fails]
        values[:, index] = good
    return values


def _prepare_tails(bench: _Bench) -> None:
    writer = bench.writer
    pins = range(1, PIN_COUNT + 1)
    for test in bench.setup.program.tests:
        if test.kind == "F":
            tail = writer.functional_tail(test.name, 250_000)
            full, short = tail, tail
        elif test.kind == "M":
            full = writer.multiple_tail(test.name, test.limits, pins)
            short = writer.multiple_tail(test.name, None, pins)
        else:
            full = writer.parametric_tail(test.name, test.limits)
            short = writer.parametric_tail(test.name, None)
        bench.full.append(full)
        bench.short.append(full if bench.setup.tester.repeats_limits else short)


def _write_header(bench: _Bench) -> None:
    setup, writer = bench.setup, bench.writer
    program, tester = setup.program, setup.tester
    at_sort = bench.touches.wafer_ids != ()
    start = bench.clock
    writer.audit_trail(start - 300, f"load {program.code} {program.revision}")
    writer.master_information(
        start - 240,
        start,
        "P",
        [
            *(setup.lot, program.product, tester.code, tester.model, program.code),
            *(program.revision, setup.sublot, "OP17", "TESTOS", "8.2", program.step),
            *(program.temperature, "", "", "", "TRN3", "", "OSAT1", "F2", "", "", "", ""),
            program.step,
        ],
    )
    card = [("PROBE" if at_sort else "LB") if setup.card else "", setup.card]
    words = ["", "", *card] if at_sort else ["HANDLER", "H3", "", "", *card]
    writer.site_description(range(1, program.site_count + 1), words)
    if any(test.kind == "M" for test in program.tests):
        for pin in range(1, PIN_COUNT + 1):
            writer.pin(pin, f"LANE{pin}")
    if at_sort:
        writer.wafer_configuration(2 * RADIUS_MM, (DIE_WIDTH_MM, DIE_HEIGHT_MM), "D")


def _write_wafer(bench: _Bench, start: int, stop: int) -> None:
    """One wafer from WIR to WRR; packaged parts have none around them."""
    touches = bench.touches
    wafer = int(touches.wafer[start]) if stop > start else -1
    if wafer >= 0:
        bench.writer.wafer_start(bench.clock, touches.wafer_ids[wafer])
    for first, last in runs(touches.group[start:stop]):
        _write_touch(bench, range(start + first, start + last))
        bench.clock += bench.setup.program.touch_seconds
    if wafer >= 0:
        retests = int(touches.is_retest[start:stop].sum())
        good = int((touches.failing[start:stop] < 0).sum())
        bench.clock += 90
        counts = (stop - start, retests, good)
        bench.writer.wafer_end(bench.clock, counts, touches.wafer_ids[wafer])


def _write_touch(bench: _Bench, parts: range) -> None:
    """All sites of one touch-down: PIRs, then test by test over the sites still running, PRRs."""
    touches, tests = bench.touches, bench.setup.program.tests
    failing = touches.failing[parts.start : parts.stop].tolist()
    sites = touches.site[parts.start : parts.stop].tolist()
    for site in sites:
        bench.writer.part_start(site)
    for index, test in enumerate(tests):
        for part, site, stop in zip(parts, sites, failing, strict=True):
            if stop < 0 or index <= stop:
                _write_reading(bench, index, test, part, site, FAILED if index == stop else 0)
    for part, site, stop in zip(parts, sites, failing, strict=True):
        _write_part_end(bench, part, site, stop)


def _write_reading(bench: _Bench, index: int, test: Test, part: int, site: int, flag: int) -> None:
    bench.executed[index] += 1
    bench.failed[index] += flag > 0
    tail = bench.short[index] if index in bench.seen else bench.full[index]
    bench.seen.add(index)
    if test.kind == "F":
        bench.writer.functional(test.number, site, flag, tail)
    elif test.kind == "M":
        bench.writer.multiple(test.number, site, flag, bench.values[part, index].tolist(), tail)
    else:
        bench.writer.parametric(test.number, site, flag, bench.values[part, index, 0], tail)


def _write_part_end(bench: _Bench, part: int, site: int, stop: int) -> None:
    touches, program = bench.touches, bench.setup.program
    flag = PART_FAILED if stop >= 0 else 0
    if touches.is_retest[part] and bench.setup.tester.flags_retests:
        flag |= SUPERSEDES_POSITION if touches.wafer[part] >= 0 else SUPERSEDES_PART_ID
    hard, soft = PASS_BIN, PASS_BIN
    if stop >= 0:
        hard, soft = program.tests[stop].hard_bin, program.tests[stop].soft_bin
    executed = stop + 1 if stop >= 0 else len(program.tests)
    milliseconds = 1000 * program.touch_seconds * executed // len(program.tests)
    where = (int(touches.x[part]), int(touches.y[part]))
    bench.writer.part_end(
        [site, flag, executed, hard, soft, *where, milliseconds], touches.part_ids[part]
    )


def _write_summaries(bench: _Bench) -> None:
    touches, program, writer = bench.touches, bench.setup.program, bench.writer
    failing = Counter(touches.failing.tolist())
    good = failing.pop(-1, 0)
    hard, soft = Counter[int](), Counter[int]()
    for index, count in failing.items():
        hard[program.tests[index].hard_bin] += count
        soft[program.tests[index].soft_bin] += count
    for is_hard, names, counts in [
        (True, program.hard_bins(), hard),
        (False, program.soft_bins(), soft),
    ]:
        writer.bin(is_hard=is_hard, number=PASS_BIN, count=good, passes=True, name="PASS")
        for number, name in sorted(names.items()):
            writer.bin(
                is_hard=is_hard, number=number, count=counts[number], passes=False, name=name
            )
    for index, test in enumerate(program.tests):
        executed, failed = bench.executed[index], bench.failed[index]
        writer.test_synopsis(test.number, test.kind, test.name, executed, failed)
    retests = int(touches.is_retest.sum())
    writer.part_counts(None, len(touches.part_ids), retests, good)
    writer.master_results(bench.clock)
