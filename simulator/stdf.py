"""The records of a simulated tester session, in either byte order, into memory.

One call writes one record; absent optional fields end the record early, as testers do. The records
are written by `intake.domain.stdf.writer`; of those that come by the thousand only what differs
from one to the next is packed here.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from intake.domain.stdf.layouts import LAYOUTS
from intake.domain.stdf.records import Value
from intake.domain.stdf.words import RECORD_KINDS
from intake.domain.stdf.writer import MISSING, TEXT_BYTES_MAX, RecordWriter, encoded

MISSING_XY = -32768
ALL_HEADS = 255
AS_EXPECTED = 4
"""RTN_STAT of a pin."""

OPT_NO_SCALE_OR_SPEC = 0b0000_1110
"""PTR and MPR OPT_FLAG of a first record: scale and limits valid, no spec limits, bit 1 set."""
ONLY_CYCLES = 0b1111_1110
"""FTR OPT_FLAG: the cycle count alone is valid."""
HEADER_BYTES, PTR_BYTES, FTR_BYTES, MPR_BYTES = 4, 12, 7, 12
"""Of a header, and of what stands before TEST_TXT (PTR), OPT_FLAG (FTR) and the states (MPR)."""


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

    def fields(self) -> dict[str, Value]:
        """As a PTR or MPR has them."""
        return {
            "OPT_FLAG": self.option_flag(),
            "RES_SCAL": self.scale,
            "LLM_SCAL": self.scale,
            "HLM_SCAL": self.scale,
            "LO_LIMIT": self.low or 0.0,
            "HI_LIMIT": self.high or 0.0,
            "UNITS": self.units,
        }


@dataclass(slots=True)
class StdfWriter:
    """Collects the records of one file. order: "<" little-endian, ">" big-endian."""

    order: str = "<"
    records: list[bytes] = field(default_factory=list)
    _writer: RecordWriter = field(init=False)
    _ptr: struct.Struct = field(init=False)
    _ftr: struct.Struct = field(init=False)
    _mpr: struct.Struct = field(init=False)
    _prr: struct.Struct = field(init=False)

    def __post_init__(self) -> None:
        self._writer = RecordWriter(self.order)
        self._ptr = struct.Struct(f"{self.order}HBBIBBBBf")
        self._ftr = struct.Struct(f"{self.order}HBBIBBB")
        self._mpr = struct.Struct(f"{self.order}IBBBBHH")
        self._prr = struct.Struct(f"{self.order}BBBHHHhhI")
        self.records.append(self._writer.far())

    def write(self, kind: str, /, **values: Value) -> None:
        """Append one record from its fields by name; None or absent: missing."""
        self.records.append(self._writer.write(kind, values))

    def data(self) -> bytes:
        """The file so far."""
        return b"".join(self.records)

    # the file as a whole

    def audit_trail(self, at: int, command: str) -> None:
        """ATR."""
        self.write("ATR", MOD_TIM=at, CMD_LINE=command)

    def master_information(
        self, setup_at: int, start_at: int, mode: str, words: Sequence[str]
    ) -> None:
        """MIR. words: LOT_ID to SUPR_NAM in order of the specification; a short list ends early."""
        named = dict(zip(_names("MIR", "LOT_ID"), words, strict=False))
        self.write("MIR", SETUP_T=setup_at, START_T=start_at, STAT_NUM=1, MODE_COD=mode, **named)

    def master_results(self, finished_at: int, disposition: str = " ") -> None:
        """MRR."""
        self.write("MRR", FINISH_T=finished_at, DISP_COD=disposition, USR_DESC="", EXC_DESC="")

    def site_description(self, sites: Sequence[int], words: Sequence[str]) -> None:
        """SDR of head 1, group 1. words: HAND_TYP to EXTR_ID in order."""
        named = dict(zip(_names("SDR", "HAND_TYP"), words, strict=False))
        self.write("SDR", HEAD_NUM=1, SITE_GRP=1, SITE_NUM=tuple(sites), **named)

    def pin(self, index: int, name: str) -> None:
        """PMR."""
        names = {"CHAN_NAM": name, "PHY_NAM": name, "LOG_NAM": name}
        self.write("PMR", PMR_INDX=index, CHAN_TYP=0, **names, HEAD_NUM=1, SITE_NUM=1)

    def bin(self, *, is_hard: bool, number: int, count: int, passes: bool, name: str) -> None:
        """HBR or SBR over all sites."""
        kind = "HBR" if is_hard else "SBR"
        own: dict[str, Value] = dict(
            zip(_names(kind, f"{kind[0]}BIN_NUM"), (number, count), strict=False)
        )
        own |= {f"{kind[0]}BIN_PF": "P" if passes else "F", f"{kind[0]}BIN_NAM": name}
        self.write(kind, HEAD_NUM=ALL_HEADS, SITE_NUM=0, **own)

    def part_counts(self, site: int | None, parts: int, retests: int, good: int) -> None:
        """PCR of one site, or of all when None."""
        head, number = (ALL_HEADS, 0) if site is None else (1, site)
        counts = {"PART_CNT": parts, "RTST_CNT": retests, "GOOD_CNT": good}
        self.write("PCR", HEAD_NUM=head, SITE_NUM=number, **counts, FUNC_CNT=MISSING["FUNC_CNT"])

    def test_synopsis(self, number: int, kind: str, name: str, executed: int, failed: int) -> None:
        """TSR over all sites. kind: P, F or M."""
        counts = {"EXEC_CNT": executed, "FAIL_CNT": failed}
        names = {"TEST_NAM": name, "SEQ_NAME": "", "TEST_LBL": ""}
        self.write(
            "TSR", HEAD_NUM=ALL_HEADS, SITE_NUM=0, TEST_TYP=kind, TEST_NUM=number, **counts, **names
        )

    # wafers

    def wafer_configuration(
        self, diameter_mm: float, die_mm: tuple[float, float], flat: str
    ) -> None:
        """WCR. Units 3: millimetres; X grows to the right, Y up, centre 0/0."""
        sizes = {"WAFR_SIZ": diameter_mm, "DIE_HT": die_mm[1], "DIE_WID": die_mm[0]}
        centre: dict[str, Value] = {"CENTER_X": 0, "CENTER_Y": 0, "POS_X": "R", "POS_Y": "U"}
        self.write("WCR", **sizes, WF_UNITS=3, WF_FLAT=flat, **centre)

    def wafer_start(self, at: int, wafer_id: str) -> None:
        """WIR."""
        self.write("WIR", HEAD_NUM=1, SITE_GRP=1, START_T=at, WAFER_ID=wafer_id)

    def wafer_end(self, at: int, counts: tuple[int, int, int], wafer_id: str) -> None:
        """WRR. counts: parts, retests, good."""
        named = dict(zip(("PART_CNT", "RTST_CNT", "GOOD_CNT"), counts, strict=True))
        self.write("WRR", HEAD_NUM=1, SITE_GRP=1, FINISH_T=at, **named, WAFER_ID=wafer_id)

    # parts and their readings

    def part_start(self, site: int) -> None:
        """PIR."""
        self.records.append(self._writer.framed(RECORD_KINDS["PIR"], bytes([1, site])))

    def part_end(self, fixed: Sequence[int], part_id: str) -> None:
        """PRR. fixed: site, PART_FLG, NUM_TEST, HARD_BIN, SOFT_BIN, X, Y, TEST_T in ms."""
        name = encoded(part_id, TEXT_BYTES_MAX)
        # PART_TXT and PART_FIX are empty.
        body = self._prr.pack(1, *fixed) + bytes([len(name)]) + name + bytes(2)
        self.records.append(self._writer.framed(RECORD_KINDS["PRR"], body))

    def parametric(self, number: int, site: int, flag: int, value: float, tail: bytes) -> None:
        """PTR. flag: TEST_FLG. tail: from `parametric_tail`."""
        fixed = self._ptr.pack(PTR_BYTES + len(tail), 15, 10, number, 1, site, flag, 0, value)
        self.records.append(fixed + tail)

    def parametric_tail(self, name: str, limits: Limits | None) -> bytes:
        """TEST_TXT and on: with limits for a first PTR, without for those that rely on it."""
        fields = limits.fields() if limits else {}
        return self._writer.record("PTR", TEST_TXT=name, **fields)[HEADER_BYTES + PTR_BYTES :]

    def multiple(
        self, number: int, site: int, flag: int, values: Sequence[float], tail: bytes
    ) -> None:
        """MPR with one state (4, as expected) a value. tail: from `multiple_tail`."""
        count = len(values)
        states = bytes([AS_EXPECTED * 0x11]) * (count // 2) + bytes([AS_EXPECTED]) * (count % 2)
        fixed = self._mpr.pack(number, 1, site, flag, 0, count, count)
        results = struct.pack(f"{self.order}{count}f", *values)
        self.records.append(
            self._writer.framed(RECORD_KINDS["MPR"], fixed + states + results + tail)
        )

    def multiple_tail(self, name: str, limits: Limits | None, pins: Sequence[int]) -> bytes:
        """TEST_TXT and on; pins are PMR indexes."""
        inputs: dict[str, Value] = {"START_IN": 0.0, "INCR_IN": 0.0}
        fields = inputs | limits.fields() if limits else {}
        indexes = {"RTN_INDX": tuple(pins), "RTN_STAT": (0,) * len(pins)} if limits else {}
        raw = self._writer.record("MPR", TEST_TXT=name, **indexes, **fields)
        states = (len(pins) + 1) // 2 if limits else 0
        return raw[HEADER_BYTES + MPR_BYTES + states :]

    def functional(self, number: int, site: int, flag: int, tail: bytes) -> None:
        """FTR. tail: from `functional_tail`."""
        self.records.append(
            self._ftr.pack(FTR_BYTES + len(tail), 15, 20, number, 1, site, flag) + tail
        )

    def functional_tail(self, name: str, cycles: int) -> bytes:
        """OPT_FLAG to TEST_TXT; only the cycle count and the vector name are given."""
        fields: dict[str, Value] = {
            "OPT_FLAG": ONLY_CYCLES,
            "CYCL_CNT": cycles,
            "VECT_NAM": name.lower(),
        }
        return self._writer.record("FTR", **fields, TEST_TXT=name)[HEADER_BYTES + FTR_BYTES :]


def _names(kind: str, first: str) -> list[str]:
    """Fields of a record from one on, in order."""
    names = [one.name for one in LAYOUTS[RECORD_KINDS[kind]]]
    return names[names.index(first) :]
