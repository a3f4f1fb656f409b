"""What one revision of a program changes against another: tests, limits and bins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import inf


class Change(StrEnum):
    """Tightened: passes less than before. Loosened: passes more. Moved: some of both."""

    ADDED = "added"
    REMOVED = "removed"
    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    MOVED = "moved"
    UNITS = "units"
    VERDICT = "verdict"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A test as a revision has it; None = no limit on that side."""

    number: int
    text: str
    occurrence: int
    units: str
    low: float | None
    high: float | None

    @property
    def key(self) -> tuple[int, str, int]:
        """Who the test is."""
        return self.number, self.text, self.occurrence


@dataclass(frozen=True, slots=True)
class BinRow:
    """A bin as a revision has it. passes: None where it does not say."""

    kind: str
    number: int
    name: str
    passes: bool | None


@dataclass(frozen=True, slots=True)
class LimitChange:
    """before or after is None for what one side lacks."""

    before: LimitRow | None
    after: LimitRow | None
    change: Change


@dataclass(frozen=True, slots=True)
class BinChange:
    """The same of a bin."""

    before: BinRow | None
    after: BinRow | None
    change: Change


def limit_change(before: LimitRow, after: LimitRow) -> Change | None:
    """How the limits differ; None when they do not. Other units make limits incomparable."""
    if before.units != after.units:
        return Change.UNITS
    low = _bound(after.low, -inf) - _bound(before.low, -inf) if before.low != after.low else 0.0
    high = _bound(before.high, inf) - _bound(after.high, inf) if before.high != after.high else 0.0
    if low == high == 0:
        return None
    if low >= 0 and high >= 0:
        return Change.TIGHTENED
    return Change.LOOSENED if low <= 0 and high <= 0 else Change.MOVED


def own_limit_change(released: LimitRow, stated: LimitRow) -> Change | None:
    """How limits that a file states differ from its program's. None too where it states nothing.

    A file that is damaged, or has no record with limits, says nothing of them.
    """
    is_silent = not stated.units and stated.low is None and stated.high is None
    return None if is_silent else limit_change(released, stated)


def _bound(limit: float | None, otherwise: float) -> float:
    return otherwise if limit is None else limit


def limit_changes(before: Iterable[LimitRow], after: Iterable[LimitRow]) -> list[LimitChange]:
    """Tests that are not alike on both sides, by number, text and occurrence."""
    old, new = {one.key: one for one in before}, {one.key: one for one in after}
    found = []
    for key in sorted(old.keys() | new.keys()):
        left, right = old.get(key), new.get(key)
        if left is None or right is None:
            change: Change | None = Change.ADDED if left is None else Change.REMOVED
        else:
            change = limit_change(left, right)
        if change is not None:
            found.append(LimitChange(left, right, change))
    return found


def bin_changes(before: Iterable[BinRow], after: Iterable[BinRow]) -> list[BinChange]:
    """Bins that are not alike on both sides, by kind and number."""
    old = {(one.kind, one.number): one for one in before}
    new = {(one.kind, one.number): one for one in after}
    found = []
    for key in sorted(old.keys() | new.keys()):
        left, right = old.get(key), new.get(key)
        change = _bin_change(left, right)
        if change is not None:
            found.append(BinChange(left, right, change))
    return found


def _bin_change(before: BinRow | None, after: BinRow | None) -> Change | None:
    if before is None or after is None:
        return Change.ADDED if before is None else Change.REMOVED
    if before.passes != after.passes:
        return Change.VERDICT
    return Change.RENAMED if before.name != after.name else None
