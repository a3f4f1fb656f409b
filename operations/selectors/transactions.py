"""One transaction of the subledger with the event behind it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from finance.domain.money import ZERO
from finance.domain.queries import SEQ_MAX
from finance.models import LedgerEntry
from finance.selectors.lines import transaction_lines
from lots.models import Event


@dataclass(frozen=True, slots=True)
class TransactionView:
    """first: a line that tells what all of them share. units: what is left of each unit, zero."""

    number: int
    first: LedgerEntry
    lines: list[LedgerEntry]
    event: Event | None
    units: list[tuple[str, int]]
    amount: Decimal

    @property
    def last(self) -> LedgerEntry:
        """Its hash is of every line up to it."""
        return self.lines[-1]


def transaction_view(number: int) -> TransactionView:
    """MissingError for one that there is not."""
    lines = transaction_lines(min(number, SEQ_MAX))
    first = lines[0]
    events = Event.objects.select_related("lot", "actor", "step_from", "step_to")
    units: dict[str, int] = {}
    for line in lines:
        units[line.unit_of_measure] = units.get(line.unit_of_measure, 0) + line.quantity
    return TransactionView(
        number=number,
        first=first,
        lines=lines,
        event=events.filter(seq=first.source_seq).first() if first.source_seq else None,
        units=list(units.items()),
        amount=sum((line.amount for line in lines), ZERO),
    )
