"""Frozen evidence of an issue as people read it: plain values as rows, lists as tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

RATIOS = ("ratio", "share", "yield")
SHARES = {"value", "limit", "expected", "fixed_limit", "predicted_limit"}
CAUSES = "likely_causes"
ORDER = (
    "cause",
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
NAMES = {"n": "Units behind it", "p": "p", "p_adjusted": "p, adjusted", "p_value": "p"}
CAUSE_NAMES = {
    "cause": "Cause",
    "how_sure": "How sure",
    "yield_effect": "Yield beside others",
    "yield_effect_before": "The same before",
    "confounders": "What else would explain it",
    "units_lost": "Units lost by it",
    "units": "Units on it",
    "lots": "Lots",
    "compared": "Compared",
    "adjusted_p": "p, adjusted",
}
"""Columns of the likely causes, in the order in which a person asks for them."""

PICTURED = {"map", "shape", "pictures"}
"""Shown as a picture, not as numbers."""

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
    """A record or a list of them. rest: how many more there are than shown."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rest: int


def evidence_rows(evidence: Mapping[str, object]) -> list[EvidenceRow]:
    """Everything that is no record, list of records or picture. Ratios are shown in percent."""
    is_share = _speaks_of_ratios(str(evidence.get("statistic", "")))
    return [
        EvidenceRow(_words(name), _cells(name, value, is_share=is_share))
        for name, value in sorted(evidence.items(), key=_rank)
        if name not in PICTURED and not _records(value)
    ]


def evidence_tables(evidence: Mapping[str, object]) -> list[EvidenceTable]:
    """Every record and list of records, with the columns of its first one."""
    tables = []
    for name, value in sorted(evidence.items(), key=_rank):
        if name not in PICTURED | {CAUSES} and (records := _records(value)):
            tables.append(_table(name, records))
    return tables


def causes_table(evidence: Mapping[str, object]) -> EvidenceTable | None:
    """The likely causes, the likeliest first; None where none were looked for or found."""
    records = _records(evidence.get(CAUSES))
    return _table(CAUSES, records, CAUSE_NAMES) if records else None


def _rank(item: tuple[str, object]) -> tuple[int, str]:
    """The usual fields in their usual order, then the rest by name."""
    name = item[0]
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _records(value: object) -> list[Mapping[str, object]]:
    """A record, or a list of nothing but records; none for any other value."""
    if isinstance(value, Mapping):
        return [value] if value else []
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    records = [one for one in value if isinstance(one, Mapping)]
    return records if len(records) == len(value) else []


def _table(
    name: str, records: Sequence[Mapping[str, object]], known: Mapping[str, str] = NAMES
) -> EvidenceTable:
    """known: names of columns; where they stand in order, that of the table."""
    order = {column: place for place, column in enumerate(ORDER if known is NAMES else known)}
    columns = sorted(records[0], key=lambda column: order.get(column, len(order)))
    shown = records[:TABLE_ROWS_MAX]
    is_share = _speaks_of_ratios(name)
    rows = tuple(
        tuple(_cell(column, record.get(column), is_share=is_share) for column in columns)
        for record in shown
    )
    names = tuple(known.get(column, _words(column)) for column in columns)
    return EvidenceTable(_words(name), names, rows, len(records) - len(shown))


def _words(name: str) -> str:
    if name in NAMES:
        return NAMES[name]
    text = name.replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]


def _speaks_of_ratios(name: str) -> bool:
    return any(word in name for word in RATIOS)


def _cell(name: str, value: object, *, is_share: bool = False) -> Cell:
    """is_share: what stands around it is about ratios, so a plain `value` or `limit` is one."""
    kind = KINDS.get(name, "") if isinstance(value, str) else ""
    as_percent = _speaks_of_ratios(name) or (is_share and name in SHARES)
    return Cell(_text(value, as_percent=as_percent), kind)


def _cells(name: str, value: object, *, is_share: bool) -> tuple[Cell, ...]:
    """A list of names is shown as many cells, so that each can be a link."""
    if name in KINDS and isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_cell(name, one) for one in value[:LIST_ITEMS_MAX])
    return (_cell(name, value, is_share=is_share),)


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
