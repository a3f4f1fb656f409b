"""Growing columns of parts and readings, turned into numpy at the end."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from testing.domain.records import OUTCOME_CODES, ParameterRecord, Parts, Readings
from testing.domain.words import Outcome, ParameterKind

RESULT_INVALID, TIMED_OUT, NOT_EXECUTED, ABORTED = 0x02, 0x08, 0x10, 0x20
NO_VERDICT, FAILED = 0x40, 0x80
PART_ABNORMAL, PART_FAILED, PART_NO_VERDICT = 0x04, 0x08, 0x10


def outcome_of_test(flag: int) -> Outcome:
    """By TEST_FLG. Bit 7 counts only when bit 6 is clear; flags are trusted over limits."""
    if flag & ABORTED:
        return Outcome.ABORTED
    if flag & TIMED_OUT:
        return Outcome.TIMEOUT
    if flag & NO_VERDICT:
        return Outcome.UNSET
    return Outcome.FAIL if flag & FAILED else Outcome.PASS


def outcome_of_part(flag: int) -> Outcome:
    """By PART_FLG. Bit 4 makes bit 3 invalid; an abnormal end is neither pass nor fail."""
    if flag & PART_ABNORMAL:
        return Outcome.ABORTED
    if flag & PART_NO_VERDICT:
        return Outcome.UNSET
    return Outcome.FAIL if flag & PART_FAILED else Outcome.PASS


OUTCOME_BY_TEST_FLAG = np.array(
    [OUTCOME_CODES[outcome_of_test(flag)] for flag in range(256)], dtype=np.uint8
)
OUTCOME_BY_PART_FLAG = np.array(
    [OUTCOME_CODES[outcome_of_part(flag)] for flag in range(256)], dtype=np.uint8
)


class PartColumns:
    """One entry per PRR kept."""

    def __init__(self) -> None:
        self.wafer_index = array("i")
        self.x = array("i")
        self.y = array("i")
        self.part_id: list[str] = []
        self.hard_bin = array("i")
        self.soft_bin = array("i")
        self.head = bytearray()
        self.site = bytearray()
        self.part_flag = bytearray()
        self.test_time_ms = array("q")

    def __len__(self) -> int:
        return len(self.part_id)

    def finished(self, wafer_indexes: Sequence[int]) -> Parts:
        """The columns as numpy. wafer_indexes: final index of each wafer as it was opened."""
        flag = np.frombuffer(bytes(self.part_flag), dtype=np.uint8)
        renumbered = np.array([*wafer_indexes, -1], dtype=np.int32)
        opened: NDArray[np.int32] = np.array(self.wafer_index, dtype=np.int32)
        return Parts(
            wafer_index=renumbered[opened],
            x=np.array(self.x, dtype=np.int32),
            y=np.array(self.y, dtype=np.int32),
            part_id=self.part_id,
            hard_bin=np.array(self.hard_bin, dtype=np.int32),
            soft_bin=np.array(self.soft_bin, dtype=np.int32),
            head=np.frombuffer(bytes(self.head), dtype=np.uint8),
            site=np.frombuffer(bytes(self.site), dtype=np.uint8),
            part_flag=flag,
            test_time_ms=np.array(self.test_time_ms, dtype=np.int64),
            outcome=OUTCOME_BY_PART_FLAG[flag],
        )


class ReadingColumns:
    """One entry per result of a part with a PRR."""

    def __init__(self) -> None:
        self.part_index = array("i")
        self.parameter_index = array("i")
        self.value = array("d")
        self.flag = bytearray()

    def __len__(self) -> int:
        return len(self.value)

    def finished(self, parameters: Sequence[ParameterRecord]) -> Readings:
        """The columns as numpy, without tests that were not executed.

        A value that is invalid or no finite number becomes NaN; a parametric pass without a
        number is no proof, so its outcome is unset.
        """
        flag = np.frombuffer(bytes(self.flag), dtype=np.uint8)
        executed = flag & NOT_EXECUTED == 0
        flag = flag[executed]
        value: NDArray[np.float64] = np.array(self.value, dtype=np.float64)[executed]
        parameter: NDArray[np.int32] = np.array(self.parameter_index, dtype=np.int32)[executed]
        value[(flag & RESULT_INVALID != 0) | ~np.isfinite(value)] = np.nan
        is_functional = np.array(
            [record.kind is ParameterKind.FUNCTIONAL for record in parameters], dtype=np.bool_
        )
        outcome = OUTCOME_BY_TEST_FLAG[flag]
        passed = outcome == OUTCOME_CODES[Outcome.PASS]
        outcome[passed & np.isnan(value) & ~is_functional[parameter]] = OUTCOME_CODES[Outcome.UNSET]
        return Readings(
            part_index=np.array(self.part_index, dtype=np.int32)[executed],
            parameter_index=parameter,
            value=value,
            flag=flag,
            outcome=outcome,
        )
