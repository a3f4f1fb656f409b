"""Quantities of one ledger event in a few words: what changed, not what merely stayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SAYINGS = {
    "bonus": "{} found extra",
    "merge-in": "{} merged in",
    "produced": "{} made",
    "returned": "{} given back",
    "reject": "{} rejected",
    "scrap": "{} scrapped",
    "split-out": "{} split off",
    "consumed": "{} used up",
}


@dataclass(frozen=True, slots=True)
class LineQuantity:
    """One line of an event. expected: what a conversion should have given, None without."""

    kind: str
    unit: str
    quantity: int
    expected: int | None


def quantity_words(lines: Sequence[LineQuantity], *, is_arrival: bool) -> list[str]:
    """`3 dies rejected`, and what is left where something changed; nothing for a plain move.

    lines: of one lot. Units of measure are told apart. is_arrival: what is there is always said.
    """
    units = list(dict.fromkeys(line.unit for line in lines))
    return [
        word
        for unit in units
        for word in _words([one for one in lines if one.unit == unit], is_arrival=is_arrival)
    ]


def good_count(lines: Sequence[LineQuantity]) -> int | None:
    """What the lot has afterwards; None where the event says nothing of quantities."""
    goods = [line.quantity for line in lines if line.kind == "good"]
    return goods[-1] if goods else None


def _words(lines: Sequence[LineQuantity], *, is_arrival: bool) -> list[str]:
    amounts = {line.kind: line.quantity for line in lines}
    words = []
    for line in lines:
        if line.kind in SAYINGS:
            text = SAYINGS[line.kind].format(counted(line.quantity, line.unit))
            words.append(text if line.expected is None else f"{text}, {line.expected:,} expected")
    if words or is_arrival or amounts.get("in") != amounts.get("good"):
        words.append(f"{counted(amounts.get('good', 0), lines[0].unit)} good")
    return words


def counted(quantity: int, unit: str) -> str:
    """`1 die`, `8 switches`."""
    ending = "" if quantity == 1 else "es" if unit.endswith("ch") else "s"
    return f"{quantity:,} {unit}{ending}"
