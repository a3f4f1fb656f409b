"""Yields from counts. Counts are pooled; yields are never averaged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class YieldCounts:
    """Distinct units of one scope at one step.

    first_passed: at their first insertion. final_passed: by the deciding insertion. retested: with
    more than one insertion. recovered: failed first, passed by the deciding one.
    """

    tested: int = 0
    first_passed: int = 0
    final_passed: int = 0
    retested: int = 0
    recovered: int = 0

    def __post_init__(self) -> None:
        assert 0 <= self.first_passed <= self.tested
        assert 0 <= self.final_passed <= self.tested
        assert 0 <= self.recovered <= self.retested <= self.tested

    @property
    def first_ratio(self) -> float | None:
        """Passed at first insertion, of the units tested; None for no units."""
        return ratio(self.first_passed, self.tested)

    @property
    def final_ratio(self) -> float | None:
        """Passed by the deciding insertion, of the units tested; None for no units."""
        return ratio(self.final_passed, self.tested)

    @property
    def recovery_ratio(self) -> float | None:
        """Recovered, of the units retested; None when none was."""
        return ratio(self.recovered, self.retested)

    @property
    def retest_ratio(self) -> float | None:
        """Retested, of the units tested; None for no units."""
        return ratio(self.retested, self.tested)


def ratio(part: int, whole: int) -> float | None:
    """part / whole; None for an empty whole."""
    return part / whole if whole else None


def pooled(counts: Iterable[YieldCounts]) -> YieldCounts:
    """Sums of every count."""
    rows = list(counts)
    return YieldCounts(
        tested=sum(row.tested for row in rows),
        first_passed=sum(row.first_passed for row in rows),
        final_passed=sum(row.final_passed for row in rows),
        retested=sum(row.retested for row in rows),
        recovered=sum(row.recovered for row in rows),
    )


def step_ratio(entered: int, scrapped: int, reworked: int = 0) -> float | None:
    """(n - scrap - rework) / n of one step; None when nothing entered."""
    assert 0 <= scrapped + reworked <= entered
    return ratio(entered - scrapped - reworked, entered)


def rolled_ratio(ratios: Iterable[float | None]) -> float | None:
    """Product over the steps that have a yield; None when none has. Source: RTY, Six Sigma."""
    known = [value for value in ratios if value is not None]
    return math.prod(known) if known else None


def defects_per_million(defects: int, opportunities: int) -> float:
    """DPMO; opportunities > 0."""
    return defects / opportunities * 1e6


def execution_ratio(passed_steps: int, executed_steps: int) -> float | None:
    """Step executions that passed, of all that ran, repeats included."""
    return ratio(passed_steps, executed_steps)


def stack_ratio(die_ratio: float, die_count: int) -> float:
    """Chance that every die of a stack is good, dies independent."""
    return float(die_ratio**die_count)


def reached_ratio(fails: Sequence[int], units: int) -> list[float | None]:
    """Fail ratio of each test of a stop-on-fail sequence, of the units that reached it.

    The naive ratio of all units understates every later test.
    """
    answers: list[float | None] = []
    for count in fails:
        answers.append(ratio(count, units))
        units -= count
    return answers
