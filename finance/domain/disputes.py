"""Rules for counts: what is not there, or there beside what is known, is in dispute until settled.

A dispute that is more than nothing is of units missing, one below nothing of units counted extra.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from finance.domain.facts import Book, EventFacts
from finance.domain.legs import Holding, Holdings, Leg, Position, Worth, carry
from finance.domain.money import ZERO, rounded, share
from finance.domain.transfers import move, receive, relocated, standing_at
from finance.domain.words import Account, EntryKind

KIND = EntryKind.COUNT_DIFFERENCE


def arrive(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """What is received; a count that differs ends disputes of before, and the rest is one."""
    legs = receive(event, holdings, book)
    if event.counted is None or not holdings.get(event.lot):
        return legs
    after = _after(event, holdings, legs)
    return legs + _counted(event, after, event.counted, book, may_open=True)


def move_on(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """As a move. A count told with it ends disputes, and begins none: it may be out of date."""
    legs = move(event, holdings, book)
    if event.counted is None:
        return legs
    after = _after(event, holdings, legs)
    return legs + _counted(event, after, event.counted, book, may_open=False)


def _after(event: EventFacts, holdings: Holdings, legs: list[Leg]) -> Holding:
    after = {event.lot: dict(holdings.get(event.lot, {}))}
    carry(after, legs)
    return after[event.lot]


def _counted(
    event: EventFacts, holding: Holding, counted: int, book: Book, *, may_open: bool
) -> list[Leg]:
    """What was counted is compared with what most of the lot stands as."""
    if not holding:
        return []
    position = _standing(event, holding, book)
    found = counted - holding.get(position, Worth(0, ZERO)).quantity
    legs: list[Leg] = []
    for disputed, worth in holding.items():
        if disputed.account is Account.COUNT_ADJUSTMENT and disputed.unit == position.unit:
            part = _nearer(worth.quantity, found)
            ended = Worth(part, _share(worth, part))
            legs += _ended(event, disputed, ended, position, book) if part else []
            found -= part
    if not may_open or not found:
        return legs
    after = {event.lot: dict(holding)}
    carry(after, legs)
    return legs + _opened(event.lot, position, after[event.lot][position], -found)


def _standing(event: EventFacts, holding: Holding, book: Book) -> Position:
    """Where most of it stands; where its step puts it, if all of it is in dispute."""
    own = [
        (worth.quantity, position)
        for position, worth in holding.items()
        if position.account is not Account.COUNT_ADJUSTMENT
    ]
    if own:
        return max(own, key=lambda row: row[0])[1]
    like, lot = next(iter(holding)), event.lots[event.lot]
    place = book.place(event.step, like.unit, lot)
    return standing_at(lot, place, like, event.custodian or like.custodian, book)


def _nearer(disputed: int, found: int) -> int:
    """How much of the dispute ends: not more than was found, or found not to be there."""
    if disputed > 0:
        return max(0, min(disputed, found))
    return min(0, max(disputed, found))


def _share(worth: Worth, part: int) -> Decimal:
    return share(worth.amount, abs(part), abs(worth.quantity))


def _ended(
    event: EventFacts, disputed: Position, worth: Worth, position: Position, book: Book
) -> list[Leg]:
    """Back to what it was counted as, and from there to where its lot stands now.

    What was counted extra and is not there went that way with its lot, and comes back.
    """
    if worth.quantity < 0:
        there = Worth(-worth.quantity, -worth.amount)
        legs = _ended(event, disputed, there, position, book)
        return [replace(leg, quantity=-leg.quantity, amount=-leg.amount) for leg in legs]
    is_ours = disputed.owner == book.entity
    account = Account.INVENTORY if is_ours else Account.VENDOR_OWNED
    stood = replace(disputed, account=account, custodian=position.custodian)
    return [
        Leg(KIND, disputed, event.lot, -worth.quantity, -worth.amount),
        Leg(KIND, stood, event.lot, worth.quantity, worth.amount),
        *relocated(event.lots[event.lot], (stood, worth), position, book),
    ]


def _opened(lot: str, position: Position, worth: Worth, missing: int) -> list[Leg]:
    """Units not found stay with the lot, in dispute; extra is minus."""
    amount = rounded(worth.amount * missing / worth.quantity)
    disputed = replace(position, account=Account.COUNT_ADJUSTMENT)
    return [
        Leg(KIND, position, lot, -missing, -amount),
        Leg(KIND, disputed, lot, missing, amount),
    ]
