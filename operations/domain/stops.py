"""What of a lot a hold stops, as people say it."""

from __future__ import annotations

from collections.abc import Sequence

from lots.domain.serials import number_ranges
from lots.domain.words import HoldScope

SHOWN_MAX = 6
"""Serials named one by one; the rest are counted."""


def stopped_words(
    scope: str, names: Sequence[str], count: int, bin_number: int | None = None
) -> str:
    """`wafers 1-3, 7`, `bin 5: 12 units, A, B and 10 more`, `units A, B`; "" for the whole lot.

    names: numbers of wafers or serials, the first few of `count`. A wafer without a number is named
    by its code.
    """
    if scope == HoldScope.LOT:
        return ""
    if scope == HoldScope.WAFER:
        return f"wafer{_s(count)} {number_ranges(names)}{_more(count - len(names))}"
    shown = names[:SHOWN_MAX]
    listed = f"{', '.join(shown)}{_more(count - len(shown))}"
    if scope == HoldScope.BIN:
        return f"bin {bin_number}: {count:,} unit{_s(count)}, {listed}"
    return f"unit{_s(count)} {listed}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _more(count: int) -> str:
    return f" and {count:,} more" if count > 0 else ""
