"""Parts without serials as people and files write them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from lots.domain.commands import Material
from supplychain.base.errors import MalformedError

SHOWN_CHARACTERS = 64

_PIECE = re.compile(r"[\s,]*(?P<lot>\S(?:.*?\S)??)=(?P<quantity>[0-9]{1,9})(?=[\s,]|$)")


def named_materials(text: str) -> tuple[Material, ...]:
    """From `lot=quantity`, with blanks, commas or new lines between them.

    MalformedError for what is not of that form.
    """
    found, at, text = [], 0, text.strip(" ,\t\r\n")
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            named = text[at:].strip(" ,\t\r\n")[:SHOWN_CHARACTERS]
            raise MalformedError(
                f"{named} names no material. Write the lot, an equals sign and how many, as in "
                "HBM-1=8.",
                field="materials",
            )
        found.append(Material(piece["lot"], int(piece["quantity"])))
        at = piece.end()
    return tuple(found)


def held_since(changes: Iterable[tuple[datetime, int]], quantity: int) -> datetime:
    """From when on a sum of changes is at least so much, all the time.

    changes: from when each counts, and what it adds; all of them come to at least the quantity.
    """
    sums: Counter[datetime] = Counter()
    for moment, change in changes:
        sums[moment] += change
    total, since = 0, None
    for moment, change in sorted(sums.items()):
        total += change
        since = (since or moment) if total >= quantity else None
    assert since is not None, "no more is taken back than was told"
    return since
