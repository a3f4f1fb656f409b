"""A ledger row as one line of JSON, from the text that PostgreSQL's COPY writes."""

from __future__ import annotations

import json
import re

from finance.domain.entries import COLUMNS

BARE = frozenset({"seq", "transaction", "line", "is_prior_period", "source_seq", "reverses"})
"""Columns whose text is JSON already: whole numbers, true, false, null. All others are strings."""

_LINE = (
    "{" + ",".join(f'"{name}":%b' if name in BARE else f'"{name}":"%b"' for name in COLUMNS) + "}\n"
).encode()
_UNFIT = bytes({*range(32), *b'"\\'} - set(b"\t\n"))
"""What a JSON string escapes, but for what parts columns and ends lines."""
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def json_line(line: bytes) -> bytes:
    """A line of COPY's text format, columns in order, as UTF-8 JSON with a line end."""
    values = line[:-1].split(b"\t")
    if not _is_fit(line):
        values = [value if _is_fit(value) else _string(value) for value in values]
    return _LINE % tuple(values)


def _is_fit(text: bytes) -> bool:
    return len(text.translate(None, _UNFIT)) == len(text)


def _string(value: bytes) -> bytes:
    """What stands between the quotes of a JSON string."""
    text = _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), value.decode())
    return json.dumps(text, ensure_ascii=False)[1:-1].encode()
