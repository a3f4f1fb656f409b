"""Which insertion of a unit is its first, and which one decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from testing.domain.words import RetestPolicy

SUPERSEDES_BY_PART_ID = 0b01
SUPERSEDES_BY_COORDINATES = 0b10


@dataclass(frozen=True, slots=True)
class Insertion:
    """One insertion as the policies see it. is_flagged: the tester said that it supersedes."""

    unit_key: str
    is_passed: bool
    is_flagged: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Place of one insertion among its unit's. attempt: from 1; is_final: it decides."""

    attempt: int
    is_final: bool

    @property
    def is_first(self) -> bool:
        """Whether the unit had not been inserted before."""
        return self.attempt == 1


@dataclass(frozen=True, slots=True)
class RetestCounts:
    """Units by first and deciding insertion. retested: inserted more than once.

    recovered: failed first, passed in the deciding insertion.
    """

    insertions: int
    units: int
    first_passed: int
    final_passed: int
    retested: int
    recovered: int


def is_flagged_retest(part_flag: int) -> bool:
    """Whether PART_FLG says that the part supersedes an earlier one. Source: STDF V4, PRR."""
    return bool(part_flag & (SUPERSEDES_BY_PART_ID | SUPERSEDES_BY_COORDINATES))


def consolidate(insertions: Sequence[Insertion], policy: RetestPolicy) -> list[Standing]:
    """Standing of each insertion; insertions in the order they happened.

    LAST: the latest decides. BEST: the first that passed, else the latest. FLAGGED: the latest that
    a tester marked as superseding, else the first.
    """
    attempts: Counter[str] = Counter()
    numbers = []
    deciding: dict[str, int] = {}
    for index, insertion in enumerate(insertions):
        attempts[insertion.unit_key] += 1
        numbers.append(attempts[insertion.unit_key])
        before = deciding.get(insertion.unit_key)
        if before is None or _supersedes(insertion, insertions[before], policy):
            deciding[insertion.unit_key] = index
    finals = set(deciding.values())
    return [Standing(number, index in finals) for index, number in enumerate(numbers)]


def _supersedes(later: Insertion, earlier: Insertion, policy: RetestPolicy) -> bool:
    if policy is RetestPolicy.BEST:
        return not earlier.is_passed
    if policy is RetestPolicy.FLAGGED:
        return later.is_flagged
    return True


def retest_counts(insertions: Sequence[Insertion], policy: RetestPolicy) -> RetestCounts:
    """Units first passed, finally passed, retested and recovered under the policy."""
    standings = consolidate(insertions, policy)
    pairs = list(zip(insertions, standings, strict=True))
    first = {i.unit_key: i.is_passed for i, standing in pairs if standing.is_first}
    final = {i.unit_key: i.is_passed for i, standing in pairs if standing.is_final}
    return RetestCounts(
        insertions=len(pairs),
        units=len(first),
        first_passed=sum(first.values()),
        final_passed=sum(final.values()),
        retested=sum(standing.attempt == 2 for standing in standings),
        recovered=sum(final[key] and not passed for key, passed in first.items()),
    )
