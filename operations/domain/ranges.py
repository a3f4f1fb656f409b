"""Wafers as people write them."""

from __future__ import annotations

import re

from lots.domain.serials import wafer_numbers

_TO = re.compile(r"\s*(?:\.\.+|\u2013|\u2014|\bto\b)\s*", re.IGNORECASE)
_MARK = re.compile(r"\b(?:wafers?|W|#)\s*(?=\d)|#", re.IGNORECASE)
_GAP = re.compile(r"[;,\n]+|(?<=\d)\s+(?=\d)")


def named_wafers(text: str) -> tuple[int, ...]:
    """Numbers named by "1-5, 7", "W01..W05", "3 to 6" or "2 4 9", rising; () for no text.

    MalformedError for anything else.
    """
    plain = _MARK.sub("", _TO.sub("-", text.strip()))
    words = [word.strip() for word in _GAP.split(plain)]
    return wafer_numbers(", ".join(word for word in words if word))
