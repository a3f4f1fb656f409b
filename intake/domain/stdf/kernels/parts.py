"""Parts: PIR and PRR paired by open head and site; a serial for each, as they open."""

from __future__ import annotations

from intake.domain.stdf.kernels.fields import copied, i2, trimmed, u2, u4
from intake.domain.stdf.kernels.jit import inlined
from intake.domain.stdf.kernels.state import (
    BASE,
    CLAIMS_BOTH_AT,
    DROPPED,
    ENTRIES,
    GIVEN,
    I_FLAG,
    I_HARD_BIN,
    I_HEAD,
    I_NAME_END,
    I_SITE,
    I_SOFT_BIN,
    I_TIME,
    I_WAFER,
    I_X,
    I_Y,
    IS_BIG,
    J_COUNT,
    J_KIND,
    J_POSITION,
    J_REASON,
    K_OPEN,
    K_STARTED,
    K_TRAIL,
    K_WAFER,
    KEY,
    KEY_ROW,
    KEYS,
    MISSING,
    MISSING_COORDINATE,
    MISSING_START_AT,
    MISSING_STARTS,
    MISSING_U2,
    MISSING_U4,
    NAME_TEXT,
    NAMES,
    NO_PART,
    OPEN,
    PART,
    PART_WIDTH,
    PARTS,
    PARTS_BEFORE,
    READ,
    REJECT,
    REJECT_WIDTH,
    REPEATED_START_AT,
    REPEATED_STARTS,
    S_BEFORE,
    S_KEY,
    S_PART,
    S_POSITION,
    S_RECORDS,
    S_WAFER,
    SERIAL,
    SERIAL_WIDTH,
    SHORT,
    STARTED_AGAIN,
    TEST,
    TEXT_TOO_LONG,
    WAFER,
    Column,
)

PRR_REQUIRED_BYTES, PRR_FIXED_BYTES = 7, 17
PIR_KIND, PRR_KIND = 0x050A, 0x0514
SUPERSEDES_BOTH = 0b11


@inlined
def reject(t: Column, position: int, kind: int, reason: int, count: int) -> int:
    """Note records left out; READ, since the scan goes on."""
    row = t[REJECT]
    t[row + J_POSITION] = position
    t[row + J_KIND] = kind
    t[row + J_REASON] = reason
    t[row + J_COUNT] = count
    t[REJECT] = row + REJECT_WIDTH
    return READ


@inlined
def note_first(t: Column, cell: int, at: int) -> None:
    """Where a kind of dirt came first. at: of the record's fields."""
    if not t[cell]:
        t[cell] = t[BASE] + at - 4


@inlined
def drop(t: Column, serial: int, reason: int) -> None:
    """Leave out what came for a part so far."""
    t[serial + S_PART] = DROPPED
    if t[serial + S_RECORDS]:
        reject(t, t[serial + S_POSITION], TEST, reason, t[serial + S_RECORDS])


@inlined
def new_serial(t: Column, at: int, key: int) -> int:
    """A part that begins with the record whose fields begin here. key: row, its wafer known."""
    serial = t[SERIAL]
    t[SERIAL] = serial + SERIAL_WIDTH
    t[serial + S_PART] = OPEN
    t[serial + S_WAFER] = t[key + K_WAFER] - 2
    t[serial + S_POSITION] = t[BASE] + at - 4
    t[serial + S_RECORDS] = 0
    t[serial + S_BEFORE] = 0
    t[serial + S_KEY] = key
    t[key + K_OPEN] = serial
    t[key + K_TRAIL] = ENTRIES
    return serial  # type: ignore[no-any-return]


@inlined
def read_pir(buffer: Column, at: int, end: int, t: Column) -> int:
    """A part begins. Results without a PRR before it wait: a late PIR claims them."""
    if end - at < 2:
        return reject(t, t[BASE] + at - 4, PIR_KIND, SHORT, 1)
    t[KEY] = buffer[at] * 256 + buffer[at + 1]
    key = KEYS + t[KEY] * KEY_ROW
    if t[key + K_WAFER] == 0:
        return WAFER
    old = t[key + K_OPEN]
    serial = new_serial(t, at, key)
    if old:
        if t[key + K_STARTED]:
            t[REPEATED_STARTS] += 1
            note_first(t, REPEATED_START_AT, at)
        before = t[old + S_BEFORE]
        if not t[key + K_STARTED]:
            t[serial + S_BEFORE] = old
            t[old + S_KEY] = 0
        elif before and not t[old + S_RECORDS]:
            t[serial + S_BEFORE] = before
            t[old + S_PART] = DROPPED
        else:
            if before:
                drop(t, before, STARTED_AGAIN)
            drop(t, old, STARTED_AGAIN)
    t[key + K_STARTED] = 1
    return READ


