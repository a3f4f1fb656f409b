"""What an issue puts at risk, and how severe that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from notices.domain.words import Severity


@dataclass(frozen=True, slots=True)
class Stake:
    """A lot as it stood when it was flagged. amount: what the books carry it at; None: unknown."""

    units: int
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Raising:
    """From how much at risk an issue is a step more severe; None: never."""

    units: int | None = None
    amount: Decimal | None = None


def severity_at(severity: Severity, stake: Stake | None, raising: Raising) -> Severity:
    """One step up from so many units or so much money on; critical stays critical."""
    if stake is None:
        return severity
    is_many = raising.units is not None and stake.units >= raising.units
    is_dear = (
        raising.amount is not None and stake.amount is not None and stake.amount >= raising.amount
    )
    ranks = list(Severity)
    step = 1 if is_many or is_dear else 0
    return ranks[min(severity.rank + step, len(ranks) - 1)]
