"""Gives the readings of finished parts to them, part by part, and tells their tests."""

from __future__ import annotations

from sys import byteorder
from typing import NamedTuple

from intake.domain.stdf.kernels.jit import bare, compiled, inlined
from intake.domain.stdf.kernels.state import (
    D_FIRST,
    D_LAST,
    D_PART,
    K_OPEN,
    NOT_EXECUTED,
    NOT_RUN,
    OPEN,
    P_DEFINITION,
    P_NEXT,
    P_OCCURRENCE,
    P_READINGS,
    PARAMETER,
    PARAMETER_WIDTH,
    PARAMETERS,
    PARTS_BEFORE,
    R_BITS,
    R_DEFINITION,
    R_FLAG,
    R_SERIAL,
    READING,
    READING_WIDTH,
    READINGS,
    RESULT_INVALID,
    S_BEFORE,
    S_KEY,
    S_PART,
    SERIAL,
    SERIAL_WIDTH,
    SERIALS,
    VERDICT,
    Column,
)

FLOAT_MAX = 3.5e38
TOO_MANY = -1
PASSED_CODE, UNSET_CODE, PARAMETERS_MAX, OCCURRENCES_MAX = range(4)
LOW_HALF = 0 if byteorder == "little" else 1


class Settled(NamedTuple):
    """Columns to fill, as long as order, which has places of readings.

    bounds: codes of pass and unset, most parameters and occurrences, 256 outcomes by TEST_FLG.
    """

    order: Column
    bounds: Column
    part: Column
    parameter: Column
    value: Column
    flag: Column
    outcome: Column


@compiled
def sort_by_part(t: Column, ends: Column, order: Column) -> None:
    """Places of the readings of finished parts by part, in the order read.

    ends: (parts + 1,), zeros; becomes where each part ends in `order`.
    """
    t, ends, order = bare(t), bare(ends), bare(order)
    base, parts = t[PARTS_BEFORE], len(ends) - 1
    for reading in range(READINGS, t[READING], READING_WIDTH):
        part = t[t[reading + R_SERIAL] + S_PART]
        if part >= 0:
            ends[part - base + 1] += 1
    for part in range(parts):
        ends[part + 1] += ends[part]
    for reading in range(READINGS, t[READING], READING_WIDTH):
        part = t[t[reading + R_SERIAL] + S_PART]
        if part >= 0:
            order[ends[part - base]] = reading
            ends[part - base] += 1


@compiled
def settle(t: Column, g: Column, out: Settled) -> int:
    """Fill the columns of readings; how many, without tests that were not executed.

    g: t as float32. TOO_MANY for more than the bounds.
    """
    kept = 0
    t, g = bare(t), bare(g)
    order, bounds = bare(out.order), bare(out.bounds)
    parts, parameters, values = bare(out.part), bare(out.parameter), bare(out.value)
    flags, outcomes = bare(out.flag), bare(out.outcome)
    for place in range(len(order)):
        reading = order[place]
        definition, said = t[reading + R_DEFINITION], t[reading + R_FLAG]
        flag = said & 0xFF
        part = t[t[reading + R_SERIAL] + S_PART]
        parameter = parameter_of(t, definition, part, bounds)
        if parameter == TOO_MANY:
            return TOO_MANY
        if flag & NOT_EXECUTED:
            t[NOT_RUN] += 1
            continue
        t[parameter + P_READINGS] += 1
        number = g[(reading + R_BITS) * 2 + LOW_HALF]
        is_number = not flag & RESULT_INVALID and -FLOAT_MAX < number < FLOAT_MAX
        outcome = bounds[4 + flag]
        if outcome == bounds[PASSED_CODE] and not (is_number or said & VERDICT):
            outcome = bounds[UNSET_CODE]
        parts[kept] = part
        parameters[kept] = (parameter - PARAMETERS) // PARAMETER_WIDTH
        values[kept] = number if is_number else float("nan")
        flags[kept] = flag
        outcomes[kept] = outcome
        kept += 1
    return kept


@inlined
def parameter_of(t: Column, definition: int, part: int, bounds: Column) -> int:
    """The parameter of the next occurrence of this definition within the part; or TOO_MANY."""
    is_again = t[definition + D_PART] == part + 1
    link = t[definition + D_LAST] + P_NEXT if is_again else definition + D_FIRST
    parameter = t[link]
    if parameter == 0:
        occurrence = t[t[definition + D_LAST] + P_OCCURRENCE] + 1 if is_again else 0
        parameter = t[PARAMETER]
        most = PARAMETERS + bounds[PARAMETERS_MAX] * PARAMETER_WIDTH
        if parameter >= most or occurrence > bounds[OCCURRENCES_MAX]:
            return TOO_MANY
        t[PARAMETER] = parameter + PARAMETER_WIDTH
        t[parameter + P_DEFINITION] = definition
        t[parameter + P_OCCURRENCE] = occurrence
        t[link] = parameter
    t[definition + D_PART] = part + 1
    t[definition + D_LAST] = parameter
    return parameter  # type: ignore[no-any-return]


@compiled
def carry_over(t: Column, moved: Column) -> None:
    """Begin the next batch: what is still open moves to the front. moved: (serial,), zeros."""
    t, moved = bare(t), bare(moved)
    serials = SERIALS
    for serial in range(SERIALS, t[SERIAL], SERIAL_WIDTH):
        if t[serial + S_PART] == OPEN:
            for place in range(SERIAL_WIDTH):
                t[serials + place] = t[serial + place]
            before = t[serials + S_BEFORE]
            if before:
                t[serials + S_BEFORE] = moved[(before - SERIALS) // SERIAL_WIDTH]
            moved[(serial - SERIALS) // SERIAL_WIDTH] = serials
            if t[serials + S_KEY]:
                t[t[serials + S_KEY] + K_OPEN] = serials
            serials += SERIAL_WIDTH
    readings = READINGS
    for reading in range(READINGS, t[READING], READING_WIDTH):
        serial = moved[(t[reading + R_SERIAL] - SERIALS) // SERIAL_WIDTH]
        if serial:
            for place in range(READING_WIDTH):
                t[readings + place] = t[reading + place]
            t[readings + R_SERIAL] = serial
            readings += READING_WIDTH
    t[SERIAL], t[READING] = serials, readings
