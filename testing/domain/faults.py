"""Burn-in fails told apart: does the socket fail whatever sits in it, or the unit wherever it sits?

Each place (socket, board or oven) is judged by how many of its loads failed against those of all
other places, by the hypergeometric upper tail (Fisher's exact test, one-sided): given all loads and
all fails, how likely are so many fails here if places make no difference. The p values of places of
one kind are adjusted together (Benjamini-Hochberg). A place is suspect when its adjusted p is small
and its fails are of several units: one unit failing again and again says nothing about the socket.
A unit that failed in two or more places is a fault of the die.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, floor, lgamma

METHOD = "fisher-upper-bh-v1"
SUSPECT_BELOW = 0.01
ROUNDING = 1e-9
UNITS_MIN = 2
"""Fewer failing units never make a place suspect."""


@dataclass(frozen=True, slots=True)
class SocketLoad:
    """One unit in one socket once."""

    unit: str
    place: Hashable
    is_failed: bool


class Fault(StrEnum):
    """What a fail most probably comes from."""

    SOCKET = "socket"
    DIE = "die"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A place over all its loads. failed_units: distinct. p_adjusted: over all places."""

    place: Hashable
    loads: int
    fails: int
    failed_units: int
    p_value: float
    p_adjusted: float

    @property
    def is_suspect(self) -> bool:
        """Whether it fails more than the others do, over several units."""
        return self.p_adjusted < SUSPECT_BELOW and self.failed_units >= UNITS_MIN


def upper_tail(fails: int, loads: int, all_fails: int, all_loads: int) -> float:
    """P(X >= fails), X the fails among loads drawn from all_loads of which all_fails failed.

    Exact sum of the hypergeometric distribution; 1 for no fails.
    """
    most = min(loads, all_fails)
    least = max(fails, 0, loads + all_fails - all_loads)
    total = sum(_probability(k, loads, all_fails, all_loads) for k in range(least, most + 1))
    return min(total, 1.0)


def _probability(k: int, loads: int, all_fails: int, all_loads: int) -> float:
    return exp(
        _log_choose(all_fails, k)
        + _log_choose(all_loads - all_fails, loads - k)
        - _log_choose(all_loads, loads)
    )


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def place_records(loads: Sequence[SocketLoad]) -> list[PlaceRecord]:
    """Every place, the least likely by chance first."""
    counts = Counter(load.place for load in loads)
    fails = Counter(load.place for load in loads if load.is_failed)
    units: dict[Hashable, set[str]] = defaultdict(set)
    for load in loads:
        if load.is_failed:
            units[load.place].add(load.unit)
    all_fails = sum(fails.values())
    p_values = {
        place: upper_tail(fails[place], count, all_fails, len(loads))
        for place, count in counts.items()
    }
    adjusted = _adjusted(p_values)
    records = [
        PlaceRecord(place, count, fails[place], len(units[place]), p_values[place], adjusted[place])
        for place, count in counts.items()
    ]
    return sorted(records, key=lambda one: (one.p_value, -one.fails, str(one.place)))


def _adjusted(p_values: Mapping[Hashable, float]) -> dict[Hashable, float]:
    """Benjamini-Hochberg: each p times count over rank, made monotone from the largest down."""
    ordered = sorted(p_values.items(), key=lambda pair: pair[1], reverse=True)
    adjusted: dict[Hashable, float] = {}
    least = 1.0
    for place, (key, p_value) in enumerate(ordered):
        least = min(least, p_value * len(ordered) / (len(ordered) - place))
        adjusted[key] = least
    return adjusted


def unit_faults(loads: Sequence[SocketLoad]) -> dict[str, Fault]:
    """Each unit that failed, and what its fails come from.

    Die: it failed in two or more places. Socket: its only failing place is suspect. Else open,
    until it is tried in another socket.
    """
    suspects = {record.place for record in place_records(loads) if record.is_suspect}
    places: dict[str, set[Hashable]] = defaultdict(set)
    for load in loads:
        if load.is_failed:
            places[load.unit].add(load.place)
    return {unit: _fault(failed_in, suspects) for unit, failed_in in places.items()}


def _fault(failed_in: set[Hashable], suspects: set[Hashable]) -> Fault:
    if len(failed_in - suspects) >= UNITS_MIN or (len(failed_in) >= UNITS_MIN and not suspects):
        return Fault.DIE
    if failed_in <= suspects:
        return Fault.SOCKET
    return Fault.DIE if len(failed_in) >= UNITS_MIN else Fault.OPEN


@dataclass(frozen=True, slots=True)
class Fallout:
    """Units that burn-in cost a lot, against the percent defective allowable (PDA).

    ratio_max: of the units submitted. One unit is always allowed, as a share of few says little:
    the ratio or one device, whichever is more. Source: MIL-STD-883, method 5004.
    """

    submitted: int
    failed: int
    ratio_max: float

    @property
    def ratio(self) -> float | None:
        """Failed over submitted; None for nothing submitted."""
        return self.failed / self.submitted if self.submitted else None

    @property
    def allowed(self) -> int:
        """The most units that may fail."""
        return max(floor(self.submitted * self.ratio_max + ROUNDING), 1)

    @property
    def is_exceeded(self) -> bool:
        """Whether the lot fails."""
        return self.failed > self.allowed
