"""Numbers and texts at a place of the buffer. is_big: 1 for big-endian."""

from __future__ import annotations

from intake.domain.stdf.kernels.jit import inlined, load2, load4
from intake.domain.stdf.kernels.state import Column


@inlined
def u2(buffer: Column, at: int, is_big: int) -> int:
    """Two bytes."""
    value: int = load2(buffer, at)
    if is_big:
        return (value & 0xFF) << 8 | value >> 8
    return value


@inlined
def i2(buffer: Column, at: int, is_big: int) -> int:
    """Two bytes, signed."""
    value = u2(buffer, at, is_big)
    return value - 65536 if value > 32767 else value


@inlined
def u4(buffer: Column, at: int, is_big: int) -> int:
    """Four bytes."""
    value: int = load4(buffer, at)
    if is_big:
        return (value & 0xFF) << 24 | (value & 0xFF00) << 8 | (value >> 8 & 0xFF00) | value >> 24
    return value


@inlined
def is_blank(byte: int) -> bool:
    """Whether it is trimmed from the ends of a text: blank, tab, line end or null."""
    return byte in (32, 9, 13, 10, 0)


@inlined
def trimmed(buffer: Column, start: int, end: int) -> tuple[int, int]:
    """Start and end without outer blanks."""
    while start < end and is_blank(buffer[end - 1]):
        end -= 1
    while start < end and is_blank(buffer[start]):
        start += 1
    return start, end


@inlined
def copied(source: Column, start: int, end: int, target: Column, at: int) -> int:
    """Copies bytes; where they end in the target."""
    for place in range(end - start):
        target[at + place] = source[start + place]
    return at + end - start
