"""How codes and serials are written and read."""

from __future__ import annotations

import re

from supplychain.base.errors import MalformedError

WAFER_NUMBER_MAX = 99
_RANGE = re.compile(r"\s*(\d{1,2})\s*(?:-\s*(\d{1,2})\s*)?")


def wafer_code(lot_code: str, number: int) -> str:
    """The scribe of wafer `number`: `<lot>-<nn>`."""
    return f"{lot_code}-{number:02d}"


def die_serial(wafer: str, x: int, y: int) -> str:
    """The serial of the die at x, y (die steps) of a wafer: `<wafer>:<x>:<y>`."""
    return f"{wafer}:{x}:{y}"


def wafer_numbers(text: str) -> tuple[int, ...]:
    """Numbers named by text such as "1-5, 7", rising; () for no text. MalformedError otherwise."""
    found: set[int] = set()
    for word in text.split(",") if text.strip() else []:
        match = _RANGE.fullmatch(word)
        if match is None:
            raise MalformedError(
                f'{text!r} names no wafers; write them as "1-5, 7".', field="wafers"
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last:
            raise MalformedError(f"{word.strip()} is no range of wafers.", field="wafers")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def wafer_text(numbers: tuple[int, ...]) -> str:
    """The shortest text for these numbers: (1, 2, 3, 7) is "1-3, 7"."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
