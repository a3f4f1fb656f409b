"""Rules where one thing becomes another: wafers become dies, parts become a package or a sled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from finance.domain.errors import QuantityError
from finance.domain.facts import Book, EventFacts, LineFacts, Standard
from finance.domain.legs import Holdings, Leg, Position, Worth, taken
from finance.domain.money import ZERO, expected_count, worth
from finance.domain.transfers import against, supplied
from finance.domain.words import Account, EntryKind
from lots.domain.words import LineKind


@dataclass(frozen=True, slots=True)
class _Output:
    """What came out, by fate. expected: gross units planned; normal: rejects planned of them."""

    good: int
    reject: int
    expected: int
    normal: int


def convert(event: EventFacts, holdings: Holdings, book: Book) -> list[Leg]:
    """Dice and assemble: inputs at what they carry, good output at standard, each loss a line.

    Rejects up to the standard yield cost nothing: the good units bear them. Rejects beyond it are
    a yield variance at the cost of a good unit, gains are negative, and units that the map promised
    and nobody found are a variance of their own. What is left in conversion is the work absorbed.
    What written-down inputs carry below standard, the good output carries below its own. What the
    own cost of a supplier is beyond that of all others is a variance, unless the output has a cost
    of that supplier, too.
    """
    produced = _line(event, LineKind.PRODUCED)
    if produced is None:
        raise QuantityError(
            f"Lot {event.lot} consumed and produced nothing. Scrap what was lost.", lot=event.lot
        )
    legs, custodian = _consumed(event, holdings, book)
    lot = event.lots[event.lot]
    place = book.place(event.step, produced.unit, lot)
    item = event.output_item or lot.item
    position = Position(place.account, place.stage, item, produced.unit, book.entity, custodian)
    standard = book.standard(item, place.stage, lot.vendor)
    own = lot.vendor if book.has_own(item, place.stage, lot.vendor) else ""
    changed = _beyond_standard(event, legs, own, book)
    output = _output(event, produced, standard)
    kept = max(_written_down(event, legs, book), -worth(standard.unit_cost, output.good))
    legs += _produced(position, event.lot, output, standard.unit_cost)
    legs += against(EntryKind.WRITE_DOWN, position.account, position, event.lot, kept)
    beyond = changed - kept
    legs += against(EntryKind.STANDARD_CHANGE, Account.VARIANCE, position, event.lot, beyond)
    return legs + against(
        EntryKind.STANDARD_CHANGE, Account.CONVERSION, position, event.lot, -changed
    )


def _consumed(event: EventFacts, holdings: Holdings, book: Book) -> tuple[list[Leg], str]:
    """Every input out of its place and into conversion, and who had the first of them."""
    legs: list[Leg] = []
    custodian = event.custodian
    for line in event.lines:
        if line.kind is not LineKind.CONSUMED or not line.quantity:
            continue
        holding = holdings.get(line.lot, {})
        for position, carried in taken(line.lot, holding, line.unit, line.quantity):
            custodian = custodian or position.custodian
            legs += into_conversion(event, line.lot, position, carried, book)
    return legs, custodian


def into_conversion(
    event: EventFacts, lot: str, position: Position, carried: Worth, book: Book
) -> list[Leg]:
    """What a lot carries goes into conversion; the vendor's own is bought by being used."""
    kind, legs, amount = EntryKind.CONSUMPTION, [], carried.amount
    if position.account is Account.VENDOR_OWNED:
        vendor = event.lots[lot].vendor
        cost = book.standard(position.item, position.stage, vendor).unit_cost
        amount = worth(cost, carried.quantity)
        paid = Worth(0, carried.amount - amount)
        legs = [supplied(event.lots[lot], position, EntryKind.PURCHASE, paid)]
    used = replace(position, account=Account.CONVERSION)
    return [
        Leg(kind, position, lot, -carried.quantity, -carried.amount),
        *legs,
        Leg(kind, used, lot, carried.quantity, amount),
    ]


def _beyond_standard(event: EventFacts, legs: list[Leg], own: str, book: Book) -> Decimal:
    """What the inputs are carried at, over what they would be at today's standard.

    own: whose standard the output has, "" for that of all suppliers.
    """
    over = ZERO
    for leg in legs:
        if leg.position.account is Account.CONVERSION:
            vendor = event.lots[leg.lot].vendor
            over += leg.amount - book.value_in(
                leg.position, leg.quantity, vendor, is_own=vendor == own
            )
    return over


def _written_down(event: EventFacts, legs: list[Leg], book: Book) -> Decimal:
    """What written-down inputs are carried at below today's standard: zero or less."""
    short = (
        leg.amount - book.value(leg.position, leg.quantity, event.lots[leg.lot].vendor)
        for leg in legs
        if leg.position.account is Account.CONVERSION and event.lots[leg.lot].is_written_down
    )
    return sum((min(amount, ZERO) for amount in short), ZERO)


def _output(event: EventFacts, produced: LineFacts, standard: Standard) -> _Output:
    rejected = _line(event, LineKind.REJECT)
    reject = rejected.quantity if rejected else 0
    expected = produced.quantity if produced.expected is None else produced.expected
    normal = reject
    if standard.yield_ratio is not None:
        normal = expected - expected_count(expected, standard.yield_ratio)
    return _Output(produced.quantity - reject, reject, expected, normal)


def _produced(position: Position, lot: str, output: _Output, cost: Decimal) -> list[Leg]:
    beyond = output.reject - output.normal
    missing = output.expected - output.good - output.reject
    legs = [
        (
            EntryKind.PRODUCTION,
            Account.CONVERSION,
            -output.expected,
            output.normal - output.expected,
        ),
        (EntryKind.PRODUCTION, position.account, output.good, output.good),
        (EntryKind.NORMAL_LOSS, Account.NORMAL_SCRAP, output.normal, 0),
        (EntryKind.YIELD_VARIANCE, Account.VARIANCE, beyond, beyond),
        (EntryKind.MAP_COUNT_VARIANCE, Account.VARIANCE, missing, missing),
    ]
    return [
        Leg(kind, replace(position, account=account), lot, quantity, worth(cost, at_cost))
        for kind, account, quantity, at_cost in legs
        if quantity
    ]


def _line(event: EventFacts, kind: LineKind) -> LineFacts | None:
    """The event lot's line of that kind that counts something."""
    found = [
        line
        for line in event.lines
        if line.lot == event.lot and line.kind is kind and line.quantity
    ]
    assert len(found) <= 1, f"one {kind} line at most"
    return found[0] if found else None
