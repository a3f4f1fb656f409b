"""What a parked row waits for: in a few words for people, and as keys by which it is woken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

WORDS = {"lot": "lot", "wafer": "wafer", "run": "test run", "rack": "rack", "serial": "unit"}
NAMED_MAX = 3
KEY_CHARACTERS = 200
ANYTHING = "anything"
"""Of a row that does not say what it waits for: woken by whatever is recorded."""

KEYED = {"lot": "lot", "to_lot": "lot", "wafer": "wafer", "serial": "unit", "rack": "rack"}
TOLD = {"lot": "lot", "rack": "rack", "rack_serial": "rack"}
SWEPT_AFTER_MIN = timedelta(minutes=5)
SWEPT_AFTER_MAX = timedelta(hours=1)


def awaited(fields: Mapping[str, object]) -> str:
    """From the values behind a refusal; "" where they do not say. `release of lot W1`."""
    lot = fields.get("lot")
    if fields.get("holds"):
        return f"release of lot {lot}"
    if fields.get("state"):
        return f"change of lot {lot}, now {fields['state']}"
    if serials := _serials(fields):
        return f"units {', '.join(serials[:NAMED_MAX])}"
    return next((f"{word} {fields[name]}" for name, word in WORDS.items() if fields.get(name)), "")


def wake_keys(content: Mapping[str, object], fields: Mapping[str, object]) -> tuple[str, ...]:
    """What wakes a row: the lots of a WIP row, and the values behind its refusal."""
    lots = [content.get(name) for name in ("lot", "to_lot")] if "verb" in content else []
    keys = [_key("lot", lot) for lot in lots if lot]
    keys += [_key(word, fields[name]) for name, word in KEYED.items() if fields.get(name)]
    keys += [_key("unit", serial) for serial in _serials(fields)]
    return tuple(dict.fromkeys(keys)) or (ANYTHING,)


def row_key(row_id: int) -> str:
    """Wakes what waits behind one row."""
    return _key("row", row_id)


def lot_keys(codes: Iterable[str]) -> list[str]:
    """Wake what waits for these lots."""
    return [_key("lot", code) for code in codes]


def wafer_keys(codes: Iterable[str]) -> list[str]:
    """Wake what waits for these wafers."""
    return [_key("wafer", code) for code in codes]


def told_keys(row_id: int, content: Mapping[str, object]) -> list[str]:
    """What a settled row may wake. What a WIP row did to its lots, the ledger tells."""
    named = {} if "verb" in content else TOLD
    told = [_key(word, content[name]) for name, word in named.items() if content.get(name)]
    return [row_key(row_id), *told]


def swept_at(now: datetime, parked_since: datetime) -> datetime:
    """When to try again though nothing told of it: rarer the longer the row waits."""
    span = min(max((now - parked_since) / 2, SWEPT_AFTER_MIN), SWEPT_AFTER_MAX)
    return now + span


def _key(word: str, value: object) -> str:
    return f"{word}:{value}"[:KEY_CHARACTERS].replace("\0", "")


def _serials(fields: Mapping[str, object]) -> list[str]:
    serials = fields.get("serials")
    if isinstance(serials, Sequence) and not isinstance(serials, str):
        return [str(serial) for serial in serials]
    return []
