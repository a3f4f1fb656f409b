"""Numbers and texts at a place of the buffer. is_big: 1 for big-endian."""

from __future__ import annotations

from intake.domain.stdf.kernels.jit import inlined
from intake.domain.stdf.kernels.state import Column


@inlined
def u2(buffer: Column, at: int, is_big: int) -> int:
    """Two bytes."""
    if is_big:
        return buffer[at] * 256 + buffer[at + 1]  # type: ignore[no-any-return]
    return buffer[at + 1] * 256 + buffer[at]  # type: ignore[no-any-return]


@inlined
def i2(buffer: Column, at: int, is_big: int) -> int:
    """Two bytes, signed."""
    value = u2(buffer, at, is_big)
    return value - 65536 if value > 32767 else value


@inlined
def u4(buffer: Column, at: int, is_big: int) -> int:
    """Four bytes."""
    first, second, third, last = buffer[at], buffer[at + 1], buffer[at + 2], buffer[at + 3]
    if is_big:
        return first * 0x1000000 + second * 0x10000 + third * 256 + last  # type: ignore[no-any-return]
    return last * 0x1000000 + third * 0x10000 + second * 256 + first  # type: ignore[no-any-return]


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
