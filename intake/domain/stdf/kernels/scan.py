"""One walk over whole records of the buffer."""

from __future__ import annotations

from intake.domain.stdf.kernels.fields import copied, u2
from intake.domain.stdf.kernels.jit import bare, compiled, inlined
from intake.domain.stdf.kernels.parts import read_pir, read_prr
from intake.domain.stdf.kernels.results import read_ftr, read_mpr, read_ptr
from intake.domain.stdf.kernels.state import (
    ACTIONS,
    AT,
    BASE,
    BELIEVED,
    COUNTS,
    FTR,
    HOW,
    IS_BIG,
    KEPT,
    LENGTHS,
    MORE,
    O_END,
    O_KIND,
    O_POSITION,
    OTHER,
    OTHER_TEXT,
    OTHER_TEXTS,
    OTHER_WIDTH,
    PIR,
    PRR,
    PTR,
    READ,
    STOP,
    STOPPING,
    Column,
)


@compiled
def scan(buffer: Column, size: int, t: Column, f: Column, texts: Column) -> int:
    """Read records from AT on that begin before `size`; why it ended. f: t as float64.

    MORE: the next record is not whole, begins past `size`, is of an unknown kind or of a length not
    seen of its kind before. Else the record at AT is not read yet. STOP: it is for the caller.
    WAFER: that of KEY is needed. ENTRY: one for what NUMBER to TAIL_END describe is needed.
    """
    return walk(bare(buffer), size, bare(t), bare(f), bare(texts))


@inlined
def walk(buffer: Column, size: int, t: Column, f: Column, texts: Column) -> int:
    """The same, on memory without owners."""
    at, limit, is_big = t[AT], len(buffer), t[IS_BIG]
    status = MORE
    while at < size and at + 4 <= limit:
        kind = buffer[at + 2] * 256 + buffer[at + 3]
        length = u2(buffer, at, is_big)
        end = at + 4 + length
        if end > limit:
            break
        action = t[ACTIONS + kind]
        what = action & HOW
        if not t[LENGTHS + action - what + length] and at != t[BELIEVED]:
            break
        if what >= PTR:
            status = read_result(buffer, at + 4, end, t, f, texts)
        else:
            status = read_other(buffer, at, end, what, t, texts)
        if status != READ:
            break
        t[COUNTS + kind] += 1
        at = end
        status = MORE
    t[AT] = at
    return status


@inlined
def read_result(buffer: Column, at: int, end: int, t: Column, f: Column, texts: Column) -> int:
    """A test record; at: of its fields."""
    what = t[ACTIONS + buffer[at - 2] * 256 + buffer[at - 1]] & HOW
    if what == PTR:
        return read_ptr(buffer, at, end, t, f, texts)
    if what == FTR:
        return read_ftr(buffer, at, end, t, f, texts)
    return read_mpr(buffer, at, end, t, f, texts)


@inlined
def read_other(buffer: Column, at: int, end: int, what: int, t: Column, texts: Column) -> int:
    """Any other record; at: of its header."""
    if what == PRR:
        return read_prr(buffer, at + 4, end, t, texts)
    if what == PIR:
        return read_pir(buffer, at + 4, end, t)
    if what == STOPPING:
        return STOP
    if what == KEPT:
        row = t[OTHER]
        t[OTHER] = row + OTHER_WIDTH
        t[row + O_KIND] = buffer[at + 2] * 256 + buffer[at + 3]
        t[row + O_POSITION] = t[BASE] + at
        t[OTHER_TEXT] = copied(buffer, at + 4, end, texts, t[OTHER_TEXT])
        t[row + O_END] = t[OTHER_TEXT] - OTHER_TEXTS
    return READ
