"""Small runs and oven loads for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from lots.domain.words import BinKind
from testing.domain.records import (
    MISSING,
    MISSING_COORDINATE,
    OUTCOME_CODES,
    BinRecord,
    ParameterRecord,
    Parts,
    Readings,
    RunRecord,
    WaferRun,
)
from testing.domain.words import Outcome, ParameterKind

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One insertion; place is (wafer index, x, y)."""

    part_id: str = ""
    place: tuple[int, int, int] | None = None
    outcome: Outcome = Outcome.PASS
    hard_bin: int | None = None
    soft_bin: int = MISSING
    head: int = 1
    site: int = 1
    flag: int = 0
    value: float = 1.0

    @property
    def bin(self) -> int:
        return self.hard_bin or (1 if self.outcome is Outcome.PASS else 2)


@dataclass(frozen=True, kw_only=True)
class Session:
    """A run to record, with what tests vary."""

    lot_id: int
    step_id: int
    product_id: int
    parts: Sequence[Part]
    sha256: str = "a" * 64
    hours: float = 0
    revision: str = "1"
    is_partial: bool = False
    rejected_count: int = 0
    wafer_ids: Sequence[int] = ()
    parameters: Sequence[ParameterRecord] = field(
        default=(ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A"),)
    )

    def record(self) -> RunRecord:
        started_at = START + timedelta(hours=self.hours)
        return RunRecord(
            lot_id=self.lot_id,
            step_id=self.step_id,
            product_id=self.product_id,
            program="sort",
            program_revision=self.revision,
            tester="T1",
            tester_model="93K",
            probe_card="",
            load_board="LB-7",
            sublot="",
            temperature_celsius=25.0,
            started_at=started_at,
            finished_at=started_at + timedelta(hours=1),
            is_partial=self.is_partial,
            rejected_count=self.rejected_count,
            source_sha256=self.sha256,
            source_name="a.stdf",
            wafers=tuple(WaferRun(str(wafer_id), wafer_id) for wafer_id in self.wafer_ids),
            parts=parts_of(self.parts),
            parameters=tuple(self.parameters),
            readings=readings_of(self.parts, len(self.parameters)),
            bins=(BinRecord(BinKind.HARD, 1, "good", passes=True),),
        )


def parts_of(parts: Sequence[Part]) -> Parts:
    places = [part.place or (MISSING, MISSING_COORDINATE, MISSING_COORDINATE) for part in parts]
    wafers, xs, ys = np.array(places, dtype=np.int32).reshape(-1, 3).T
    return Parts(
        wafer_index=wafers,
        x=xs,
        y=ys,
        part_id=[part.part_id for part in parts],
        hard_bin=np.array([part.bin for part in parts], dtype=np.int32),
        soft_bin=np.array([part.soft_bin for part in parts], dtype=np.int32),
        head=np.array([part.head for part in parts], dtype=np.uint8),
        site=np.array([part.site for part in parts], dtype=np.uint8),
        part_flag=np.array([part.flag for part in parts], dtype=np.uint8),
        test_time_ms=np.full(len(parts), 1200, dtype=np.int64),
        outcome=np.array([OUTCOME_CODES[part.outcome] for part in parts], dtype=np.uint8),
    )


def readings_of(parts: Sequence[Part], parameter_count: int) -> Readings:
    """Every parameter of every part has the part's value."""
    count = len(parts)
    return Readings(
        part_index=np.repeat(np.arange(count, dtype=np.int32), parameter_count),
        parameter_index=np.tile(np.arange(parameter_count, dtype=np.int32), count),
        value=np.repeat(np.array([part.value for part in parts]), parameter_count),
        flag=np.zeros(count * parameter_count, dtype=np.uint8),
        outcome=np.repeat(
            np.array([OUTCOME_CODES[part.outcome] for part in parts], dtype=np.uint8),
            parameter_count,
        ),
    )
