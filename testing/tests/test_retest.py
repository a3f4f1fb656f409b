from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from testing.domain.retest import (
    Insertions,
    RetestCounts,
    consolidate,
    is_flagged_retest,
    retest_counts,
)
from testing.domain.words import RetestPolicy

PASS, FAIL = True, False


@dataclass(frozen=True)
class Insertion:
    unit: str
    is_passed: bool
    is_flagged: bool = False


LISTS = st.lists(
    st.builds(Insertion, st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=30
)


def columns(insertions: list[Insertion]) -> Insertions:
    return Insertions(
        np.array([ord(one.unit) for one in insertions], dtype=np.int64),
        np.array([one.is_passed for one in insertions], dtype=np.bool_),
        np.array([one.is_flagged for one in insertions], dtype=np.bool_),
    )


def finals(insertions: list[Insertion], policy: RetestPolicy) -> list[int]:
    found = consolidate(columns(insertions), policy)
    return np.flatnonzero(found.is_final).tolist()


def counts(insertions: list[Insertion], policy: RetestPolicy) -> RetestCounts:
    return retest_counts(columns(insertions), policy)


def decided_one_by_one(insertions: list[Insertion], policy: RetestPolicy) -> list[int]:
    """The rule as it is said, insertion by insertion."""
    deciding: dict[str, int] = {}
    for index, one in enumerate(insertions):
        before = deciding.get(one.unit)
        supersedes = {
            RetestPolicy.LAST: True,
            RetestPolicy.BEST: before is not None and not insertions[before].is_passed,
            RetestPolicy.FLAGGED: one.is_flagged,
        }[policy]
        if before is None or supersedes:
            deciding[one.unit] = index
    return sorted(deciding.values())


@given(LISTS, st.sampled_from(RetestPolicy))
def test_columns_decide_as_one_by_one(insertions: list[Insertion], policy: RetestPolicy) -> None:
    assert finals(insertions, policy) == decided_one_by_one(insertions, policy)


def test_last_insertion_decides_even_when_it_fails() -> None:
    again = [Insertion("a", PASS), Insertion("a", FAIL)]
    assert finals(again, RetestPolicy.LAST) == [1]


def test_best_keeps_the_first_pass() -> None:
    again = [Insertion("a", FAIL), Insertion("a", PASS), Insertion("a", PASS), Insertion("a", FAIL)]
    assert finals(again, RetestPolicy.BEST) == [1]


def test_best_takes_the_latest_of_failures() -> None:
    assert finals([Insertion("a", FAIL)] * 3, RetestPolicy.BEST) == [2]


def test_flagged_leaves_out_repeats_the_tester_did_not_mark() -> None:
    again = [Insertion("a", FAIL), Insertion("a", PASS, is_flagged=True), Insertion("a", FAIL)]
    assert finals(again, RetestPolicy.FLAGGED) == [1]


def test_attempts_count_per_unit() -> None:
    mixed = [Insertion("a", FAIL), Insertion("b", PASS), Insertion("a", PASS)]
    assert consolidate(columns(mixed), RetestPolicy.LAST).attempt.tolist() == [1, 1, 2]


def test_nothing_inserted_has_no_standings() -> None:
    assert [finals([], policy) for policy in RetestPolicy] == [[], [], []]
    assert counts([], RetestPolicy.BEST) == RetestCounts()


def test_either_supersede_bit_marks_a_retest() -> None:
    flags = np.array([0b00, 0b01, 0b10, 0b1100], dtype=np.uint8)
    assert is_flagged_retest(flags).tolist() == [False, True, True, False]


def test_counts_tell_first_pass_final_and_recovered_apart() -> None:
    mixed = [
        Insertion("a", FAIL),
        Insertion("b", PASS),
        Insertion("a", PASS),
        Insertion("c", FAIL),
        Insertion("b", FAIL),
    ]
    assert counts(mixed, RetestPolicy.LAST) == RetestCounts(
        insertions=5, units=3, first_passed=1, final_passed=1, retested=2, recovered=1
    )


@given(LISTS, st.sampled_from(RetestPolicy))
def test_each_unit_has_one_first_and_one_deciding_insertion(
    insertions: list[Insertion], policy: RetestPolicy
) -> None:
    found = consolidate(columns(insertions), policy)
    units = sorted({one.unit for one in insertions})
    for chosen in (found.attempt == 1, found.is_final):
        assert sorted(insertions[place].unit for place in np.flatnonzero(chosen)) == units


@given(LISTS)
def test_best_never_yields_less_than_last(insertions: list[Insertion]) -> None:
    best = counts(insertions, RetestPolicy.BEST)
    last = counts(insertions, RetestPolicy.LAST)
    assert best.final_passed >= max(last.final_passed, best.first_passed)


@given(LISTS)
def test_first_pass_does_not_depend_on_the_policy(insertions: list[Insertion]) -> None:
    found = [counts(insertions, policy) for policy in RetestPolicy]
    assert len({(c.units, c.first_passed, c.retested, c.insertions) for c in found}) == 1
