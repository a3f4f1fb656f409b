"""Which test a record is of: its number and the bytes from TEST_TXT on, seen before or not."""

from __future__ import annotations

from intake.domain.stdf.kernels.jit import compiled, inlined, load4, load8
from intake.domain.stdf.kernels.state import (
    BUCKET_COUNT,
    BUCKETS,
    D_ENTRY,
    D_HIGH,
    D_LOW,
    E_CHAIN,
    E_DEFINITION,
    E_HIGH,
    E_LENGTH,
    E_LOW,
    E_NEXT,
    E_START,
    E_TEST,
    ENTRIES,
    K_TRAIL,
    LIMIT_CHANGES,
    WANTED,
    Column,
)

MULTIPLIER = 0x5BD1E995
WORD = 0x7FFFFFFF
PRODUCT = 0x3FFFFFFFFFFFFFFF


@inlined
def is_same(buffer: Column, start: int, length: int, t: Column, texts: Column, entry: int) -> bool:
    """Whether the bytes and the test described in the cells are those of the entry."""
    if t[entry + E_LENGTH] != length or t[entry + E_TEST] != t[WANTED]:
        return False
    at = t[entry + E_START] - start
    end = start + length
    while start + 8 <= end:
        if load8(buffer, start) != load8(texts, at + start):
            return False
        start += 8
    while start < end:
        if buffer[start] != texts[at + start]:
            return False
        start += 1
    return True


@inlined
def bucket_of(buffer: Column, start: int, end: int, seed: int) -> int:
    """The bucket of the bytes."""
    mixed = (seed ^ (seed >> 31)) & WORD
    while start + 4 <= end:
        mixed = ((mixed ^ (load4(buffer, start) & WORD)) * MULTIPLIER) & PRODUCT
        mixed = (mixed ^ (mixed >> 31)) & WORD
        start += 4
    while start < end:
        mixed = ((mixed ^ buffer[start]) * MULTIPLIER) & PRODUCT
        mixed = (mixed ^ (mixed >> 31)) & WORD
        start += 1
    return BUCKETS + (mixed & (BUCKET_COUNT - 1))


@inlined
def entry_of(buffer: Column, start: int, length: int, key: int, t: Column, texts: Column) -> int:
    """The entry of the test WANTED whose record has these bytes from TEST_TXT on; 0 when it is new.

    Tests come in sequence, so the one that followed last time is tried first. key: row.
    """
    trail = t[key + K_TRAIL]
    trail = (trail or ENTRIES) + E_NEXT
    guess = t[trail]
    if guess != 0 and is_same(buffer, start, length, t, texts, guess):
        t[key + K_TRAIL] = guess
        return guess  # type: ignore[no-any-return]
    entry = t[bucket_of(buffer, start, start + length, t[WANTED])]
    while entry != 0 and not is_same(buffer, start, length, t, texts, entry):
        entry = t[entry + E_CHAIN]
    if entry != 0:
        t[trail] = entry
        t[key + K_TRAIL] = entry
    return entry  # type: ignore[no-any-return]


@compiled
def link_entry(t: Column, texts: Column, entry: int) -> None:
    """Make a new entry findable; its columns are filled."""
    start = t[entry + E_START]
    bucket = bucket_of(texts, start, start + t[entry + E_LENGTH], t[entry + E_TEST])
    t[entry + E_CHAIN] = t[bucket]
    t[bucket] = entry


@inlined
def note_limits(t: Column, f: Column, entry: int) -> None:
    """Count a change of the limits of a definition. NaN says none."""
    definition = t[entry + E_DEFINITION]
    if t[definition + D_ENTRY] == entry:
        return
    t[definition + D_ENTRY] = entry
    low, high = f[entry + E_LOW], f[entry + E_HIGH]
    old_low, old_high = f[definition + D_LOW], f[definition + D_HIGH]
    is_same_low = low == old_low or (low != low and old_low != old_low)  # noqa: PLR0124
    is_same_high = high == old_high or (high != high and old_high != old_high)  # noqa: PLR0124
    if not (is_same_low and is_same_high):
        t[LIMIT_CHANGES] += 1
        f[definition + D_LOW] = low
        f[definition + D_HIGH] = high
