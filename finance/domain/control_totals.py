"""Control totals: what somebody who adds up many rows compares their sums with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from finance.domain.money import ZERO


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of one unit of measure, one at least, summed. credit: minus or zero."""

    unit: str
    rows: int
    first_seq: int
    last_seq: int
    quantity: int
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """Of rows of the ledger. Money with six decimals; quantities by unit of measure."""

    rows: int
    first_seq: int | None
    last_seq: int | None
    debit: str
    credit: str
    amount: str
    quantities: dict[str, str]


def totals_of(parts: Iterable[Part]) -> Totals:
    """The parts together; without any, nothing from nowhere to nowhere."""
    known = list(parts)
    debit = sum((part.debit for part in known), ZERO)
    credit = sum((part.credit for part in known), ZERO)
    quantities: dict[str, int] = defaultdict(int)
    for part in known:
        quantities[part.unit] += part.quantity
    return Totals(
        rows=sum(part.rows for part in known),
        first_seq=min((part.first_seq for part in known), default=None),
        last_seq=max((part.last_seq for part in known), default=None),
        debit=f"{debit:.6f}",
        credit=f"{credit:.6f}",
        amount=f"{debit + credit:.6f}",
        quantities={unit: str(total) for unit, total in sorted(quantities.items())},
    )
