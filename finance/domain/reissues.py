"""The rule where an assembly took its material from other lots than it said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from finance.domain.conversions import into_conversion
from finance.domain.facts import Book, EventFacts, LineFacts
from finance.domain.legs import Holding, Holdings, Leg, Position, Worth, taken
from finance.domain.money import ZERO, share
from finance.domain.transfers import against, is_under_way, relocated, standing_at, supplied
from finance.domain.words import Account, EntryKind
from lots.domain.words import LineKind

USED = frozenset({EntryKind.CONSUMPTION, EntryKind.PURCHASE})


def reissue(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """What was posted of the lot named goes back; the lot that gave the parts is used instead.

    event.undone: all that was posted of the assembly so far. What was built keeps its value: where
    the two lots are carried at different amounts, the difference is a change of standard.
    """
    legs: list[Leg] = []
    for line in _of(event, LineKind.PRODUCED):
        legs += _returned(event, line, holdings.get(line.lot, {}), book)
    for line in _of(event, LineKind.CONSUMED):
        holding = holdings.get(line.lot, {})
        for position, carried in taken(line.lot, holding, line.unit, line.quantity):
            legs += into_conversion(event, line.lot, position, carried, book)
    used = _converted(legs)
    for item in sorted({leg.position.item for leg in used}):
        legs += _changed(event, [leg for leg in used if leg.position.item == item])
    return legs


def _changed(event: EventFacts, used: list[Leg]) -> list[Leg]:
    """What the item's conversion came to differently is a variance of the item."""
    kind, like = EntryKind.STANDARD_CHANGE, used[-1].position
    changed = sum((leg.amount for leg in used), ZERO)
    return [
        *against(kind, Account.VARIANCE, like, event.lot, changed),
        *against(kind, Account.CONVERSION, like, event.lot, -changed),
    ]


def _returned(event: EventFacts, line: LineFacts, holding: Holding, book: Book) -> list[Leg]:
    """Out of conversion to where they were, and on to where the rest of their lot is now."""
    legs: list[Leg] = []
    posted = [leg for leg in event.undone if leg.lot == line.lot and leg.kind in USED]
    gone = _sums(
        replace(leg, quantity=-leg.quantity, amount=-leg.amount)
        for leg in posted
        if leg.position.account not in {Account.CONVERSION, Account.SUPPLIER}
    )
    used = _sums(_converted(posted))
    for position, worth in taken(line.lot, gone, line.unit, line.quantity):
        converted = replace(position, account=Account.CONVERSION)
        amount = _paid(position, worth, used[converted])
        kind, quantity = EntryKind.CONSUMPTION, worth.quantity
        legs.append(Leg(kind, converted, line.lot, -quantity, -amount))
        legs.append(Leg(kind, position, line.lot, quantity, worth.amount))
        if amount != worth.amount:
            back = Worth(0, amount - worth.amount)
            legs.append(supplied(event.lots[line.lot], position, EntryKind.PURCHASE, back))
        stands = _standing(event, line.lot, holding, position, book)
        legs += relocated(event.lots[line.lot], (position, worth), stands, book)
    return legs


def _paid(position: Position, worth: Worth, used: Worth) -> Decimal:
    """What so many units came into conversion at; the vendor's own at what was paid for them."""
    if position.account is not Account.VENDOR_OWNED:
        return worth.amount
    return share(used.amount, worth.quantity, used.quantity)


def _standing(
    event: EventFacts, lot: str, holding: Holding, position: Position, book: Book
) -> Position:
    """Where most of the lot stands; a lot that is used up, where it lives again."""
    rest = [
        (worth.quantity, other)
        for other, worth in holding.items()
        if other.unit == position.unit and other.account is not Account.COUNT_ADJUSTMENT
    ]
    if rest:
        return max(rest, key=lambda row: row[0])[1]
    return _revived(event, lot, position, book)


def _revived(event: EventFacts, lot: str, like: Position, book: Book) -> Position:
    """By its step, and in transit if it was shipped; as it was used where nobody told."""
    revived = event.revived.get(lot)
    if revived is None:
        return like
    facts = event.lots[lot]
    place = book.place(revived.step, like.unit, facts)
    stands = standing_at(facts, place, like, revived.custodian, book)
    if revived.bound_for and is_under_way(stands.account, title_passed=revived.title_passed):
        return replace(
            stands,
            account=Account.IN_TRANSIT,
            owner=book.entity,
            custodian=revived.bound_for,
        )
    return stands


def _sums(legs: Iterable[Leg]) -> Holding:
    sums: Holding = {}
    for leg in legs:
        old = sums.get(leg.position, Worth(0, ZERO))
        sums[leg.position] = Worth(old.quantity + leg.quantity, old.amount + leg.amount)
    return {position: worth for position, worth in sums.items() if worth.quantity}


def _converted(legs: Iterable[Leg]) -> list[Leg]:
    return [leg for leg in legs if leg.position.account is Account.CONVERSION and leg.quantity]


def _of(event: EventFacts, kind: LineKind) -> list[LineFacts]:
    return [line for line in event.lines if line.kind is kind and line.quantity]
