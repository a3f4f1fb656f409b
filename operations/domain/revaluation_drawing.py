"""What a revaluation moves, as bars from the middle: less to the left, more to the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from finance.domain.revaluations import StockTotal

HALF = 50.0
THINNEST = 0.6


@dataclass(frozen=True, slots=True)
class DifferenceBar:
    """An item at a stage. left, width: in hundredths of the picture. ratio: of what was carried.

    ratio is None where nothing was carried.
    """

    total: StockTotal
    left: float
    width: float
    ratio: Decimal | None


def draw_differences(totals: Sequence[StockTotal]) -> list[DifferenceBar]:
    """A bar for each, on one scale, in their order. One that is not zero can be seen."""
    longest = max((abs(total.difference) for total in totals), default=Decimal(0))
    return [_bar(total, longest) for total in totals]


def _bar(total: StockTotal, longest: Decimal) -> DifferenceBar:
    width = 0.0
    if total.difference:
        width = max(THINNEST, round(HALF * float(abs(total.difference) / longest), 2))
    left = HALF if total.difference > 0 else round(HALF - width, 2)
    ratio = total.difference / total.carried if total.carried else None
    return DifferenceBar(total, left, width, ratio)