@inlined
def read_prr(buffer: Column, at: int, end: int, t: Column, texts: Column) -> int:
    """A part ends. A short record: what it does not reach is missing."""
    if end - at < PRR_REQUIRED_BYTES:
        return reject(t, t[BASE] + at - 4, PRR_KIND, SHORT, 1)
    start = name_end = end
    if end - at > PRR_FIXED_BYTES:
        start = at + PRR_FIXED_BYTES + 1
        name_end = start + buffer[start - 1]
        if name_end > end:
            return reject(t, t[BASE] + at - 4, PRR_KIND, TEXT_TOO_LONG, 1)
    t[KEY] = buffer[at] * 256 + buffer[at + 1]
    key = KEYS + t[KEY] * KEY_ROW
    if t[key + K_WAFER] == 0:
        return WAFER
    part = t[PART]
    t[PART] = part + PART_WIDTH
    t[part + I_WAFER] = close_serial(t, at, key, t[PARTS_BEFORE] + (part - PARTS) // PART_WIDTH)
    start, name_end = trimmed(buffer, start, name_end)
    t[NAME_TEXT] = copied(buffer, start, name_end, texts, t[NAME_TEXT])
    t[part + I_NAME_END] = t[NAME_TEXT] - NAMES
    fill_part(buffer, at, end, t, part)
    return READ


@inlined
def fill_part(buffer: Column, at: int, end: int, t: Column, part: int) -> None:
    """The numbers of a PRR."""
    is_big = t[IS_BIG]
    t[part + I_HEAD] = buffer[at]
    t[part + I_SITE] = buffer[at + 1]
    t[part + I_FLAG] = buffer[at + 2]
    if buffer[at + 2] & SUPERSEDES_BOTH == SUPERSEDES_BOTH:
        note_first(t, CLAIMS_BOTH_AT, at)
    hard = u2(buffer, at + 5, is_big)
    soft = u2(buffer, at + 7, is_big) if end - at >= 9 else MISSING_U2
    t[part + I_HARD_BIN] = MISSING if hard == MISSING_U2 else hard
    t[part + I_SOFT_BIN] = MISSING if soft == MISSING_U2 else soft
    x = i2(buffer, at + 9, is_big) if end - at >= 11 else MISSING_COORDINATE
    y = i2(buffer, at + 11, is_big) if end - at >= 13 else MISSING_COORDINATE
    if MISSING_COORDINATE in (x, y):
        x = y = MISSING_COORDINATE
    t[part + I_X] = x
    t[part + I_Y] = y
    time = u4(buffer, at + 13, is_big) if end - at >= PRR_FIXED_BYTES else 0
    t[part + I_TIME] = MISSING if time in (0, MISSING_U4) else time


@inlined
def close_serial(t: Column, at: int, key: int, index: int) -> int:
    """Give what is open under the key to the part with that index in the file; the part's wafer."""
    serial = t[key + K_OPEN]
    if not serial:
        serial = new_serial(t, at, key)
    t[key + K_OPEN] = 0
    t[key + K_TRAIL] = ENTRIES
    if not t[key + K_STARTED]:
        t[MISSING_STARTS] += 1
        note_first(t, MISSING_START_AT, at)
    t[key + K_STARTED] = 0
    before = t[serial + S_BEFORE]
    owner = serial
    if before:
        if t[serial + S_RECORDS]:
            drop(t, before, NO_PART)
        else:
            t[serial + S_PART] = DROPPED
            owner = before
    t[owner + S_PART] = index
    t[GIVEN] += t[owner + S_RECORDS]
    wafer = t[key + K_WAFER] - 2
    return t[serial + S_WAFER] if wafer == MISSING else wafer  # type: ignore[no-any-return]
