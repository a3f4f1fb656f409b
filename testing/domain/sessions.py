"""Sessions off any wafer that only count their parts: part 7 of two of them may be two units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import numpy as np

from testing.domain.leads import Claims, Conflict, Decided, Leads, Settled
from testing.domain.records import MISSING
from testing.domain.retest import SUPERSEDES_BY_PART_ID
from testing.domain.words import ConflictKind, ConflictVerdict

SUBJECT = "counted parts"
DIGITS_MAX = 9
FIRST_MAX = 1
"""A count begins at 0 or 1."""
TOLD_RATIO_MIN = 0.9
"""Of the numbers up to the last; a cut or damaged file lacks some."""
FLAGGED_RATIO_MAX = 0.5
"""Beyond it the session says itself that its parts were tested before."""


def lead_sessions(claims: Claims, settled: Settled, leads: Leads) -> None:
    """Tell sessions that each count their parts; set them apart where somebody said so.

    Until then, as where they are said to be the same units, a number is one unit in all of them. A
    session that joins those that were judged makes all of them one set again, until it is, too.
    """
    counted = counted_sessions(claims)
    if len(counted) < 2:
        return
    names = tuple(sorted(f"run-{run}" for run in counted))
    leads.conflicts.add(Conflict(ConflictKind.COUNTED, SUBJECT, names))
    if _are_apart(settled.get((ConflictKind.COUNTED, SUBJECT)), names):
        for run, insertions in counted.items():
            for index in insertions:
                leads.split[index] = f"run-{run}#{claims.part_id[index]}"


def _are_apart(decided: Decided | None, names: Collection[str]) -> bool:
    is_different = decided is not None and decided.verdict is ConflictVerdict.DIFFERENT
    return is_different and decided is not None and decided.names.issuperset(names)


def counted_sessions(claims: Claims) -> dict[int, list[int]]:
    """Run → its insertions off a wafer whose part id is a number, of runs whose numbers count.

    Numbers count when they begin at 0 or 1 and hardly one is left out, so that they say how many
    parts there were and not which. Parts flagged as retests by part id say which they were.
    """
    off = np.flatnonzero(claims.wafer == MISSING)
    if len(np.unique(claims.run[off])) < 2:
        return {}
    by_run: dict[int, list[int]] = defaultdict(list)
    for index, run in zip(off.tolist(), claims.run[off].tolist(), strict=True):
        if _is_number(claims.part_id[index]):
            by_run[run].append(index)
    return {run: found for run, found in by_run.items() if _counts(claims, found)}


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) <= DIGITS_MAX


def _counts(claims: Claims, insertions: list[int]) -> bool:
    numbers = {int(claims.part_id[index]) for index in insertions}
    first, last = min(numbers), max(numbers)
    flagged = int(np.count_nonzero(claims.part_flag[insertions] & SUPERSEDES_BY_PART_ID))
    return (
        first <= FIRST_MAX
        and len(numbers) >= TOLD_RATIO_MIN * (last - first + 1)
        and flagged <= FLAGGED_RATIO_MAX * len(insertions)
    )
