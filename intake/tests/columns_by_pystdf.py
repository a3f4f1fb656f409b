"""What a file's parts, tests and readings are by docs/formats.md, told from what pystdf reads.

Written apart from the kernels and the catalogue, one record after the other, for their sake.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from intake.tests.by_pystdf import Told, parts_by_pystdf
from testing.domain.words import Outcome, ParameterKind

ANY_HEAD = 255
BLANKS = " \t\r\n\0"
NO_PLACE, NONE = -32768, -1
RESULTS = {
    "PTR": ParameterKind.PARAMETRIC, "MPR": ParameterKind.MULTIPLE, "FTR": ParameterKind.FUNCTIONAL,
}  # fmt: skip
REQUIRED = {
    "PIR": "SITE_NUM", "PRR": "HARD_BIN", "PTR": "TEST_FLG", "MPR": "RSLT_CNT", "FTR": "TEST_FLG",
    "SDR": "SITE_NUM", "WIR": "SITE_GRP", "WRR": "SITE_GRP",
}  # fmt: skip
"""The last field that a record must have."""
NEEDED_WHOLE = {
    "PRR": {"PART_ID"},
    "PTR": {"TEST_TXT", "ALARM_ID", "UNITS"},
    "MPR": {"RTN_STAT", "RTN_RSLT", "TEST_TXT", "ALARM_ID", "UNITS"},
    "FTR": {"VECT_NAM", "TIME_SET", "OP_CODE", "TEST_TXT"},
    "WIR": {"WAFER_ID"},
    "WRR": {"WAFER_ID"},
}
"""Fields that may be missing, but not be cut. Of the others a cut one is a missing one."""

Key = tuple[int, int]
Test = tuple[int, str]


@dataclass
class Result:
    """A test record. values: what pystdf read, none for a verdict alone."""

    test: Test
    flag: int
    values: list[float | None]
    is_verdict: bool


@dataclass
class Open:
    """What came for a head and site since its last PRR."""

    starts: int = 0
    runs: list[list[Result]] = field(default_factory=lambda: [[]])
    wafer: int = NONE

    def given(self) -> list[Result]:
        """Those after the last PIR; when none came behind any, those before the first."""
        first, *later = self.runs
        if not later or later[-1]:
            return self.runs[-1]
        return [] if any(later) else first


@dataclass
class Columns:
    """parts, readings, tests: rows in order. rejected: records left out, by kind."""

    wafers: list[str] = field(default_factory=list)
    parts: list[tuple[Any, ...]] = field(default_factory=list)
    readings: list[tuple[Any, ...]] = field(default_factory=list)
    tests: list[tuple[Any, ...]] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    not_executed: int = 0


def columns_of(content: bytes) -> Columns:
    """The columns that decoding must give."""
    return _Session().read(parts_by_pystdf(content))


def text_of(value: str | None) -> str:
    return (value or "").strip(BLANKS)


class _Session:
    def __init__(self) -> None:
        self.columns = Columns()
        self.open: dict[Key, Open] = {}
        self.wafers: list[str] = []
        self.wafers_open: dict[Key, int] = {}
        self.groups: list[dict[str, Any]] = []
        self.first_tail: dict[int, dict[str, Any]] = {}
        self.first_text: dict[int, str] = {}
        self.tests: dict[Test, dict[str, Any]] = {}
        self.rows: dict[tuple[Test, int], int] = {}

    def read(self, records: list[Told]) -> Columns:
        for kind, fields in records:
            is_cut = fields["cut"] in NEEDED_WHOLE.get(kind, ())
            if fields[REQUIRED[kind]] is None or is_cut:
                self.columns.rejected[kind] += 1
            elif kind in RESULTS:
                self.result(kind, fields)
            else:
                getattr(self, kind.lower())(fields)
        for opened in self.open.values():
            self.reject([one for run in opened.runs for one in run])
        blank = [at for at, name in enumerate(self.wafers) if not name]
        for order, at in enumerate(blank if len(blank) > 1 else [], 1):
            self.wafers[at] = f"unnamed {order}"
        self.columns.wafers = list(dict.fromkeys(self.wafers))
        self.columns.parts = [
            (None if wafer == NONE else self.wafers[wafer], *rest)
            for wafer, *rest in self.columns.parts
        ]
        return self.columns

    def reject(self, results: list[Result]) -> None:
        if results:
            self.columns.rejected["test"] += len(results)

    # wafers

    def sdr(self, fields: dict[str, Any]) -> None:
        self.groups.append(fields)

    def wir(self, fields: dict[str, Any]) -> None:
        self.wafers_open[fields["HEAD_NUM"], fields["SITE_GRP"]] = len(self.wafers)
        self.wafers.append(text_of(fields["WAFER_ID"]))

    def wrr(self, fields: dict[str, Any]) -> None:
        wafer = self.wafers_open.pop((fields["HEAD_NUM"], fields["SITE_GRP"]), None)
        if wafer is None:
            self.columns.rejected["WRR"] += 1
        elif name := text_of(fields["WAFER_ID"]):
            self.wafers[wafer] = name

    def wafer_at(self, head: int, site: int) -> int:
        """The wafer under it: by its site group where the head has several, else the latest."""
        there = {
            group: wafer
            for (one, group), wafer in self.wafers_open.items()
            if ANY_HEAD in {one, head} or one == head
        }
        for sdr in self.groups if len(there) > 1 else ():
            is_its = sdr["HEAD_NUM"] in {head, ANY_HEAD} and site in sdr["SITE_NUM"]
            if is_its and sdr["SITE_GRP"] in there:
                return there[sdr["SITE_GRP"]]
        return max(there.values(), default=NONE)

    # parts

    def opened(self, key: Key) -> Open:
        if key not in self.open:
            self.open[key] = Open(wafer=self.wafer_at(*key))
        return self.open[key]

    def pir(self, fields: dict[str, Any]) -> None:
        key = fields["HEAD_NUM"], fields["SITE_NUM"]
        part = self.opened(key)
        part.starts += 1
        part.runs.append([])
        part.wafer = self.wafer_at(*key)

    def prr(self, fields: dict[str, Any]) -> None:
        key = fields["HEAD_NUM"], fields["SITE_NUM"]
        part = self.opened(key)
        del self.open[key]
        given = part.given()
        self.reject([one for run in part.runs if run is not given for one in run])
        wafer = self.wafer_at(*key)
        x, y = fields["X_COORD"], fields["Y_COORD"]
        if None in (x, y) or NO_PLACE in (x, y):
            x = y = NO_PLACE
        said = fields["HARD_BIN"], fields["SOFT_BIN"]
        bins = [NONE if number in {None, 65535} else number for number in said]
        time = fields["TEST_T"]
        flag = fields["PART_FLG"]
        self.give(len(self.columns.parts), given)
        self.columns.parts.append((
            part.wafer if wafer == NONE else wafer, x, y, text_of(fields["PART_ID"]), *bins, *key,
            flag, NONE if time in {None, 0, 2**32 - 1} else time, outcome_of_part(flag),
        ))  # fmt: skip

    # tests

    def result(self, kind: str, fields: dict[str, Any]) -> None:
        number, text = fields["TEST_NUM"], text_of(fields["TEST_TXT"])
        text = text or self.first_text.get(number, "")
        self.first_text.setdefault(number, text)
        tail = {"kind": RESULTS[kind], "units": "", "scale": None, "low": None, "high": None}
        if kind != "FTR":
            tail = {**tail, **self.tail(fields)}
            self.first_tail.setdefault(number, tail)
        self.tests.setdefault((number, text), tail)
        flag: int = fields["TEST_FLG"]
        values: list[float | None] = [None]
        if kind == "PTR":
            values = [fields["RESULT"]]
            flag |= 2 if fields["RESULT"] is None else 0
        elif kind == "MPR":
            values = fields["RTN_RSLT"] or [None]
        key = fields["HEAD_NUM"], fields["SITE_NUM"]
        result = Result((number, text), flag, values, kind == "FTR")
        self.opened(key).runs[-1].append(result)

    def tail(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Units, scale and limits; what the record does not say is as its number had it first."""
        first = self.first_tail.get(
            fields["TEST_NUM"], {"units": "", "scale": None, "low": None, "high": None}
        )
        flag = fields["OPT_FLAG"]
        told = {name: first[name] for name in ("units", "scale", "low", "high")}
        if flag is None:
            return told
        if fields["RES_SCAL"] is not None and not flag & 1:
            told["scale"] = fields["RES_SCAL"]
        for name, source, as_first, none in (
            ("low", "LO_LIMIT", 0x10, 0x40),
            ("high", "HI_LIMIT", 0x20, 0x80),
        ):
            limit = fields[source]
            if flag & none:
                told[name] = None
            elif not (flag & as_first or limit is None or math.isnan(limit)):
                told[name] = limit
        told["units"] = text_of(fields["UNITS"]) or told["units"]
        return told

    def give(self, part: int, results: list[Result]) -> None:
        seen: dict[Test, int] = defaultdict(int)
        for result in results:
            for value in result.values:
                row = self.row(result.test, seen[result.test])
                seen[result.test] += 1
                if result.flag & 0x10:
                    self.columns.not_executed += 1
                    continue
                told = math.nan
                if value is not None and math.isfinite(value) and not result.flag & 2:
                    told = value
                outcome = outcome_of_test(result.flag)
                if outcome is Outcome.PASS and math.isnan(told) and not result.is_verdict:
                    outcome = Outcome.UNSET
                self.columns.readings.append((part, row, told, result.flag, outcome))

    def row(self, test: Test, occurrence: int) -> int:
        """Place of the test among those of the run, which stand as parts had them first."""
        if (test, occurrence) not in self.rows:
            self.rows[test, occurrence] = len(self.rows)
            tail = self.tests[test]
            self.columns.tests.append((
                *test, occurrence, tail["kind"], tail["units"], tail["scale"], tail["low"],
                tail["high"],
            ))  # fmt: skip
        return self.rows[test, occurrence]


def outcome_of_part(flag: int) -> Outcome:
    for bit, outcome in ((4, Outcome.ABORTED), (0x10, Outcome.UNSET), (8, Outcome.FAIL)):
        if flag & bit:
            return outcome
    return Outcome.PASS


def outcome_of_test(flag: int) -> Outcome:
    for bit, outcome in (
        (0x20, Outcome.ABORTED), (8, Outcome.TIMEOUT), (0x40, Outcome.UNSET), (0x80, Outcome.FAIL),
    ):  # fmt: skip
        if flag & bit:
            return outcome
    return Outcome.PASS
