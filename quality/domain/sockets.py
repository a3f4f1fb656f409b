"""A socket that fails more units than its siblings on the same board in the same oven load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quality.domain.multiplicity import benjamini_hochberg

METHOD = "stratified-exact-bh-v1"


@dataclass(frozen=True, slots=True)
class BoardLoad:
    """All units on one board in one load of an oven, those of the socket in question among them."""

    units: int
    fails: int

    @property
    def ratio(self) -> float:
        """Failed of the units, 0 to 1."""
        return self.fails / self.units


@dataclass(frozen=True, slots=True)
class SocketRecord:
    """A socket over the loads it was in. fails: of its own units, one a load."""

    board_loads: tuple[BoardLoad, ...]
    fails: int

    @property
    def loads(self) -> int:
        """How many units it held, one each time."""
        return len(self.board_loads)

    @property
    def ratio(self) -> float:
        """Failed of its own units, 0 to 1."""
        return self.fails / self.loads

    @property
    def expected(self) -> float:
        """Fails if it made no difference where on the board a unit sits."""
        return sum(one.ratio for one in self.board_loads)


def chance_of_fails(record: SocketRecord) -> float:
    """Chance of so many fails or more if it made no difference where on the board a unit sits.

    Exact: given the fails of each board in each load, a socket's unit is one of them with chance
    fails ÷ units, load by load. So a bad lot, oven or board is no reason to blame a socket.
    """
    counts = [1.0]
    for one in record.board_loads:
        stays, fails = (1 - one.ratio), one.ratio
        counts = [
            stays * same + fails * less
            for same, less in zip([*counts, 0.0], [0.0, *counts], strict=True)
        ]
    return min(1.0, sum(counts[record.fails :]))


def adjusted_chances(
    records: Sequence[SocketRecord], socket_count: int
) -> list[tuple[float, float]]:
    """p of each, and adjusted for all sockets there are, of which the others count as p 1."""
    chances = [chance_of_fails(one) for one in records]
    return list(zip(chances, benjamini_hochberg(chances, socket_count), strict=True))
