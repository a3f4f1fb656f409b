"""What a scanner sends, taken apart: which name on a label may be the one that is looked for.

Sources: ISO/IEC 15424 (symbology identifiers), GS1 General Specifications section 3 (application
identifiers), ANSI MH10.8.2 (data identifiers), ISO/IEC 15434 (the envelope of 2D codes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

SCANNED_MAX = 500
GROUP_SEPARATOR, RECORD_SEPARATOR = "\x1d", "\x1e"

# ]C1 Code 128, ]d2 Data Matrix, ]Q3 QR, ]e0 DataBar: a letter for the symbology and a modifier.
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_GS1 = frozenset({"]C1", "]d2", "]Q3", "]e0", "]J1"})
_IN_BRACKETS = re.compile(r"\((\d{2,4})\)([^(]+)")
_ENVELOPE = re.compile(r"\[\)>\x1e?0[56]\x1d")
_DATA_IDENTIFIER = re.compile(r"(\d{0,3}[A-Z])(.+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

FIXED = {"00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "17": 6, "20": 2}
"""Application identifiers of fixed length; every other ends at a group separator."""
THREE_DIGITS = frozenset({"23", "24", "25", "40", "41", "42"})
FOUR_DIGITS = frozenset({"31", "32", "33", "34", "35", "36", "39", "43", "70", "80", "81", "82"})
SERIAL_FIRST = ("21", "250", "8004", "8003", "10", "240", "00")
"""Serial, second serial, asset, returnable asset, batch or lot, additional name, logistic unit."""
SERIAL_OR_LOT = ("S", "1S", "25S", "T", "1T", "30T", "J", "1J")


def scanned_names(raw: str) -> tuple[str, ...]:
    """Names to look for, the likeliest first; () for nothing readable. Raw text comes last.

    A serial is tried before the lot it belongs to.
    """
    text = raw[:SCANNED_MAX].strip()
    symbology = _SYMBOLOGY.match(text)
    body = text[3:] if symbology else text
    fields = _fields(body, is_gs1=bool(symbology and symbology[0] in _GS1))
    order = (*SERIAL_FIRST, *SERIAL_OR_LOT)
    names = [*(fields[key] for key in order if key in fields), _plain(body), _plain(text)]
    return tuple(dict.fromkeys(name for name in names if name))


def _fields(body: str, *, is_gs1: bool) -> Mapping[str, str]:
    """Identifier → value, of a GS1 element string or of a 2D code's envelope."""
    if envelope := _ENVELOPE.match(body):
        return dict(_data_identifiers(body[envelope.end() :]))
    if body.startswith("(") and (pairs := _IN_BRACKETS.findall(body)):
        return {key: value.strip() for key, value in pairs}
    if is_gs1 or GROUP_SEPARATOR in body:
        return dict(_application_identifiers(body.lstrip(GROUP_SEPARATOR)))
    return {}


def _application_identifiers(body: str) -> Iterator[tuple[str, str]]:
    while body:
        start = body[:2]
        size = 3 if start in THREE_DIGITS else 4 if start in FOUR_DIGITS else 2
        key, rest = body[:size], body[size:]
        if not key.isdigit() or not rest:
            return
        if key in FIXED:
            value, body = rest[: FIXED[key]], rest[FIXED[key] :].lstrip(GROUP_SEPARATOR)
        else:
            value, _, body = rest.partition(GROUP_SEPARATOR)
        yield key, _plain(value)


def _data_identifiers(body: str) -> Iterator[tuple[str, str]]:
    for word in body.split(RECORD_SEPARATOR, maxsplit=1)[0].split(GROUP_SEPARATOR):
        if match := _DATA_IDENTIFIER.fullmatch(word):
            yield match[1], _plain(match[2])


def _plain(text: str) -> str:
    return _CONTROL.sub("", text).strip()
