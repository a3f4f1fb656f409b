"""A session of results as the columns that every test file becomes."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from intake.domain.results.session import Measurement, Session, UnitReport
from intake.domain.stdf.run import (
    DecodedRun,
    Header,
    RejectedRecord,
    Site,
    WaferLayout,
)
from testing.domain.records import (
    MISSING,
    MISSING_COORDINATE,
    OUTCOME_CODES,
    ParameterRecord,
    Parts,
    Readings,
)
from testing.domain.words import Outcome, ParameterKind

UNITS, TESTS = "unit", "test"
SUPERSEDES = 0x01
ENDED_BADLY, FAILED, NO_VERDICT = 0x04, 0x08, 0x10
TEST_FLAGS = {
    Outcome.PASS: 0,
    Outcome.FAIL: 0x80,
    Outcome.TIMEOUT: 0x08,
    Outcome.ABORTED: 0x20,
    Outcome.ERROR: 0x04,
    Outcome.UNSET: 0x40,
}
PART_FLAGS = {
    Outcome.PASS: 0,
    Outcome.FAIL: FAILED,
    Outcome.TIMEOUT: ENDED_BADLY | FAILED,
    Outcome.ABORTED: ENDED_BADLY,
    Outcome.ERROR: ENDED_BADLY | NO_VERDICT,
    Outcome.UNSET: NO_VERDICT,
}
LISTED_MAX = 20


def decoded_run(session: Session) -> DecodedRun:
    """The session beside its counts. Read units = parts + left out."""
    words, units = session.words, session.units
    parameters, readings = _readings(units)
    left_out = Counter(UNITS for _ in session.left_out)
    read = len(units) + len(session.left_out)
    return DecodedRun(
        header=header_of(session),
        finished_at=words.finished_at,
        sites=(Site(1, 255, (), load_board=words.load_board),),
        wafers=(),
        wafer_layout=WaferLayout(),
        parts=_parts(units),
        parameters=parameters,
        readings=readings,
        bins=session.bins,
        record_counts={UNITS: read, TESTS: len(readings)},
        rejected=tuple(
            RejectedRecord(one.position, one.kind, one.reason) for one in session.left_out
        ),
        rejected_counts=dict(left_out),
        is_partial=False,
        byte_order="",
        notes=(*session.notes, *_attachment_notes(units)),
    )


def header_of(session: Session) -> Header:
    """What a test file says of itself, for matching."""
    words = session.words
    degrees = words.temperature_celsius
    return Header(
        lot_id=words.lot,
        sublot_id=words.sublot,
        part_type=words.product,
        node_name=words.tester,
        tester_type=words.tester_model,
        job_name=words.program,
        job_revision=words.revision,
        test_code="",
        flow_id=words.step,
        mode_code="",
        retest_code="",
        temperature_text="" if degrees is None else f"{degrees:g}",
        temperature_celsius=degrees,
        started_at=words.started_at,
    )


def _attachment_notes(units: tuple[UnitReport, ...]) -> list[str]:
    names = list(dict.fromkeys(name for unit in units for name in unit.attachments))
    if not names:
        return []
    more = f" and {len(names) - LISTED_MAX:,} more" if len(names) > LISTED_MAX else ""
    return [f"Attachments stay in the file: {', '.join(names[:LISTED_MAX])}{more}."]


def _parts(units: tuple[UnitReport, ...]) -> Parts:
    count = len(units)
    outcomes = [unit.outcome for unit in units]
    flags = [PART_FLAGS[unit.outcome] | (SUPERSEDES if unit.is_retest else 0) for unit in units]
    return Parts(
        wafer_index=np.full(count, MISSING, np.int32),
        x=np.full(count, MISSING_COORDINATE, np.int32),
        y=np.full(count, MISSING_COORDINATE, np.int32),
        part_id=[unit.serial for unit in units],
        hard_bin=np.array([_or_missing(unit.hard_bin) for unit in units], np.int32),
        soft_bin=np.array([_or_missing(unit.soft_bin) for unit in units], np.int32),
        head=np.array([unit.head for unit in units], np.uint8),
        site=np.array([unit.site for unit in units], np.uint8),
        part_flag=np.array(flags, np.uint8),
        test_time_ms=np.array([_milliseconds(unit.test_seconds) for unit in units], np.int64),
        outcome=np.array([OUTCOME_CODES[one] for one in outcomes], np.uint8),
    )


def _or_missing(value: int | None) -> int:
    return MISSING if value is None else value


def _milliseconds(seconds: float | None) -> int:
    return MISSING if seconds is None or not 0 <= seconds < 1e9 else round(seconds * 1000)


def _readings(units: tuple[UnitReport, ...]) -> tuple[tuple[ParameterRecord, ...], Readings]:
    """A test is (number, name, how often it came in this unit before), as in every test file."""
    places: dict[tuple[int, str, int], int] = {}
    parameters: list[ParameterRecord] = []
    rows: list[tuple[int, int, float, int, int]] = []
    for index, unit in enumerate(units):
        came: Counter[tuple[int, str]] = Counter()
        for one in unit.measurements:
            key = (one.number, one.name, came[one.number, one.name])
            came[one.number, one.name] += 1
            if key not in places:
                places[key] = len(parameters)
                parameters.append(_parameter(one, key[2]))
            value = math.nan if one.value is None else one.value
            rows.append(
                (index, places[key], value, TEST_FLAGS[one.outcome], OUTCOME_CODES[one.outcome])
            )
    part, parameter, values, flags, outcomes = zip(*rows, strict=True) if rows else ((),) * 5
    return tuple(parameters), Readings(
        part_index=np.array(part, np.int32),
        parameter_index=np.array(parameter, np.int32),
        value=np.array(values, np.float64),
        flag=np.array(flags, np.uint8),
        outcome=np.array(outcomes, np.uint8),
    )


def _parameter(one: Measurement, occurrence: int) -> ParameterRecord:
    return ParameterRecord(
        number=one.number,
        text=one.name,
        occurrence=occurrence,
        kind=ParameterKind.PARAMETRIC if one.is_numeric else ParameterKind.FUNCTIONAL,
        units=one.units,
        limit_low=one.low,
        limit_high=one.high,
    )
