"""Rules for what comes in, changes place, or passes from lot to lot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from finance.domain.errors import MissingStageError
from finance.domain.facts import ENGINEERING, Book, EventFacts, LotFacts, Place
from finance.domain.legs import Holding, Holdings, Leg, Position, Worth, over_counted, taken
from finance.domain.money import ZERO, rounded
from finance.domain.words import PLACES, Account, EntryKind
from lots.domain.words import LineKind, Verb

SHIPPABLE = frozenset({Account.INVENTORY, Account.CONSTRUCTION, Account.FIXED_ASSET})


def receive(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """A new lot, or more for one, comes from its supplier; a shipped one arrives."""
    return _newcomers(event, holdings.get(event.lot, {}), book) + move(event, holdings, book)


def move(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """The lot stands at another step: from bucket to bucket, what was added being absorbed."""
    lot = event.lots[event.lot]
    legs: list[Leg] = []
    for position, worth in holdings.get(event.lot, {}).items():
        if position.account is not Account.COUNT_ADJUSTMENT:
            place = book.place(event.step, position.unit, lot)
            custodian = event.custodian or position.custodian
            legs += relocated(
                lot, (position, worth), standing_at(lot, place, position, custodian, book), book
            )
    return legs


def revalue(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """A lot that became engineering material is worth nothing from now on, or something again."""
    lot = event.lots[event.lot]
    legs: list[Leg] = []
    for position, worth in holdings.get(event.lot, {}).items():
        if position.account in PLACES and (position.stage == ENGINEERING) is lot.is_valued:
            place = book.place(event.step, position.unit, lot)
            new = standing_at(lot, place, position, position.custodian, book)
            legs += relocated(lot, (position, worth), new, book)
    return legs


def ship(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """Ours is in transit until it arrives; the vendor's own stays the vendor's, or becomes ours."""
    legs: list[Leg] = []
    for position, worth in holdings.get(event.lot, {}).items():
        if is_under_way(position.account, title_passed=event.title_passes):
            custodian = event.custodian or position.custodian
            new = replace(
                position, account=Account.IN_TRANSIT, owner=book.entity, custodian=custodian
            )
            legs += relocated(event.lots[event.lot], (position, worth), new, book)
    return legs


def is_under_way(account: Account, *, title_passed: bool) -> bool:
    """Whether what stood on the account is in transit once its lot is shipped."""
    return account in SHIPPABLE or (title_passed and account is Account.VENDOR_OWNED)


def regroup(event: EventFacts, holdings: Holdings, _book: Book) -> list[Leg]:
    """Split, merge and bin: from lot to lot at the same place and the same amount.

    What is binned down is of its new lot's item from now on.
    """
    legs: list[Leg] = []
    for source, unit, quantity in _outgoing(event):
        target = event.lot if event.verb is Verb.MERGE else _child(event)
        for position, worth in taken(source, holdings.get(source, {}), unit, quantity):
            item = event.lots[target].item if event.verb is Verb.BIN else position.item
            legs += _carried_over(source, position, target, replace(position, item=item), worth)
    return legs


def swap(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """The part taken out is carried at what the part put in was: the whole keeps its value.

    A bad one is abnormal scrap, unless its reason is listed.
    """
    legs: list[Leg] = []
    is_bad = any(line.kind is LineKind.REJECT and line.quantity for line in event.lines)
    is_normal = event.reason in book.normal_scrap_reasons
    account = Account.NORMAL_SCRAP if is_normal else Account.ABNORMAL_SCRAP
    for line in event.lines:
        if line.kind is not LineKind.CONSUMED or not line.quantity:
            continue
        holding = holdings.get(line.lot, {})
        for position, worth in taken(line.lot, holding, line.unit, line.quantity):
            after = replace(position, account=account)
            if not is_bad:
                after = _returned(event, position, book)
            legs += _carried_over(line.lot, position, event.lot, after, worth)
    return legs


def _returned(event: EventFacts, like: Position, book: Book) -> Position:
    """With the rest of the lot it comes to; as the part put in was, where its step has no stage."""
    lot = event.lots[event.lot]
    try:
        place = book.place(event.step, like.unit, lot)
    except MissingStageError:
        return like
    return standing_at(lot, place, like, event.custodian or like.custodian, book)


def supplied(lot: LotFacts, like: Position, kind: EntryKind, worth: Worth) -> Leg:
    """The supplier's side: minus is what we owe for, plus what goes back."""
    position = replace(like, account=Account.SUPPLIER, stage="", owner=lot.vendor)
    return Leg(kind, position, lot.code, worth.quantity, worth.amount)


def against(
    kind: EntryKind, account: Account, like: Position, lot: str, amount: Decimal
) -> list[Leg]:
    """Money without units on an account beside the position; no leg for nothing."""
    return [Leg(kind, replace(like, account=account), lot, 0, amount)] if amount else []


def _newcomers(event: EventFacts, holding: Holding, book: Book) -> list[Leg]:
    """What is received and was counted before ends the dispute about it."""
    lot = event.lots[event.lot]
    kind = LineKind.BONUS if holding else LineKind.GOOD
    legs: list[Leg] = []
    for line in event.lines:
        if line.lot == event.lot and line.kind is kind and line.quantity:
            counted = over_counted(holding, line.unit, line.quantity)
            for there, came in counted:
                legs += _received_late(lot, there, came, book)
            quantity = line.quantity - sum(came.quantity for _, came in counted)
            if not quantity:
                continue
            place = book.place(event.step, line.unit, lot)
            like = Position(place.account, place.stage, lot.item, line.unit, "", event.custodian)
            position = standing_at(lot, place, like, event.custodian, book)
            came = Worth(quantity, book.value(position, quantity, lot.vendor))
            legs += _received(lot, position, came)
    return legs


