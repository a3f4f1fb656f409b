"""What a decoder hands over for recording: one tester session, or one oven load, as plain values.

Bulk parts are numpy columns of one length; the first axis is named in each docstring. Texts are as
in the file; recording cuts them to what a column holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lots.domain.words import BinKind
from testing.domain.words import Outcome, ParameterKind

MISSING_COORDINATE = -32768
MISSING = -1
OUTCOMES = tuple(Outcome)
OUTCOME_CODES = {outcome: code for code, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True, slots=True)
class WaferRun:
    """A wafer inside the session. wafer_id: our row; counts: as the WRR says, None when missing."""

    code: str
    wafer_id: int
    started_at: datetime | None = None
    finished_at: datetime | None = None
    part_count: int | None = None
    good_count: int | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """Insertions in file order; every column is (part,).

    wafer_index: int32, into RunRecord.wafers, -1 = none. x, y: int32, -32768 = missing.
    hard_bin, soft_bin: int32, -1 = missing. head, site, part_flag: uint8. test_time_ms: int64,
    -1 = missing. outcome: uint8, index into OUTCOMES. part_id: "" = missing.
    """

    wafer_index: NDArray[np.int32]
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    part_id: Sequence[str]
    hard_bin: NDArray[np.int32]
    soft_bin: NDArray[np.int32]
    head: NDArray[np.uint8]
    site: NDArray[np.uint8]
    part_flag: NDArray[np.uint8]
    test_time_ms: NDArray[np.int64]
    outcome: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.part_id)


@dataclass(frozen=True, slots=True)
class ParameterRecord:
    """One test of the program. occurrence: 0 for the first of its (number, text) in a part.

    Limits are in base units, as first seen; None = none. scale: display exponent only.
    """

    number: int
    text: str
    occurrence: int
    kind: ParameterKind
    units: str = ""
    scale: int | None = None
    limit_low: float | None = None
    limit_high: float | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """Executed tests, any order; every column is (reading,).

    part_index: int32, into Parts. parameter_index: int32, into RunRecord.parameters.
    value: float64, base units, NaN = not measured. flag: uint8, TEST_FLG as written.
    outcome: uint8, index into OUTCOMES.
    """

    part_index: NDArray[np.int32]
    parameter_index: NDArray[np.int32]
    value: NDArray[np.float64]
    flag: NDArray[np.uint8]
    outcome: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.value)

    def by_parameter(self, rank: NDArray[np.uint16]) -> Iterator[Readings]:
        """All of them at once, as `ReadingSource` says."""
        yield sorted_readings(self, rank)


def sorted_readings(readings: Readings, rank: NDArray[np.uint16]) -> Readings:
    """In order of the rank of their parameters, then of parts. rank: (parameter,)."""
    part = readings.part_index
    order = (
        np.argsort(part, kind="stable") if np.any(part[1:] < part[:-1]) else np.arange(len(part))
    )
    key = rank[readings.parameter_index[order]]
    return readings_at(readings, order[np.argsort(key, kind="stable")])


def readings_at(readings: Readings, places: NDArray[np.intp]) -> Readings:
    """The readings at these places."""
    return Readings(
        part_index=readings.part_index[places],
        parameter_index=readings.parameter_index[places],
        value=readings.value[places],
        flag=readings.flag[places],
        outcome=readings.outcome[places],
    )


class ReadingSource(Protocol):
    """Readings wherever they lie: columns in memory, or a temporary file of many of them."""

    def __len__(self) -> int:
        """How many."""
        ...

    def by_parameter(self, rank: NDArray[np.uint16]) -> Iterator[Readings]:
        """Blocks in order of the rank of their parameters, then of parts.

        rank: (parameter,); parameters of one rank count as one, and never stand in two blocks.
        """
        ...


@dataclass(frozen=True, slots=True)
class BinRecord:
    """A bin as its summary record names it. passes: None where the file does not say."""

    kind: BinKind
    number: int
    name: str = ""
    passes: bool | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One tester session over one lot at one step, from MIR to MRR. Ids name our own rows.

    source_sha256: of the raw file; the natural key. is_partial: the file was cut. rejected_count:
    records left out of it. doubt_count: what it says of itself that its records do not bear out.
    """

    lot_id: int
    step_id: int
    product_id: int
    program: str
    program_revision: str
    tester: str
    tester_model: str
    probe_card: str
    load_board: str
    sublot: str
    temperature_celsius: float | None
    started_at: datetime
    finished_at: datetime | None
    is_partial: bool
    source_sha256: str
    source_name: str
    wafers: tuple[WaferRun, ...]
    parts: Parts
    parameters: tuple[ParameterRecord, ...]
    readings: ReadingSource
    bins: tuple[BinRecord, ...]
    rejected_count: int = 0
    doubt_count: int = 0


@dataclass(frozen=True, slots=True)
class BurnInUnitRecord:
    """A unit in a socket of a board, from insertion to removal, and how the oven judged it."""

    serial: str
    board: str
    socket: str
    inserted_at: datetime
    removed_at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the oven's log; None where the sensor gave nothing."""

    measured_at: datetime
    temperature_celsius: float | None
    voltage: float | None


@dataclass(frozen=True, slots=True)
class BurnInRecord:
    """One load of an oven with units of one lot. source_sha256: of the file, a natural key."""

    lot_id: int
    step_id: int
    oven: str
    started_at: datetime
    finished_at: datetime
    source_sha256: str
    units: tuple[BurnInUnitRecord, ...]
    log: tuple[LogLine, ...]
