"""X12 856 ship notices: what is announced, by lot, with serials or by count alone.

Source: ASC X12 856, levels S, O, P, T and I of HL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from intake.domain.x12 import Segment, Transaction, X12Error

KIND = "856"
LEVELS = {"S": "shipment", "O": "order", "T": "pallet", "P": "pack", "I": "item"}
PARENTS = {"S": ("",), "O": ("S",), "T": ("S", "O"), "P": ("S", "O", "T"), "I": tuple("SOTP")}
PRODUCT_QUALIFIERS = ("VP", "BP", "MG", "PN", "IN")
LOT_QUALIFIERS = {"LT", "BT"}
SERIAL_QUALIFIERS = {"SE", "SN"}
SERIAL_MARKS = {"L", "R", "SM", "SI", "SN"}


@dataclass(slots=True)
class Level:
    """One HL and what stands below it up to the next."""

    opened: Segment
    code: str
    segments: list[Segment] = field(default_factory=list)
    parent: Level | None = None


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One item. serials: empty when only counted. number: segment of its HL."""

    number: int
    lot: str
    product: str
    quantity: int
    serials: tuple[str, ...]
    declared_lot: str
    declared_wafer: str
    pack: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One transaction. date, time: as written, of the shipment, else of the notice."""

    shipment: str
    supplier: str
    date: str
    time: str
    number: int
    lines: tuple[NoticeLine, ...]


def notice_of(transaction: Transaction) -> Notice:
    """What a transaction announces. X12Error naming the segment that contradicts."""
    if transaction.kind != KIND:
        raise X12Error(
            f"{transaction.opened.place} is a {transaction.kind or 'nameless'} transaction; only "
            f"{KIND} is read here."
        )
    begin = _begin(transaction)
    levels = _levels(transaction)
    lines = tuple(_line(level) for level in levels if level.code == "I")
    if not lines:
        raise X12Error(f"{begin.place}: shipment {begin.get(2)} names no item (HL level I).")
    _check_totals(transaction, levels, lines)
    shipped = _shipped(levels, begin)
    return Notice(
        shipment=begin.get(2),
        supplier=_ship_from(levels) or transaction.sender,
        date=shipped[0],
        time=shipped[1],
        number=transaction.opened.number,
        lines=lines,
    )


def _begin(transaction: Transaction) -> Segment:
    first = transaction.segments[0] if transaction.segments else transaction.opened
    if first.name != "BSN":
        raise X12Error(f"{first.place}: BSN was expected behind ST.")
    if not first.get(2):
        raise X12Error(f"{first.place}: element 2, the shipment's number, is empty.")
    return first


def _levels(transaction: Transaction) -> list[Level]:
    """Levels in order, each with its parent."""
    levels: dict[str, Level] = {}
    current: Level | None = None
    for segment in transaction.segments:
        if segment.name == "HL":
            current = _opened(segment, levels)
            levels[segment.get(1)] = current
        elif current is not None:
            current.segments.append(segment)
    return list(levels.values())


def _opened(segment: Segment, levels: dict[str, Level]) -> Level:
    number, parent_number, code = segment.get(1), segment.get(2), segment.get(3)
    if code not in LEVELS:
        known = ", ".join(f"{one} {name}" for one, name in LEVELS.items())
        raise X12Error(f"{segment.place}: level {code!r} is not known. Known: {known}.")
    if not number or number in levels:
        raise X12Error(f"{segment.place}: number {number!r} of the level is missing or repeated.")
    parent = levels.get(parent_number)
    if parent_number and parent is None:
        raise X12Error(f"{segment.place}: its parent level {parent_number} did not come before.")
    if (parent.code if parent else "") not in PARENTS[code]:
        above = LEVELS[parent.code] if parent else "nothing"
        raise X12Error(f"{segment.place}: {LEVELS[code]} stands below {above}.")
    return Level(segment, code, parent=parent)


def _line(level: Level) -> NoticeLine:
    product = _product(level.segments)
    if not product:
        raise X12Error(f"{level.opened.place}: the item has no LIN with a product code.")
    serials = _serials(level.segments)
    counted = _quantity(level, serials)
    if serials and len(serials) != counted:
        raise X12Error(
            f"{level.opened.place}: SN1 says {counted}, {len(serials)} serials are named. Ask the "
            "sender which is right."
        )
    lot = _nearest(level, _lot)
    if not lot:
        raise X12Error(f"{level.opened.place}: no lot is named (REF*LT, or LT in LIN).")
    return NoticeLine(
        number=level.opened.number,
        lot=lot,
        product=product,
        quantity=counted,
        serials=serials,
        declared_lot=_referred(level.segments, "WL"),
        declared_wafer=_referred(level.segments, "WF"),
        pack=_nearest(level, _pack),
    )


def _product(segments: Sequence[Segment]) -> str:
    pairs = dict(pair for segment in segments if segment.name == "LIN" for pair in segment.pairs(2))
    return next((pairs[name] for name in PRODUCT_QUALIFIERS if pairs.get(name)), "")


def _quantity(level: Level, serials: Sequence[str]) -> int:
    counts = [segment.whole(2) for segment in level.segments if segment.name == "SN1"]
    if not counts and not serials:
        raise X12Error(f"{level.opened.place}: neither SN1 nor serials say how many.")
    return sum(counts) if counts else len(serials)


def _serials(segments: Sequence[Segment]) -> tuple[str, ...]:
    found: list[str] = []
    for segment in segments:
        if segment.name == "REF" and segment.get(1) in SERIAL_QUALIFIERS:
            found.append(segment.get(2))
        elif segment.name == "MAN" and segment.get(1) in SERIAL_MARKS:
            found += [segment.get(2), *([segment.get(3)] if segment.get(3) else [])]
        elif segment.name == "LIN":
            found += [value for name, value in segment.pairs(2) if name == "SN" and value]
    if len(set(found)) < len(found):
        twice, _ = Counter(found).most_common(1)[0]
        raise X12Error(f"{segments[0].place}: serial {twice!r} is named twice.")
    return tuple(found)


def _lot(level: Level) -> str:
    for segment in level.segments:
        if segment.name == "REF" and segment.get(1) in LOT_QUALIFIERS:
            return segment.get(2)
        if segment.name == "LIN":
            lots = [value for name, value in segment.pairs(2) if name in LOT_QUALIFIERS]
            if lots:
                return lots[0]
    return ""


def _pack(level: Level) -> str:
    marks = [one for one in level.segments if one.name == "MAN" and one.get(1) not in SERIAL_MARKS]
    return marks[0].get(2) if marks and level.code in {"P", "T"} else ""


def _referred(segments: Sequence[Segment], qualifier: str) -> str:
    found = (one.get(2) for one in segments if one.name == "REF" and one.get(1) == qualifier)
    return next(found, "")


def _nearest(level: Level, read: Callable[[Level], str]) -> str:
    """What the level says, else the one above it."""
    value = read(level)
    return value or (_nearest(level.parent, read) if level.parent else "")


def _shipped(levels: Sequence[Level], begin: Segment) -> tuple[str, str]:
    """Date and time of DTM*011, else of the BSN."""
    for level in levels:
        for segment in level.segments:
            if level.code == "S" and segment.name == "DTM" and segment.get(1) == "011":
                return segment.get(2), segment.get(3)
    return begin.get(3), begin.get(4)


def _ship_from(levels: Sequence[Level]) -> str:
    """The code behind N1*SF."""
    for level in levels:
        for segment in level.segments:
            if segment.name == "N1" and segment.get(1) == "SF":
                return segment.get(4) or segment.get(2)
    return ""


def _check_totals(
    transaction: Transaction, levels: Sequence[Level], lines: Sequence[NoticeLine]
) -> None:
    """CTT counts the levels, and may sum what is shipped."""
    for segment in transaction.segments:
        if segment.name != "CTT":
            continue
        if segment.whole(1) != len(levels):
            raise X12Error(
                f"{segment.place} counts {segment.get(1)} HL levels, {len(levels)} are there."
            )
        shipped = sum(line.quantity for line in lines)
        if segment.get(2) and segment.whole(2) != shipped:
            raise X12Error(
                f"{segment.place} sums {segment.get(2)} units, the items announce {shipped}."
            )
