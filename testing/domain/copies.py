"""Files that tell of one session twice: a cut or damaged copy and a good one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SHARE_MIN = 0.9
InsertionMark = tuple[object, ...]
"""What two copies of one insertion share: part, place, bins, site, flag and time."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One telling of a session. is_whole: nothing was cut or left out."""

    is_whole: bool
    insertion_count: int
    sha256: str

    @property
    def worth(self) -> tuple[bool, int, str]:
        """The copy of most worth counts, in whatever order they came."""
        return self.is_whole, self.insertion_count, self.sha256


def are_copies(
    one: Copy, other: Copy, marks: Iterable[InsertionMark], others: Iterable[InsertionMark]
) -> bool:
    """Whether two files of the same start on the same tester tell of the same insertions.

    Two whole ones must tell the same; of a cut or damaged one, nine in ten must be in the other.
    """
    mine, theirs = Counter(marks), Counter(others)
    if one.is_whole and other.is_whole:
        return mine == theirs
    fewer = min(mine.total(), theirs.total())
    return fewer > 0 and (mine & theirs).total() >= SHARE_MIN * fewer
