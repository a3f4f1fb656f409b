"""What the data centre reports as JSON: rack builds and commissioning rounds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from racks.domain.words import ReadingKind
from supplychain.base.errors import MalformedError

RACK_FORMAT = "rack-1"
COMMISSIONING_FORMAT = "commissioning-1"
ENTRIES_MAX = 10_000
SERIAL_CHARACTERS_MAX = 80
SMALL_INTEGER_MAX = 32_767
YEAR_MIN, YEAR_MAX = 1990, 2190
NUMBER_MAX = 1e12


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a report's list, from 1: its content, or why it cannot be read."""

    number: int
    content: dict[str, Any]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Header and entries of a report, checked, as JSON values."""

    header: dict[str, Any]
    entries: list[Entry]


def rack_report(content: bytes) -> Report:
    """Where a rack stands, and what was put in which slot. MalformedError: the header is bad."""
    return _report(content, RACK_FORMAT, _rack_header, "placements", _placement)


def commissioning_report(content: bytes) -> Report:
    """Readings of one round on a rack. MalformedError: the header is bad."""
    return _report(content, COMMISSIONING_FORMAT, _commissioning_header, "readings", _reading)


def instant(word: object) -> datetime:
    """An ISO 8601 time with its offset. MalformedError for any other."""
    try:
        found = datetime.fromisoformat(str(word))
    except ValueError as error:
        raise MalformedError(f"{word!r} is no time as ISO 8601 writes it") from error
    if found.utcoffset() is None:
        raise MalformedError(f"time {word!r} has no offset")
    if not YEAR_MIN <= found.year <= YEAR_MAX:
        raise MalformedError(f"time {word!r} is not of this age")
    return found


def reading_value(value: float | None) -> float:
    """NaN where the sensor gave none."""
    return math.nan if value is None else value


Fields = Mapping[str, Any]
Reader = Callable[[Fields], dict[str, Any]]


def _report(content: bytes, word: str, header: Reader, name: str, entry: Reader) -> Report:
    try:
        report = _fields(_json(content))
        _refuse_other_format(report, word)
        read = header(report)
        rows = _list(report, name)
    except MalformedError as error:
        raise MalformedError(f"This is no {word} report: {error.detail}.") from error
    return Report(read, [_entry(number, row, entry) for number, row in enumerate(rows, 1)])


def _json(content: bytes) -> object:
    try:
        found: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"it cannot be read as JSON ({error})") from error
    return found


def _refuse_other_format(report: Fields, word: str) -> None:
    if report.get("format") != word:
        raise MalformedError(f"format is {report.get('format')!r}")


def _entry(number: int, row: object, reader: Reader) -> Entry:
    try:
        return Entry(number, reader(_fields(row)))
    except MalformedError as error:
        return Entry(number, {}, error.detail)


def _rack_header(report: Fields) -> dict[str, Any]:
    site, rack = _fields(_value(report, "site")), _fields(_value(report, "rack"))
    return {
        "site_code": _text(site, "code", 32),
        "site_name": _text(site, "name", 120),
        "country": _text(site, "country", 2) if site.get("country") else "",
        "hall_code": _text(report, "hall", 32),
        "position_code": _text(report, "position", 32),
        "row": _text(report, "row", 8),
        "column": _whole(report, "column"),
        "rack_serial": _text(rack, "serial", SERIAL_CHARACTERS_MAX),
        "rack_name": _text(rack, "name", 120) if rack.get("name") else "",
        "slot_count": _whole(rack, "slots"),
        "installed_at": instant(_value(report, "installed_at")).isoformat(),
    }


def _placement(row: Fields) -> dict[str, Any]:
    return {"slot": _whole(row, "slot"), "serial": _text(row, "serial", SERIAL_CHARACTERS_MAX)}


def _commissioning_header(report: Fields) -> dict[str, Any]:
    started_at = instant(_value(report, "started_at"))
    finished_at = instant(_value(report, "finished_at"))
    if finished_at < started_at:
        raise MalformedError("finished_at is before started_at")
    return {
        "rack": _text(report, "rack", SERIAL_CHARACTERS_MAX),
        "fluid": _text(report, "fluid", 32),
        "started_at": started_at.isoformat(),
        "finished_at": finished_at.isoformat(),
    }


def _reading(row: Fields) -> dict[str, Any]:
    kind = _text(row, "kind", SERIAL_CHARACTERS_MAX)
    if kind not in set(ReadingKind):
        raise MalformedError(f"kind {kind!r} is not known")
    return {
        "kind": kind,
        "value": _number(row, "value"),
        "measured_at": instant(_value(row, "measured_at")).isoformat(),
    }


def _value(row: Fields, name: str) -> object:
    if name not in row:
        raise MalformedError(f"{name} is missing")
    value: object = row[name]
    return value


def _fields(value: object) -> Fields:
    if not isinstance(value, dict):
        raise MalformedError(f"{str(value)[:40]!r} stands where an object is needed")
    return value


def _list(row: Fields, name: str) -> list[object]:
    value = _value(row, name)
    if not isinstance(value, list) or len(value) > ENTRIES_MAX:
        raise MalformedError(f"{name} must be a list of at most {ENTRIES_MAX} entries")
    return value


def _text(row: Fields, name: str, characters_max: int) -> str:
    value = _value(row, name)
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= characters_max:
        raise MalformedError(f"{name} must be text of 1 to {characters_max} characters")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise MalformedError(f"{name} contains a character that is no text")
    return value.strip()


def _whole(row: Fields, name: str) -> int:
    value = _value(row, name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedError(f"{name} must be a whole number")
    if not 0 <= value <= SMALL_INTEGER_MAX:
        raise MalformedError(f"{name} must be from 0 to {SMALL_INTEGER_MAX}")
    return value


def _number(row: Fields, name: str) -> float | None:
    """None for null, and for what is no finite number: a sensor that gave none."""
    value = _value(row, name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedError(f"{name} must be a number or null")
    return float(value) if abs(value) <= NUMBER_MAX else None
