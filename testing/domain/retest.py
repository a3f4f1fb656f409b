"""Which insertion of a unit is its first, and which one decides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from testing.domain.words import RetestPolicy

SUPERSEDES_BY_PART_ID = 0b01
SUPERSEDES_BY_COORDINATES = 0b10


@dataclass(frozen=True, slots=True)
class Insertions:
    """Insertions as the policies see them, in the order they happened; columns are (insertion,).

    unit: int64, alike for insertions of one unit. is_flagged: the tester said that it supersedes.
    """

    unit: NDArray[np.int64]
    is_passed: NDArray[np.bool_]
    is_flagged: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Standings:
    """Place of each insertion among its unit's. attempt: int64, from 1; is_final: it decides."""

    attempt: NDArray[np.int64]
    is_final: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RetestCounts:
    """Units by first and deciding insertion. retested: inserted more than once.

    recovered: failed first, passed in the deciding insertion.
    """

    insertions: int = 0
    units: int = 0
    first_passed: int = 0
    final_passed: int = 0
    retested: int = 0
    recovered: int = 0


def is_flagged_retest(part_flag: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether PART_FLG says that the part supersedes an earlier one. Source: STDF V4, PRR."""
    marks = part_flag & (SUPERSEDES_BY_PART_ID | SUPERSEDES_BY_COORDINATES)
    return marks.astype(np.bool_)


def consolidate(insertions: Insertions, policy: RetestPolicy) -> Standings:
    """Standing of each insertion.

    LAST: the latest decides. BEST: the first that passed, else the latest. FLAGGED: the latest that
    a tester marked as superseding, else the first.
    """
    order, starts, attempt = _by_unit(insertions.unit)
    is_final = np.zeros(len(order), dtype=np.bool_)
    is_final[order[_deciding(insertions, policy, order, starts, attempt)]] = True
    placed = np.empty(len(order), dtype=np.int64)
    placed[order] = attempt
    return Standings(placed, is_final)


def retest_counts(insertions: Insertions, policy: RetestPolicy) -> RetestCounts:
    """Units first passed, finally passed, retested and recovered under the policy."""
    return counted(insertions, consolidate(insertions, policy))


def counted(insertions: Insertions, standings: Standings) -> RetestCounts:
    """Units by how their insertions stand."""
    unit, passed = insertions.unit, insertions.is_passed
    is_first = standings.attempt == 1
    final_passed = unit[standings.is_final & passed]
    return RetestCounts(
        insertions=len(unit),
        units=int(is_first.sum()),
        first_passed=int((is_first & passed).sum()),
        final_passed=len(final_passed),
        retested=int((standings.attempt == 2).sum()),
        recovered=int(np.isin(final_passed, unit[is_first & ~passed]).sum()),
    )


Places = NDArray[np.intp]


def _by_unit(unit: NDArray[np.int64]) -> tuple[Places, Places, NDArray[np.int64]]:
    """Order by unit and time, where each unit starts in it, and the attempt at each place."""
    order = np.argsort(unit, kind="stable")
    ordered = unit[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(unit)])
    lengths = np.diff(np.append(starts, len(unit)))
    attempt = np.arange(len(unit), dtype=np.int64) - np.repeat(starts, lengths) + 1
    return order, starts, attempt


def _deciding(
    insertions: Insertions,
    policy: RetestPolicy,
    order: Places,
    starts: Places,
    attempt: NDArray[np.int64],
) -> Places:
    """Place in the order of each unit's deciding insertion."""
    count = len(order)
    last = np.append(starts[1:], count)[: len(starts)] - 1
    if policy is RetestPolicy.LAST or not count:
        return last
    place = np.arange(count)
    if policy is RetestPolicy.BEST:
        passing = np.minimum.reduceat(np.where(insertions.is_passed[order], place, count), starts)
        return np.where(passing == count, last, passing)
    marked = insertions.is_flagged[order] & (attempt > 1)
    return np.maximum(np.maximum.reduceat(np.where(marked, place, -1), starts), starts)
