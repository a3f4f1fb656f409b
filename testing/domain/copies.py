"""Files that tell of one session twice: a cut or damaged copy and a good one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SHARE_MIN = 0.9
BEYOND_CHANCE = 0.2
NAMES = 3
InsertionMark = tuple[object, ...]
"""What two copies of one insertion share: part, x and y, then bins, site, flag and time."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One telling of a session. is_whole: nothing was cut or left out.

    doubt_count: what it says of itself that its records do not bear out.
    """

    is_whole: bool
    insertion_count: int
    sha256: str
    doubt_count: int = 0

    @property
    def worth(self) -> tuple[bool, int, int, str]:
        """The copy of most worth counts, in whatever order they came."""
        return self.is_whole, -self.doubt_count, self.insertion_count, self.sha256


def are_copies(
    one: Copy, other: Copy, marks: Iterable[InsertionMark], others: Iterable[InsertionMark]
) -> bool:
    """Whether two files of the same start on the same tester tell of the same insertions.

    Nine in ten of them must be in both, or one in five more than would be by chance: bits that
    turned over change many a mark, and other units tested alike share but what is common to all.
    Two whole files tell of equally many, and where they differ, both is asked.
    """
    mine, theirs = Counter(marks), Counter(others)
    fewer = min(mine.total(), theirs.total())
    if not fewer or mine == theirs:
        return fewer > 0
    told = SHARE_MIN, _by_chance(mine, theirs) + BEYOND_CHANCE
    if one.is_whole and other.is_whole:
        is_alike = mine.total() == theirs.total()
        return is_alike and (mine & theirs).total() >= max(told) * fewer
    return (mine & theirs).total() >= min(told) * fewer


def _by_chance(mine: Counter[InsertionMark], theirs: Counter[InsertionMark]) -> float:
    """How probable it is that two insertions of either differ in nothing but their names."""
    ours, others = _nameless(mine), _nameless(theirs)
    return sum(count * others[rest] for rest, count in ours.items()) / (
        mine.total() * theirs.total()
    )


def _nameless(marks: Counter[InsertionMark]) -> Counter[InsertionMark]:
    found: Counter[InsertionMark] = Counter()
    for mark, count in marks.items():
        found[mark[NAMES:]] += count
    return found
