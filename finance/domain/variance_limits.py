"""A cost variance beside what was valued at standard in the same month."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from finance.domain.money import ZERO

METHOD = "variance-share-v1"


@dataclass(frozen=True, slots=True)
class VarianceLimit:
    """amount_min: less is left alone. ratio_max: of the value at standard."""

    amount_min: Decimal
    ratio_max: Decimal


@dataclass(frozen=True, slots=True)
class MonthVariance:
    """What differed from standard of one kind, item and stage in a month; a loss is positive.

    standard: value that came into the stage at standard in that month, 0 where nothing came.
    """

    amount: Decimal
    standard: Decimal

    @property
    def sign(self) -> str:
        """`loss` or `gain`."""
        return "loss" if self.amount > ZERO else "gain"

    @property
    def ratio(self) -> Decimal | None:
        """Of the standard, with the variance's sign; None where nothing came into the stage."""
        return self.amount / self.standard if self.standard > ZERO else None

    def allowed(self, limit: VarianceLimit) -> Decimal:
        """The most that the month may differ by, either way."""
        return max(limit.amount_min, limit.ratio_max * self.standard)

    def is_beyond(self, limit: VarianceLimit) -> bool:
        """Strictly: on the limit passes. A gain as large says as much about the standard."""
        return abs(self.amount) > self.allowed(limit)

    def times(self, limit: VarianceLimit) -> int:
        """How many times the limit, rounded down; 0 where any variance is beyond it."""
        allowed = self.allowed(limit)
        return int(abs(self.amount) / allowed) if allowed else 0
