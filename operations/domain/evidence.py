"""Frozen evidence of an issue as people read it: plain values as rows, lists as tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

RATIOS = ("ratio", "share", "yield")
ORDER = (
    "statistic",
    "value",
    "limit",
    "n",
    "method",
    "policy",
    "dispersion",
    "p_value",
    "p_adjusted",
)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
KINDS = {
    "lot": "lot",
    "lots": "lot",
    "wafer": "wafer",
    "wafers": "wafer",
    "serial": "unit",
    "serials": "unit",
    "rack": "rack",
    "racks": "rack",
    "site_code": "site",
    "sites": "site",
}
NAMES = {"n": "Units behind it", "p_adjusted": "p, adjusted", "p_value": "p"}
TABLE_ROWS_MAX = 50
LIST_ITEMS_MAX = 40


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as text. kind: what it names, such as `lot`, where that has a page; else empty."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A name and its value or values."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def value(self) -> str:
        """All values as one text."""
        return ", ".join(cell.text for cell in self.cells)


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """A list of records. rest: how many more there are than shown."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rest: int


def evidence_rows(evidence: Mapping[str, object]) -> list[EvidenceRow]:
    """Everything that is no list of records. Ratios are shown in percent."""
    is_ratio = _speaks_of_ratios(str(evidence.get("statistic", "")))
    rows = []
    for name, value in sorted(evidence.items(), key=_rank):
        if _is_records(value):
            continue
        as_percent = _speaks_of_ratios(name) or (is_ratio and name in {"value", "limit"})
        rows.append(EvidenceRow(_words(name), _cells(name, value, as_percent=as_percent)))
    return rows


def _rank(item: tuple[str, object]) -> tuple[int, str]:
    """The usual fields in their usual order, then the rest by name."""
    name = item[0]
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def evidence_tables(evidence: Mapping[str, object]) -> list[EvidenceTable]:
    """Every list of records, with the columns of its first one."""
    return [
        _table(name, value)
        for name, value in evidence.items()
        if isinstance(value, Sequence) and _is_records(value)
    ]


def _is_records(value: object) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and len(value) > 0
        and all(isinstance(one, Mapping) for one in value)
    )


def _table(name: str, records: Sequence[Mapping[str, object]]) -> EvidenceTable:
    columns = tuple(records[0])
    shown = records[:TABLE_ROWS_MAX]
    rows = tuple(tuple(_cell(column, record.get(column)) for column in columns) for record in shown)
    names = tuple(_words(column) for column in columns)
    return EvidenceTable(_words(name), names, rows, len(records) - len(shown))


def _words(name: str) -> str:
    text = NAMES.get(name) or name.replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]


def _speaks_of_ratios(name: str) -> bool:
    return any(word in name for word in RATIOS)


def _cell(name: str, value: object) -> Cell:
    kind = KINDS.get(name, "") if isinstance(value, str) else ""
    return Cell(_text(value, as_percent=_speaks_of_ratios(name)), kind)


def _cells(name: str, value: object, *, as_percent: bool) -> tuple[Cell, ...]:
    """A list of names is shown as many cells, so that each can be a link."""
    kind = KINDS.get(name, "")
    if kind and isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_cell(name, one) for one in value[:LIST_ITEMS_MAX])
    return (Cell(_text(value, as_percent=as_percent), kind if isinstance(value, str) else ""),)


def _text(value: object, *, as_percent: bool) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            is_share = as_percent and -1 <= value <= 1
            return f"{value * 100:.1f} %" if is_share else f"{value:.4g}"
        case str():
            return _instant(value) if INSTANT.fullmatch(value) else value
    return _gathered(value, as_percent=as_percent)


def _gathered(value: object, *, as_percent: bool) -> str:
    if isinstance(value, Mapping):
        pairs = value.items()
        return ", ".join(
            f"{_words(str(key))}: {_text(one, as_percent=as_percent)}" for key, one in pairs
        )
    if isinstance(value, Sequence):
        shown = ", ".join(_text(one, as_percent=as_percent) for one in value[:LIST_ITEMS_MAX])
        rest = len(value) - LIST_ITEMS_MAX
        return f"{shown} and {rest} more" if rest > 0 else shown
    return str(value)


def _instant(text: str) -> str:
    """ISO 8601 with an offset, in UTC, as pages write times."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"{moment.day} {moment:%b %Y %H:%M} UTC"
