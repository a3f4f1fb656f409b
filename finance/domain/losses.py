"""Rules for what is lost and found: at the value of its step, normal or abnormal by its reason.

What is lost in service is retired, whatever the reason.
"""

from __future__ import annotations

from dataclasses import replace

from finance.domain.facts import Book, EventFacts, LineFacts, Lost
from finance.domain.legs import Holding, Holdings, Leg, Position, Worth, carry, over_counted, taken
from finance.domain.transfers import move, standing_at, supplied
from finance.domain.words import Account, EntryKind
from finance.domain.write_downs import left_behind
from lots.domain.words import LineKind

GONE = frozenset({LineKind.SCRAP, LineKind.LOSS})


def scrap(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """Units out at what they carry; abnormal unless the reason is listed. A vendor's go back.

    In service they are retired: what they carry is the loss on disposal.

    A loss is posted as scrap is: what is found again comes back as a bonus.
    """
    legs: list[Leg] = []
    for line in event.lines:
        if line.kind in GONE and line.quantity:
            lost = Lost(event.reason, line.quantity)
            legs += _lost(event, line, lost, holdings.get(line.lot, {}), book)
    return legs


def bonus(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """Units found extra come in at standard, against what scrap is charged to."""
    legs: list[Leg] = []
    for line in event.lines:
        if line.kind is LineKind.BONUS and line.quantity:
            legs += _found(event, line, event.reason, holdings.get(line.lot, {}), book)
    return legs


def track_out(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """What was lost goes out by its own reason, what was found comes in, and the rest moves on."""
    line = next(line for line in event.lines if line.kind is LineKind.GOOD)
    after = {event.lot: dict(holdings.get(event.lot, {}))}
    legs: list[Leg] = []
    for lost in event.lost:
        gone = _lost(event, line, lost, after[event.lot], book)
        carry(after, gone)
        legs += gone
    extra = [one for one in event.lines if one.kind is LineKind.BONUS and one.quantity]
    for one in extra:
        found = _found(event, one, event.bonus_reason, after[event.lot], book)
        carry(after, found)
        legs += found
    return legs + move(event, after, book)


def undo(event: EventFacts, holdings: Holdings, _book: Book) -> list[Leg]:
    """A correction takes back, to the cent, what the event it names has posted.

    What was written down or revalued since goes where the units go; where there are none any more,
    there was nothing to write down or revalue.
    """
    legs = [replace(leg, quantity=-leg.quantity, amount=-leg.amount) for leg in event.undone]
    written_down = {lot for lot, facts in event.lots.items() if facts.is_written_down}
    return legs + left_behind(event.lots, written_down, holdings, legs)


def _lost(
    event: EventFacts, line: LineFacts, lost: Lost, holding: Holding, book: Book
) -> list[Leg]:
    legs: list[Leg] = []
    """Units that are missing are those in dispute; what is lost otherwise was there."""
    is_missing = lost.reason in book.missing_reasons
    rows = taken(line.lot, holding, line.unit, lost.quantity, disputed_first=is_missing)
    for position, worth in rows:
        kind, account = _charged(position, lost.reason, book)
        legs.append(Leg(kind, position, line.lot, -worth.quantity, -worth.amount))
        if position.account is Account.VENDOR_OWNED:
            legs.append(supplied(event.lots[line.lot], position, kind, worth))
        else:
            gone = replace(position, account=account)
            legs.append(Leg(kind, gone, line.lot, worth.quantity, worth.amount))
    return legs


def _found(
    event: EventFacts, line: LineFacts, reason: str, holding: Holding, book: Book
) -> list[Leg]:
    """Units that a count told before end the dispute about them: their place has them already."""
    counted = over_counted(holding, line.unit, line.quantity)
    legs = [
        leg
        for there, worth in counted
        for leg in _came_back(line.lot, there, worth, _charged(there, reason, book))
    ]
    quantity = line.quantity - sum(worth.quantity for _, worth in counted)
    return legs + _come_in(event, replace(line, quantity=quantity), reason, holding, book)


def _come_in(
    event: EventFacts, line: LineFacts, reason: str, holding: Holding, book: Book
) -> list[Leg]:
    if not line.quantity:
        return []
    position = _position(event, line, holding, book)
    supplier = event.lots[line.lot].vendor
    worth = Worth(line.quantity, book.value(position, line.quantity, supplier))
    kind, account = _charged(position, reason, book)
    if position.account is Account.VENDOR_OWNED:
        came = Leg(kind, position, line.lot, worth.quantity, worth.amount)
        back = Worth(-worth.quantity, -worth.amount)
        return [came, supplied(event.lots[line.lot], position, kind, back)]
    return _came_back(line.lot, position, worth, (kind, account))


def _came_back(
    lot: str, position: Position, worth: Worth, charged: tuple[EntryKind, Account]
) -> list[Leg]:
    kind, account = charged
    return [
        Leg(kind, position, lot, worth.quantity, worth.amount),
        Leg(kind, replace(position, account=account), lot, -worth.quantity, -worth.amount),
    ]


def _position(event: EventFacts, line: LineFacts, holding: Holding, book: Book) -> Position:
    """Where most of the lot stands; for one that carries nothing, where its step puts it."""
    own = [
        (worth.quantity, position)
        for position, worth in holding.items()
        if position.unit == line.unit and position.account is not Account.COUNT_ADJUSTMENT
    ]
    if own:
        return max(own, key=lambda row: row[0])[1]
    lot = event.lots[line.lot]
    place = book.place(event.step, line.unit, lot)
    like = Position(place.account, place.stage, lot.item, line.unit, "", event.custodian)
    return standing_at(lot, place, like, event.custodian, book)


def _charged(position: Position, reason: str, book: Book) -> tuple[EntryKind, Account]:
    if position.account is Account.FIXED_ASSET:
        return EntryKind.RETIREMENT, Account.RETIREMENT
    is_normal = reason in book.normal_scrap_reasons
    return EntryKind.SCRAP, Account.NORMAL_SCRAP if is_normal else Account.ABNORMAL_SCRAP
