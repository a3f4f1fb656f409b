"""Writes STDF V4, in either byte order, into memory. Source: STDF V4 specification.

One call writes one record; absent optional fields end the record early, as testers do.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

MISSING_COUNT = 4_294_967_295
MISSING_XY = -32768
MISSING_BIN = 65535
ALL_HEADS = 255

OPT_NO_SCALE_OR_SPEC = 0b0000_1110
"""PTR and MPR OPT_FLAG of a first record: scale and limits valid, no spec limits, bit 1 set."""

Values: TypeAlias = Sequence[int | float | bytes]


def text(value: str) -> bytes:
    """A C*n: length byte and Latin-1 characters, at most 255."""
    raw = value.encode("latin-1", "replace")[:255]
    return bytes([len(raw)]) + raw


@dataclass(frozen=True, slots=True)
class Limits:
    """What a first PTR or MPR says of its test. None: no such limit."""

    low: float | None
    high: float | None
    units: str
    scale: int = 0

    def option_flag(self) -> int:
        """OPT_FLAG: bits 6 and 7 say that a limit does not exist."""
        return OPT_NO_SCALE_OR_SPEC | (self.low is None) << 6 | (self.high is None) << 7


@dataclass(slots=True)
class StdfWriter:
    """Collects the records of one file. order: "<" little-endian, ">" big-endian."""

    order: str = "<"
    records: list[bytes] = field(default_factory=list)
    _ptr: struct.Struct = field(init=False)
    _ftr: struct.Struct = field(init=False)

    def __post_init__(self) -> None:
        self._ptr = struct.Struct(f"{self.order}HBBIBBBBf")
        self._ftr = struct.Struct(f"{self.order}HBBIBBB")
        self.record(0, 10, "BB", [2 if self.order == "<" else 1, 4])

    def record(self, typ: int, sub: int, layout: str, values: Values, tail: bytes = b"") -> None:
        """Append one record: packed values, then a ready tail."""
        body = struct.pack(self.order + layout, *values) + tail
        self.records.append(struct.pack(f"{self.order}HBB", len(body), typ, sub) + body)

    def data(self) -> bytes:
        """The file so far."""
        return b"".join(self.records)

    # the file as a whole

    def audit_trail(self, at: int, command: str) -> None:
        """ATR."""
        self.record(0, 20, "I", [at], text(command))

    def master_information(
        self, setup_at: int, start_at: int, mode: str, words: Sequence[str]
    ) -> None:
        """MIR. words: LOT_ID to SUPR_NAM in order of the specification; a short list ends early."""
        fixed: Values = [setup_at, start_at, 1, mode.encode(), b" ", b" ", MISSING_BIN, b" "]
        self.record(1, 10, "IIBcccHc", fixed, b"".join(map(text, words)))

    def master_results(self, finished_at: int, disposition: str = " ") -> None:
        """MRR."""
        self.record(1, 20, "Ic", [finished_at, disposition.encode()], text("") + text(""))

    def site_description(self, sites: Sequence[int], words: Sequence[str]) -> None:
        """SDR of head 1, group 1. words: HAND_TYP to EXTR_ID in order."""
        fixed = [1, 1, len(sites), *sites]
        self.record(1, 80, f"BBB{len(sites)}B", fixed, b"".join(map(text, words)))

    def pin(self, index: int, name: str) -> None:
        """PMR."""
        self.record(1, 60, "HH", [index, 0], text(name) * 3 + b"\x01\x01")

    def bin(self, *, is_hard: bool, number: int, count: int, passes: bool, name: str) -> None:
        """HBR or SBR over all sites."""
        fixed: Values = [ALL_HEADS, 0, number, count, b"P" if passes else b"F"]
        self.record(1, 40 if is_hard else 50, "BBHIc", fixed, text(name))

    def part_counts(self, site: int | None, parts: int, retests: int, good: int) -> None:
        """PCR of one site, or of all when None."""
        head, number = (ALL_HEADS, 0) if site is None else (1, site)
        fixed = [head, number, parts, retests, MISSING_COUNT, good, MISSING_COUNT]
        self.record(1, 30, "BBIIIII", fixed)

    def test_synopsis(self, number: int, kind: str, name: str, executed: int, failed: int) -> None:
        """TSR over all sites. kind: P, F or M."""
        fixed: Values = [ALL_HEADS, 0, kind.encode(), number, executed, failed, MISSING_COUNT]
        self.record(10, 30, "BBcIIII", fixed, text(name) + text("") + text(""))

    # wafers

    def wafer_configuration(
        self, diameter_mm: float, die_mm: tuple[float, float], flat: str
    ) -> None:
        """WCR. Units 3: millimetres; X grows to the right, Y up, centre 0/0."""
        fixed: Values = [diameter_mm, die_mm[1], die_mm[0], 3, flat.encode(), 0, 0, b"R", b"U"]
        self.record(2, 30, "fffBchhcc", fixed)

    def wafer_start(self, at: int, wafer_id: str) -> None:
        """WIR."""
        self.record(2, 10, "BBI", [1, 1, at], text(wafer_id))

    def wafer_end(self, at: int, counts: tuple[int, int, int], wafer_id: str) -> None:
        """WRR. counts: parts, retests, good."""
        parts, retests, good = counts
        fixed = [1, 1, at, parts, retests, MISSING_COUNT, good, MISSING_COUNT]
        self.record(2, 20, "BBIIIIII", fixed, text(wafer_id))

    # parts and their readings

    def part_start(self, site: int) -> None:
        """PIR."""
        self.record(5, 10, "BB", [1, site])

    def part_end(self, fixed: Sequence[int], part_id: str) -> None:
        """PRR. fixed: site, PART_FLG, NUM_TEST, HARD_BIN, SOFT_BIN, X, Y, TEST_T in ms."""
        tail = text(part_id) + text("") + b"\0"
        self.record(5, 20, "BBBHHHhhI", [1, *fixed], tail)

    def parametric(self, number: int, site: int, flag: int, value: float, tail: bytes) -> None:
        """PTR. flag: TEST_FLG. tail: from `parametric_tail`."""
        self.records.append(
            self._ptr.pack(12 + len(tail), 15, 10, number, 1, site, flag, 0, value) + tail
        )

    def parametric_tail(self, name: str, limits: Limits | None) -> bytes:
        """TEST_TXT and on: with limits for a first PTR, without for those that rely on it."""
        if limits is None:
            return text(name)
        return text(name) + text("") + self._limits(limits) + text(limits.units)

    def multiple(
        self, number: int, site: int, flag: int, values: Sequence[float], tail: bytes
    ) -> None:
        """MPR with one state nibble (4, as expected) a value. tail: from `multiple_tail`."""
        count = len(values)
        states = bytes([0x44]) * (count // 2) + bytes([0x04]) * (count % 2)
        fixed: Values = [number, 1, site, flag, 0, count, count, states, *values]
        self.record(15, 15, f"IBBBBHH{len(states)}s{count}f", fixed, tail)

    def multiple_tail(self, name: str, limits: Limits | None, pins: Sequence[int]) -> bytes:
        """TEST_TXT and on; pins are PMR indexes."""
        if limits is None:
            return text(name)
        inputs = struct.pack(f"{self.order}ff{len(pins)}H", 0.0, 0.0, *pins)
        return text(name) + text("") + self._limits(limits) + inputs + text(limits.units)

    def functional(self, number: int, site: int, flag: int, tail: bytes) -> None:
        """FTR. tail: from `functional_tail`."""
        self.records.append(self._ftr.pack(7 + len(tail), 15, 20, number, 1, site, flag) + tail)

    def functional_tail(self, name: str, cycles: int) -> bytes:
        """OPT_FLAG to TEST_TXT; only the cycle count and the vector name are given."""
        fixed = struct.pack(f"{self.order}BIIIIiihHH", 0b1111_1110, cycles, 0, 0, 0, 0, 0, 0, 0, 0)
        no_pins = struct.pack(f"{self.order}H", 0)
        return fixed + no_pins + text(name.lower()) + text("") + text("") + text(name)

    def _limits(self, limits: Limits) -> bytes:
        flag, scale = limits.option_flag(), limits.scale
        low, high = limits.low or 0.0, limits.high or 0.0
        return struct.pack(f"{self.order}Bbbbff", flag, scale, scale, scale, low, high)
