"""How codes and serials are written and read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from supplychain.base.errors import MalformedError

WAFER_NUMBER_MAX = 99
SERIALS_MAX = 10_000
LOT_CODE_MAX = 64
_GAP = re.compile(r"[;,\s]+")
_TO = re.compile(r"\s*(?:\.\.+|\u2026)\s*|\s+(?:\u2013|\u2014|to)\s+", re.IGNORECASE)
_SERIALS = re.compile(r"(?P<first>.+?)\.\.(?P<last>.+)")
_TAIL = re.compile(r"(?P<head>.*?)(?P<number>\d{1,12})")
_RANGE = re.compile(r"\s*(\d{1,2})\s*(?:-\s*(\d{1,2})\s*)?")


def wafer_code(lot_code: str, number: int) -> str:
    """The scribe of wafer `number`: `<lot>-<nn>`."""
    return f"{lot_code}-{number:02d}"


def next_child_code(parent: str, known: Iterable[str], mark: str = "") -> str:
    """The next free code for a part of a lot: W1.1, W1.2; with mark P: W1.P, W1.P2.

    known: codes of lots there are. Numbers go on from the highest, as wide as they are written: a
    code is not used twice. "" where none fits into the length of a code.
    """
    own = re.compile(rf"{re.escape(parent)}\.{re.escape(mark)}(\d{{0,9}})")
    taken = [found[1] for code in known if (found := own.fullmatch(code))]
    if not taken and mark:
        code = f"{parent}.{mark}"
    else:
        highest = max((int(number or 1) for number in taken), default=0)
        width = max((len(number) for number in taken if number.startswith("0")), default=1)
        code = f"{parent}.{mark}{highest + 1:0{width}d}"
    return code if len(code) <= LOT_CODE_MAX else ""


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


def serial_list(text: str) -> tuple[str, ...]:
    """Serials or codes as people write them, by blanks, commas or semicolons, in the order given.

    "M1-008..M1-011", or with "to" between them, names four. MalformedError for a range that lacks
    an end, does not rise, or whose ends differ in more than their last number, and for more than
    SERIALS_MAX together.
    """
    found: list[str] = []
    for word in _GAP.split(_TO.sub("..", text.strip())):
        found += _serials_of(word)
        if len(found) > SERIALS_MAX:
            raise MalformedError(f"Name at most {SERIALS_MAX:,} at a time.", field="serials")
    return tuple(found)


def _serials_of(word: str) -> list[str]:
    if ".." not in word:
        return [word] if word else []
    match = _SERIALS.fullmatch(word)
    if match is None:
        raise MalformedError(f"{word} is a range without its two ends.", field="serials")
    return _serial_range(match["first"], match["last"])


def _serial_range(first: str, last: str) -> list[str]:
    low, high = _TAIL.fullmatch(first), _TAIL.fullmatch(last)
    if low is None or high is None or low["head"] != high["head"]:
        raise MalformedError(
            f"{first}..{last} is no range; its ends differ in their last number only.",
            field="serials",
        )
    start, end, width = int(low["number"]), int(high["number"]), len(low["number"])
    if not start <= end < start + SERIALS_MAX:
        raise MalformedError(
            f"{first}..{last} does not rise, or names over {SERIALS_MAX:,}.", field="serials"
        )
    return [f"{low['head']}{number:0{width}d}" for number in range(start, end + 1)]


def number_ranges(names: Sequence[str]) -> str:
    """Whole numbers in rising order, runs drawn together, `1-3, 7`; other names after them."""
    numbers = sorted({int(name) for name in names if name.isascii() and name.isdigit()})
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    ]
    words = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    others = [name for name in names if not (name.isascii() and name.isdigit())]
    return ", ".join([*words, *others])
