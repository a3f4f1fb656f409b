"""Quantities: what came in equals what went out, for every event, lot and unit of measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lots.domain.commands import QUANTITY_MAX
from lots.domain.errors import QuantityError
from lots.domain.words import LineKind, UnitOfMeasure

INCOMING = frozenset({LineKind.IN, LineKind.BONUS, LineKind.MERGE_IN, LineKind.PRODUCED})


@dataclass(frozen=True, slots=True)
class Line:
    """One quantity of one lot in one event. expected: what a conversion should have given."""

    lot_id: int
    unit_of_measure: UnitOfMeasure
    kind: LineKind
    quantity: int
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What a lot has of one unit of measure before the event."""

    lot_id: int
    lot_code: str
    unit_of_measure: UnitOfMeasure
    quantity: int


def lines_of(
    holding: Holding,
    changes: Mapping[LineKind, int] | None = None,
    expected: Mapping[LineKind, int | None] | None = None,
) -> tuple[Line, ...]:
    """Balanced lines: "in", every change that is not zero, and "good" as what remains.

    QuantityError when more would leave than the lot has, or remain than a lot may hold.
    """
    changes, expected = changes or {}, expected or {}
    good = holding.quantity + sum(sign(kind) * count for kind, count in changes.items())
    if good < 0:
        raise QuantityError(
            f"Lot {holding.lot_code} has {holding.quantity} {holding.unit_of_measure}; "
            f"{holding.quantity - good} cannot leave it. Check the quantity.",
            lot=holding.lot_code,
            quantity=holding.quantity,
        )
    if good > QUANTITY_MAX:
        raise QuantityError(
            f"Lot {holding.lot_code} would hold {good} {holding.unit_of_measure}; "
            f"a lot holds at most {QUANTITY_MAX:,}. Keep the rest in a lot of its own.",
            lot=holding.lot_code,
            quantity=good,
        )
    quantities = {LineKind.IN: holding.quantity, **changes, LineKind.GOOD: good}
    return tuple(
        Line(holding.lot_id, holding.unit_of_measure, kind, count, expected.get(kind))
        for kind, count in quantities.items()
        if count or kind in {LineKind.IN, LineKind.GOOD} or expected.get(kind) is not None
    )


def sign(kind: LineKind) -> int:
    """+1 for what comes in, -1 for what goes out or remains."""
    return 1 if kind in INCOMING else -1


def imbalances(lines: Iterable[Line]) -> dict[tuple[int, UnitOfMeasure], int]:
    """Lot and unit of measure → what came in minus what went out, where that is not zero."""
    sums: dict[tuple[int, UnitOfMeasure], int] = {}
    for line in lines:
        key = (line.lot_id, line.unit_of_measure)
        sums[key] = sums.get(key, 0) + sign(line.kind) * line.quantity
    return {key: amount for key, amount in sums.items() if amount}
