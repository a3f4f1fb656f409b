"""Where part ids and flags lead an insertion that its position alone does not identify."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from testing.domain.records import MISSING, MISSING_COORDINATE
from testing.domain.retest import SUPERSEDES_BY_COORDINATES, SUPERSEDES_BY_PART_ID
from testing.domain.words import ConflictKind, ConflictVerdict

SERIAL_CHARACTERS_MIN = 4
PLACES_MAX = 20
"""A part id at more positions than these is a word like NONE, and names no die."""

POSITION = re.compile(r"[\dXxYy\W_]*")


@dataclass(frozen=True, slots=True)
class Claims:
    """What insertions say of whose they are, in any order; every column is (insertion,).

    wafer: int64, our row, -1 = off any wafer. x, y: int32, -32768 = missing. part_flag: uint8.
    run: int64, our row. index: int32, place in the run. part_id: as `stored_text` leaves it.
    """

    wafer: NDArray[np.int64]
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    part_id: Sequence[str]
    part_flag: NDArray[np.uint8]
    run: NDArray[np.int64]
    index: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.wafer)

    def is_placed(self) -> NDArray[np.bool_]:
        """On a wafer with both coordinates."""
        found: NDArray[np.bool_] = (self.wafer != MISSING) & self.has_coordinates()
        return found

    def has_coordinates(self) -> NDArray[np.bool_]:
        """Both of them."""
        found: NDArray[np.bool_] = (self.x != MISSING_COORDINATE) & (self.y != MISSING_COORDINATE)
        return found


class Conflict(NamedTuple):
    """Two identities that contradict each other. subject: where or who; names: what contradicts."""

    kind: ConflictKind
    subject: str
    names: tuple[str, ...]


def is_serial(name: str) -> bool:
    """Whether a part id names one die wherever it turns up, as an ECID does.

    A bare number only counts the parts of one session, and a position, as X12Y7 or 12_-7, repeats
    on every wafer.
    """
    return len(name) >= SERIAL_CHARACTERS_MIN and POSITION.fullmatch(name) is None


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decided of a contradiction. names: those that contradicted each other then."""

    verdict: ConflictVerdict
    names: frozenset[str]

    def merges(self, names: Iterable[str]) -> bool:
        """Whether these are one die by it; one that came since was not judged."""
        return self.verdict is ConflictVerdict.SAME and self.names.issuperset(names)


Settled = Mapping[tuple[ConflictKind, str], Decided]
Place = tuple[int, int, int]
"""Wafer, x and y."""


@dataclass(slots=True)
class Leads:
    """twins: insertion → one of the same unit. split: insertion → key of a unit of its own."""

    twins: dict[int, int] = field(default_factory=dict)
    split: dict[int, str] = field(default_factory=dict)
    conflicts: set[Conflict] = field(default_factory=set)


