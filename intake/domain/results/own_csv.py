"""Our own result format as CSV: a line is a unit, or one test of a unit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import IO

from intake.domain.errors import FileRefusedError
from intake.domain.results.nodes import Node
from intake.domain.results.session import (
    LeftOut,
    Measurement,
    Session,
    SessionWords,
    UnitReport,
)
from intake.domain.tables import BadLine, Line, count_of, instant_of, table_lines
from supplychain.base.errors import MalformedError
from testing.domain.words import Outcome

REQUIRED = ("serial", "outcome", "tester", "program")
OF_FILE = (
    "lot", "step", "product", "sublot", "tester", "tester_model", "load_board", "program",
    "revision", "temperature_celsius", "started_at", "finished_at",
)  # fmt: skip
OF_UNIT = ("attempt", "hard_bin", "soft_bin", "head", "site", "test_seconds")
OF_TEST = ("test", "test_outcome", "test_number", "value", "units", "low", "high")
OPTIONAL = (*(name for name in OF_FILE if name not in REQUIRED), *OF_UNIT, *OF_TEST)


def read_csv(stream: IO[bytes]) -> Session:
    """Lines in a row with one serial and attempt are one insertion; a bad line leaves it out.

    The first readable line says what holds for the file; a line that says otherwise is left out.
    """
    left_out: list[LeftOut] = []
    lines: list[Line] = []
    for line in table_lines(stream, REQUIRED, OPTIONAL):
        if isinstance(line, BadLine):
            left_out.append(LeftOut(line.number, "line", line.reason))
        else:
            lines.append(line)
    if not lines:
        raise FileRefusedError("The file has no readable line behind its header.")
    first = lines[0]
    words = _words(first)
    units: list[UnitReport] = []
    seen: set[str] = set()
    for group in _groups(lines):
        try:
            units.append(_unit(group, first, is_retest=group[0].values["serial"] in seen))
            seen.add(group[0].values["serial"])
        except MalformedError as error:
            left_out.append(LeftOut(group[0].number, "unit", error.detail))
    return Session(words, tuple(units), tuple(left_out))


def _groups(lines: list[Line]) -> Iterator[list[Line]]:
    for _, group in groupby(lines, key=lambda line: (line.values["serial"], _of(line, "attempt"))):
        yield list(group)


def _of(line: Line, name: str) -> str:
    return line.values.get(name, "")


def _words(line: Line) -> SessionWords:
    try:
        return SessionWords(
            lot=_of(line, "lot"),
            step=_of(line, "step"),
            product=_of(line, "product"),
            sublot=_of(line, "sublot"),
            tester=_of(line, "tester"),
            tester_model=_of(line, "tester_model"),
            load_board=_of(line, "load_board"),
            program=_of(line, "program"),
            revision=_of(line, "revision"),
            temperature_celsius=_number(line, "temperature_celsius"),
            started_at=_instant(line, "started_at"),
            finished_at=_instant(line, "finished_at"),
        )
    except MalformedError as error:
        raise FileRefusedError(f"Line {line.number}: {error.detail}", **error.fields) from error


def _unit(group: list[Line], first: Line, *, is_retest: bool) -> UnitReport:
    line = group[0]
    if not line.values["serial"]:
        raise MalformedError("The line names no serial.", field="serial")
    _refuse_contradictions(group, first)
    return UnitReport(
        position=line.number,
        serial=line.values["serial"],
        outcome=_outcome(line, "outcome"),
        measurements=tuple(_measurement(one) for one in group if _of(one, "test")),
        hard_bin=_whole(line, "hard_bin"),
        soft_bin=_whole(line, "soft_bin"),
        head=_small(line, "head", 1),
        site=_small(line, "site", 0),
        is_retest=is_retest,
        test_seconds=_number(line, "test_seconds"),
    )


def _refuse_contradictions(group: list[Line], first: Line) -> None:
    """One file is one session, and one insertion has one outcome and one bin."""
    for line in group:
        for name in OF_FILE:
            if _of(line, name) not in ("", _of(first, name)):
                raise MalformedError(
                    f"Line {line.number}: {name} is {_of(line, name)!r}, but line {first.number} "
                    f"says {_of(first, name)!r}. Send one file a session.",
                    field=name,
                )
        for name in ("outcome", "hard_bin", "soft_bin", "head", "site"):
            if _of(line, name) != _of(group[0], name):
                raise MalformedError(
                    f"Line {line.number}: {name} is {_of(line, name)!r}, but line "
                    f"{group[0].number} of the same unit says {_of(group[0], name)!r}.",
                    field=name,
                )


def _measurement(line: Line) -> Measurement:
    value, low, high = (_number(line, name) for name in ("value", "low", "high"))
    return Measurement(
        name=_of(line, "test"),
        outcome=_outcome(line, "test_outcome"),
        value=value,
        is_numeric=any(one is not None for one in (value, low, high)) or bool(_of(line, "units")),
        number=_whole(line, "test_number") or 0,
        units=_of(line, "units"),
        low=low,
        high=high,
    )


def _outcome(line: Line, name: str) -> Outcome:
    return Node(_of(line, name) or None, f"line {line.number}: {name}").outcome()


def _number(line: Line, name: str) -> float | None:
    text = _of(line, name)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise MalformedError(
            f"line {line.number}: {name} is {text!r}; write a number.", field=name
        ) from error
    return value if math.isfinite(value) else None


def _whole(line: Line, name: str) -> int | None:
    text = _of(line, name)
    return count_of(text, f"line {line.number}: {name}") if text else None


def _small(line: Line, name: str, otherwise: int) -> int:
    value = _whole(line, name)
    return (
        Node(otherwise if value is None else value, f"line {line.number}: {name}").whole(255) or 0
    )


def _instant(line: Line, name: str) -> datetime | None:
    text = _of(line, name)
    return instant_of(text, name) if text else None
