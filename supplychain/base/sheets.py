"""Tables that people open in a spreadsheet."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A cell out of which a spreadsheet takes no formula; for text, since it marks negatives."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