@dataclass(slots=True)
class Placed:
    """Placed insertions whose part id matters. ids: place → part id → the first insertion.

    places: wafer and part id → places.
    """

    ids: dict[Place, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    places: dict[tuple[int, str], set[Place]] = field(default_factory=lambda: defaultdict(set))


def found_leads(claims: Claims, settled: Settled) -> Leads:
    """Insertions that are not of the unit that they alone would tell."""
    leads = Leads()
    loose = _loose_on_wafers(claims)
    placed = _placed(claims, {(wafer, name) for _, wafer, name in loose})
    torn = _two_places(placed)
    leads.conflicts |= {Conflict(ConflictKind.TWO_PLACES, name, places) for name, places in torn}
    for place, ids in placed.ids.items():
        serials = tuple(sorted(filter(is_serial, ids)))
        if len(serials) > 1:
            leads.conflicts.add(Conflict(ConflictKind.TWO_IDS, place_key(place), serials))
    apart = {
        one.subject
        for one in leads.conflicts
        if one.kind is ConflictKind.TWO_IDS and not _is_merged(one, settled)
    }
    _split(claims, apart, leads)
    for index, wafer, name in loose:
        _lead_by_name(index, (wafer, name), placed, apart, leads)
    _lead_by_coordinates(claims, leads)
    return leads


def _is_merged(one: Conflict, settled: Settled) -> bool:
    decided = settled.get((one.kind, one.subject))
    return decided is not None and decided.merges(one.names)


def place_key(place: Place) -> str:
    """Key of a die by its position."""
    return ":".join(map(str, place))


def place_of(key: str) -> Place:
    """The position behind a key of `place_key`; off a wafer there is none but x and y."""
    numbers = [int(word) for word in key.split(":")]
    x, y = numbers[-2:]
    return (numbers[0] if len(numbers) > 2 else MISSING), x, y


def _loose_on_wafers(claims: Claims) -> list[tuple[int, int, str]]:
    """Insertion, wafer and part id of those on a wafer that only their part id can identify."""
    where = (claims.wafer != MISSING) & ~claims.is_placed()
    if not where.any():
        return []
    by_id = (claims.part_flag & SUPERSEDES_BY_PART_ID) != 0
    return [
        (index, int(claims.wafer[index]), name)
        for index, name in _named(claims.part_id, where)
        if by_id[index] or is_serial(name)
    ]


def _named(part_ids: Sequence[str], where: NDArray[np.bool_]) -> Iterator[tuple[int, str]]:
    for index, (name, is_wanted) in enumerate(zip(part_ids, where.tolist(), strict=True)):
        if is_wanted and name:
            yield index, name


def _placed(claims: Claims, wanted: set[tuple[int, str]]) -> Placed:
    found = Placed()
    for index, name in _named(claims.part_id, claims.is_placed()):
        wafer = int(claims.wafer[index])
        if is_serial(name) or (wafer, name) in wanted:
            place = wafer, int(claims.x[index]), int(claims.y[index])
            found.ids[place].setdefault(name, index)
            found.places[wafer, name].add(place)
    return found


def _two_places(placed: Placed) -> list[tuple[str, tuple[str, ...]]]:
    """Serials that stand at several places, on one wafer or on several."""
    places: dict[str, set[Place]] = defaultdict(set)
    for (_, name), found in placed.places.items():
        if is_serial(name):
            places[name] |= found
    return [
        (name, tuple(map(place_key, sorted(found))))
        for name, found in places.items()
        if 1 < len(found) <= PLACES_MAX
    ]


def _split(claims: Claims, apart: set[str], leads: Leads) -> None:
    if not apart:
        return
    for index, name in _named(claims.part_id, claims.is_placed()):
        key = place_key((int(claims.wafer[index]), int(claims.x[index]), int(claims.y[index])))
        if key in apart and is_serial(name):
            leads.split[index] = f"{key}#{name}"


def _lead_by_name(
    index: int, known: tuple[int, str], placed: Placed, apart: set[str], leads: Leads
) -> None:
    places = placed.places.get(known, set())
    if 1 < len(places) <= PLACES_MAX:
        keys = tuple(map(place_key, sorted(places)))
        leads.conflicts.add(Conflict(ConflictKind.TWO_PLACES, known[1], keys))
    if len(places) != 1:
        return
    (place,) = places
    if place_key(place) in apart and is_serial(known[1]):
        leads.split[index] = f"{place_key(place)}#{known[1]}"
    else:
        leads.twins[index] = placed.ids[place][known[1]]


def _lead_by_coordinates(claims: Claims, leads: Leads) -> None:
    """Off a wafer, a part that supersedes by X/Y is the one that was there before it."""
    off = (claims.wafer == MISSING) & claims.has_coordinates()
    by_place = off & ((claims.part_flag & SUPERSEDES_BY_COORDINATES) != 0)
    if not by_place.any():
        return
    there: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for index, name in _named(claims.part_id, off & ~by_place):
        there[int(claims.x[index]), int(claims.y[index])].setdefault(name, index)
    for index in np.flatnonzero(by_place).tolist():
        x, y, name = int(claims.x[index]), int(claims.y[index]), claims.part_id[index]
        others = {other: twin for other, twin in there[x, y].items() if other != name}
        if not others or name in there[x, y]:
            continue
        are_serials = is_serial(name) and any(map(is_serial, others))
        if len(others) > 1 or are_serials:
            names = tuple(sorted({*others, name} - {""}))
            leads.conflicts.add(Conflict(ConflictKind.TWO_IDS, f"{x}:{y}", names))
        else:
            leads.twins[index] = next(iter(others.values()))
