"""Which part of a genealogy stands unfolded: a little at first, and then what was turned."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s

GROUP_MIN = 9  # like things beside one another, from which they fold into one
SHOWN_AT_ONCE = 24  # things beside one another, before the rest is asked for
ROWS_AT_FIRST, COLUMNS_AT_FIRST = 12, 4
TURNED_MAX = 200


@dataclass(frozen=True, slots=True)
class Knot:
    """A thing in the drawing. key: names it; address: its own genealogy, where it has one.

    group: what many of its like are called together; empty where it always stands by itself.
    is_fold: stands for others, which it shows when it is turned.
    """

    key: str
    name: str
    note: str = ""
    address: str = ""
    group: str = ""
    is_former: bool = False
    is_declared: bool = False
    is_fold: bool = False


Neighbours = Mapping[str, Sequence[Knot]]
"""Key of a knot → what comes next beyond it."""


@dataclass(slots=True)
class Place:
    """A knot at one place of a side. turn: names the place; path: keys on the way to it.

    follows: what may come next; beyond: what does, where it is open. is_rest: it stands for the
    rest of those beside it, which come below it.
    """

    knot: Knot
    turn: str
    column: int
    path: frozenset[str]
    follows: Sequence[Knot] = ()
    is_rest: bool = False
    is_open: bool = False
    beyond: list[Place] = field(default_factory=list)


def turned_of(word: str) -> frozenset[str]:
    """Names of places from an address, parted by dots; at most TURNED_MAX."""
    return frozenset([one for one in word.split(".") if one][:TURNED_MAX])


def unfolded(itself: Knot, side: str, neighbours: Neighbours, turned: frozenset[str]) -> Place:
    """The places of one side that are seen, from the thing itself on."""
    gathered = _gathered(neighbours)
    at_first = _open_at_first(_start(itself, side, gathered), gathered)
    start = _start(itself, side, gathered)
    waiting = deque([start])
    while waiting:
        place = waiting.popleft()
        if place.is_rest or not place.follows:
            continue
        place.is_open = (place.turn in at_first) != (place.turn in turned)
        if place.is_open:
            place.beyond = list(_beyond(place, gathered, turned))
            waiting += place.beyond
    return start


def _gathered(neighbours: Neighbours) -> Neighbours:
    """Many like things beside one another stand under one that folds them."""
    found: dict[str, list[Knot]] = {}
    for key, all_knots in neighbours.items():
        knots = {knot.key: knot for knot in all_knots}.values()
        sizes = Counter(knot.group for knot in knots)
        beside: dict[str, Knot] = {}
        for knot in knots:
            if not knot.group or sizes[knot.group] < GROUP_MIN:
                beside[knot.key] = knot
                continue
            fold = Knot(f"{key}/{knot.group}", f"{sizes[knot.group]:,} {knot.group}", is_fold=True)
            beside[fold.key] = fold
            found.setdefault(fold.key, []).append(knot)
        found[key] = list(beside.values())
    return found


def _start(itself: Knot, side: str, neighbours: Neighbours) -> Place:
    path = frozenset([itself.key])
    return Place(itself, _turn(side, itself.key), 0, path, neighbours.get(itself.key, ()))


def _open_at_first(start: Place, neighbours: Neighbours) -> set[str]:
    """Nearest first, as long as there is room; what stands for others waits to be asked for."""
    found: set[str] = set()
    rows, waiting = 1, deque([start])
    while waiting:
        place = waiting.popleft()
        more = min(len(place.follows), SHOWN_AT_ONCE) - 1
        has_room = place is start or rows + more <= ROWS_AT_FIRST
        is_near = not place.knot.is_fold and place.column < COLUMNS_AT_FIRST
        if place.follows and has_room and is_near:
            rows += more
            found.add(place.turn)
            waiting += _beyond(place, neighbours, frozenset())
    return found


def _beyond(place: Place, neighbours: Neighbours, turned: frozenset[str]) -> Iterator[Place]:
    """What follows the place, as many as are shown at once; the rest by a fold of its own."""
    for begin in range(0, len(place.follows), SHOWN_AT_ONCE):
        if begin:
            rest = _rest(place, begin, turned)
            yield rest
            if not rest.is_open:
                return
        for knot in place.follows[begin : begin + SHOWN_AT_ONCE]:
            # What was on the way already is not followed again: lots split off may merge back.
            follows = () if knot.key in place.path else neighbours.get(knot.key, ())
            turn, path = _turn(place.turn, knot.key), place.path | {knot.key}
            yield Place(knot, turn, place.column + 1, path, follows)


def _rest(place: Place, begin: int, turned: frozenset[str]) -> Place:
    follows = place.follows[begin:]
    turn = _turn(place.turn, f"+{begin}")
    is_open = turn in turned
    name = f"{min(len(follows), SHOWN_AT_ONCE):,} more" if is_open else f"and {len(follows):,} more"
    knot = Knot(f"{place.knot.key}+{begin}", name, is_fold=True)
    return Place(knot, turn, place.column + 1, place.path, follows, is_rest=True, is_open=is_open)


def _turn(before: str, key: str) -> str:
    """A short name of a place, the same whenever it is drawn."""
    return blake2s(f"{before}/{key}".encode(), digest_size=5).hexdigest()
