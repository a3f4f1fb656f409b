"""Results of tests: PTR, MPR and FTR."""

from __future__ import annotations

from intake.domain.stdf.kernels.entries import entry_of, note_limits
from intake.domain.stdf.kernels.fields import trimmed, u2, u4
from intake.domain.stdf.kernels.jit import inlined
from intake.domain.stdf.kernels.parts import new_serial, reject
from intake.domain.stdf.kernels.state import (
    BASE,
    E_DEFINITION,
    ENTRY,
    IS_BIG,
    K_OPEN,
    K_WAFER,
    KEY,
    KEY_ROW,
    KEYS,
    NAN_BITS,
    NUMBERS,
    R_BITS,
    R_DEFINITION,
    R_FLAG,
    R_SERIAL,
    READ,
    READING,
    READING_WIDTH,
    RESULT_INVALID,
    S_RECORDS,
    SEVERAL,
    SHORT,
    TAIL_END,
    TAIL_START,
    TEXT_TOO_LONG,
    VALUES_TOO_LONG,
    VARIANT,
    VARIANT_FUNCTIONAL,
    VARIANT_MULTIPLE,
    VARIANT_PARAMETRIC,
    VERDICT,
    WAFER,
    WANTED,
    Column,
)

REQUIRED_BYTES, FIXED_BYTES = 7, 12
FUNCTIONAL_NUMBERS_BYTES = 27
PTR_KIND, MPR_KIND, FTR_KIND = 0x0F0A, 0x0F0F, 0x0F14
DAMAGED = -1


@inlined
def read_ptr(buffer: Column, at: int, end: int, t: Column, f: Column, texts: Column) -> int:
    """One parametric result. Without RESULT it is an invalid one."""
    if end - at < REQUIRED_BYTES:
        return reject(t, t[BASE] + at - 4, PTR_KIND, SHORT, 1)
    t[VARIANT] = VARIANT_PARAMETRIC
    t[TAIL_START], t[TAIL_END] = min(at + FIXED_BYTES, end), end
    status = begin_result(buffer, at, t, f, texts)
    if status == READ:
        if end - at >= FIXED_BYTES:
            keep_reading(t, u4(buffer, at + 8, t[IS_BIG]), buffer[at + 6])
        else:
            keep_reading(t, NAN_BITS, buffer[at + 6] | RESULT_INVALID)
    return status


@inlined
def read_mpr(buffer: Column, at: int, end: int, t: Column, f: Column, texts: Column) -> int:
    """Several results of one test, each an occurrence; none at all is one without a value."""
    if end - at < FIXED_BYTES:
        return reject(t, t[BASE] + at - 4, MPR_KIND, SHORT, 1)
    is_big = t[IS_BIG]
    indexes, count = u2(buffer, at + 8, is_big), u2(buffer, at + 10, is_big)
    values = at + FIXED_BYTES + (indexes + 1) // 2
    tail = values + 4 * count
    if tail > end:
        return reject(t, t[BASE] + at - 4, MPR_KIND, VALUES_TOO_LONG, 1)
    t[VARIANT], t[TAIL_START], t[TAIL_END] = VARIANT_MULTIPLE + indexes, tail, end
    status = begin_result(buffer, at, t, f, texts)
    if status != READ:
        return status
    for place in range(count):
        keep_reading(t, u4(buffer, values + 4 * place, is_big), buffer[at + 6])
    if count == 0:
        keep_reading(t, NAN_BITS, buffer[at + 6])
    t[SEVERAL] += max(count, 1)
    return READ


@inlined
def read_ftr(buffer: Column, at: int, end: int, t: Column, f: Column, texts: Column) -> int:
    """A functional result: a verdict without a value."""
    if end - at < REQUIRED_BYTES:
        return reject(t, t[BASE] + at - 4, FTR_KIND, SHORT, 1)
    start, text_end = functional_text(buffer, at + REQUIRED_BYTES, end, t[IS_BIG])
    if start == DAMAGED:
        return reject(t, t[BASE] + at - 4, FTR_KIND, TEXT_TOO_LONG, 1)
    t[VARIANT], t[TAIL_START], t[TAIL_END] = VARIANT_FUNCTIONAL, start, text_end
    status = begin_result(buffer, at, t, f, texts)
    if status == READ:
        keep_reading(t, NAN_BITS, buffer[at + 6] | VERDICT)
    return status


@inlined
def functional_text(buffer: Column, at: int, end: int, is_big: int) -> tuple[int, int]:
    """Where TEST_TXT of an FTR lies; DAMAGED when a text before it or itself runs past the end."""
    at += FUNCTIONAL_NUMBERS_BYTES
    returned = u2(buffer, at, is_big) if at + 2 <= end else 0
    programmed = u2(buffer, at + 2, is_big) if at + 4 <= end else 0
    at += 4 + 2 * returned + (returned + 1) // 2 + 2 * programmed + (programmed + 1) // 2
    at += 2 + ((u2(buffer, at, is_big) + 7) // 8 if at + 2 <= end else 0)  # FAIL_PIN
    start = end
    for _ in range(4):  # VECT_NAM, TIME_SET, OP_CODE, TEST_TXT
        start = min(end, at + 1)
        at = start + buffer[at] if at < end else end
        if at > end:
            return DAMAGED, DAMAGED
    return trimmed(buffer, start, at)


@inlined
def begin_result(buffer: Column, at: int, t: Column, f: Column, texts: Column) -> int:
    """Find test and part of a record; ENTRY or WAFER when they must be asked for first."""
    t[KEY] = buffer[at + 4] * 256 + buffer[at + 5]
    t[WANTED] = t[VARIANT] * NUMBERS + u4(buffer, at, t[IS_BIG])
    key = KEYS + t[KEY] * KEY_ROW
    start = t[TAIL_START]
    entry = entry_of(buffer, start, t[TAIL_END] - start, key, t, texts)
    if entry == 0:
        return ENTRY
    if not t[key + K_OPEN]:
        if t[key + K_WAFER] == 0:
            return WAFER
        new_serial(t, at, key)
    if t[VARIANT] != VARIANT_FUNCTIONAL:
        note_limits(t, f, entry)
    serial = t[key + K_OPEN]
    t[serial + S_RECORDS] += 1
    reading = t[READING]
    t[reading + R_SERIAL] = serial
    t[reading + R_DEFINITION] = t[entry + E_DEFINITION]
    return READ


@inlined
def keep_reading(t: Column, bits: int, flag: int) -> None:
    """One value of the test and part that `begin_result` set in this row."""
    reading = t[READING]
    following = reading + READING_WIDTH
    t[reading + R_BITS] = bits
    t[reading + R_FLAG] = flag
    t[following + R_SERIAL] = t[reading + R_SERIAL]
    t[following + R_DEFINITION] = t[reading + R_DEFINITION]
    t[READING] = following