def _received(lot: LotFacts, position: Position, came: Worth) -> list[Leg]:
    paid = Worth(-came.quantity, -came.amount)
    return [
        supplied(lot, position, EntryKind.RECEIPT, paid),
        Leg(EntryKind.RECEIPT, position, lot.code, came.quantity, came.amount),
    ]


def _received_late(lot: LotFacts, there: Position, came: Worth, book: Book) -> list[Leg]:
    """The vendor's own, counted before, was bought with the rest of its lot, or will be."""
    if there.owner == book.entity:
        return _received(lot, there, came)
    kind, other = EntryKind.RECEIPT, replace(there, account=Account.ABNORMAL_SCRAP)
    return [
        Leg(kind, other, lot.code, -came.quantity, -came.amount),
        Leg(kind, there, lot.code, came.quantity, came.amount),
    ]


def standing_at(
    lot: LotFacts, place: Place, like: Position, custodian: str, book: Book
) -> Position:
    """The position of the lot at a place; until title passes the vendor owns it."""
    owner = lot.vendor if place.account is Account.VENDOR_OWNED else book.entity
    return replace(like, account=place.account, stage=place.stage, owner=owner, custodian=custodian)


def relocated(
    lot: LotFacts, carried: tuple[Position, Worth], new: Position, book: Book
) -> list[Leg]:
    """What the lot carries at one position goes to another one, at the value of that.

    What a written-down lot carries below standard it carries below that of the new place too; back
    from engineering, where it was worth nothing, it is not written up. What it is carried at beyond
    the standard of its own place is a variance.
    """
    old, worth = carried
    if new == old:
        return []
    is_not_written_up = lot.is_written_down and old.stage == ENGINEERING
    if is_not_written_up or (new.stage == old.stage and new.owner == old.owner):
        return _carried_over(lot.code, old, lot.code, new, worth)
    before, after = (book.value(place, worth.quantity, lot.vendor) for place in (old, new))
    changed = worth.amount - before
    kept = max(min(changed, ZERO), -after) if lot.is_written_down else ZERO
    legs = [
        Leg(EntryKind.TRANSFER, old, lot.code, -worth.quantity, -worth.amount),
        Leg(EntryKind.TRANSFER, new, lot.code, worth.quantity, after + kept),
    ]
    beyond = changed - kept
    if Account.VENDOR_OWNED in {old.account, new.account}:
        legs.append(supplied(lot, new, EntryKind.PURCHASE, Worth(0, before - after)))
    elif book.is_way_back(old.stage, new.stage):
        way = _way(lot, new, old, worth.quantity, book)
        legs += _worked(lot, new, new, way.turned)
        legs += against(EntryKind.STANDARD_CHANGE, Account.VARIANCE, old, lot.code, -way.own)
    else:
        way = _way(lot, old, new, worth.quantity, book)
        legs += _worked(lot, old, new, way)
        beyond += way.own
    return legs + against(EntryKind.STANDARD_CHANGE, Account.VARIANCE, new, lot.code, beyond)


@dataclass(frozen=True, slots=True)
class _Way:
    """What the way from a stage to a later one does at standard; the way back takes it back.

    lost: planned losses that the units that came bear. work: what is added. own: what the cost of
    the lot's supplier is beyond that of all others at the first stage, where the later one has only
    that of all others.
    """

    lost: Decimal
    work: Decimal
    own: Decimal

    @property
    def turned(self) -> _Way:
        return _Way(-self.lost, -self.work, -self.own)


def _way(lot: LotFacts, start: Position, end: Position, quantity: int, book: Book) -> _Way:
    is_own = book.has_own(end.item, end.stage, lot.vendor)
    before = book.value_in(start, quantity, lot.vendor, is_own=is_own)
    after = book.value(end, quantity, lot.vendor)
    lost, ratio = ZERO, book.standard(end.item, end.stage, lot.vendor).yield_ratio
    if ratio is not None and start.stage != ENGINEERING:
        lost = max(min(rounded(before / ratio) - before, after - before), ZERO)
    own = book.value(start, quantity, lot.vendor) - before
    return _Way(lost, after - before - lost, own)


def _worked(lot: LotFacts, lost_at: Position, new: Position, way: _Way) -> list[Leg]:
    """Planned losses are taken out of normal scrap, where they went; the rest is work."""
    return [
        *against(EntryKind.NORMAL_LOSS, Account.NORMAL_SCRAP, lost_at, lot.code, -way.lost),
        *against(EntryKind.ABSORPTION, Account.CONVERSION, new, lot.code, -way.work),
    ]


def _carried_over(
    source: str, old: Position, target: str, new: Position, worth: Worth
) -> list[Leg]:
    return [
        Leg(EntryKind.TRANSFER, old, source, -worth.quantity, -worth.amount),
        Leg(EntryKind.TRANSFER, new, target, worth.quantity, worth.amount),
    ]


def _outgoing(event: EventFacts) -> Iterator[tuple[str, str, int]]:
    for line in event.lines:
        if line.kind is LineKind.SPLIT_OUT and line.quantity:
            yield line.lot, line.unit, line.quantity


def _child(event: EventFacts) -> str:
    children = {line.lot for line in event.lines} - {event.lot}
    assert len(children) == 1, "a split has one child"
    return children.pop()
