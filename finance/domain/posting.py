"""From an event of the lots ledger to a balanced transaction of the subledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from finance.domain.conversions import convert
from finance.domain.disputes import arrive, move_on
from finance.domain.errors import QuantityError
from finance.domain.facts import Book, EventFacts
from finance.domain.legs import Holdings, Leg, carried_quantity, carry, imbalance
from finance.domain.losses import bonus, scrap, track_out, undo
from finance.domain.money import AMOUNT_LIMIT, ZERO
from finance.domain.reissues import reissue
from finance.domain.transfers import move, regroup, revalue, ship, swap
from lots.domain.words import LineKind, Verb

Rule = Callable[[EventFacts, Holdings, Book], list[Leg]]

RULES: Mapping[Verb, Rule] = MappingProxyType(
    {
        Verb.RECEIVE: arrive,
        Verb.MOVE: move_on,
        Verb.SPLIT: regroup,
        Verb.MERGE: regroup,
        Verb.SHIP: ship,
        Verb.DICE: convert,
        Verb.ASSEMBLE: convert,
        Verb.SCRAP: scrap,
        Verb.LOSS: scrap,
        Verb.BONUS: bonus,
        Verb.TRACK_OUT: track_out,
        Verb.BIN: regroup,
        Verb.SWAP: swap,
        Verb.REISSUE: reissue,
        Verb.CORRECT: undo,
        Verb.REWORK_IN: move,
        Verb.REROUTE: move,
        Verb.AMEND: revalue,
    }
)
"""Verbs that move quantity or money. A hold, a bank and leaving for rework do neither."""


def post(event: EventFacts, holdings: Holdings, book: Book) -> tuple[Leg, ...]:
    """Legs of the event, summing to zero per unit and in money; none where nothing changes.

    holdings: what the lots carry before it; brought up to date in place. PostingError (and no
    change) when the event cannot be valued or the two ledgers would come apart.
    """
    rule = RULES.get(event.verb)
    legs = tuple(rule(event, holdings, book)) if rule else ()
    assert not imbalance(legs), f"{event.verb} of {event.lot} does not balance"
    after = {line.lot: dict(holdings.get(line.lot, {})) for line in event.lines}
    carry(after, legs)
    _agree(event, after)
    _refuse_oversized(event, legs)
    holdings.update(after)
    return legs


def _agree(event: EventFacts, holdings: Holdings) -> None:
    for line in event.lines:
        if line.kind is not LineKind.GOOD:
            continue
        carried = carried_quantity(holdings[line.lot], line.unit)
        if carried != line.quantity:
            raise QuantityError(
                f"After this event lot {line.lot} has {line.quantity} {line.unit} in the lots "
                f"ledger but {carried} in the subledger. Look for an event posted wrongly.",
                lot=line.lot,
                good=line.quantity,
                carried=carried,
            )


def _refuse_oversized(event: EventFacts, legs: tuple[Leg, ...]) -> None:
    """One absurd count must not stop the posting of everything behind it."""
    largest = max((abs(leg.amount) for leg in legs), default=ZERO)
    if largest >= AMOUNT_LIMIT:
        raise QuantityError(
            f"This event of lot {event.lot} is worth {largest}, more than a line can hold. "
            "Look for a wrong quantity or standard cost.",
            lot=event.lot,
            amount=str(largest),
        )
